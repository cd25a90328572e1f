// A result as a table: TanStack Table sorts and pages it, the markup is a plain one that screen readers know.
import { createTable, getCoreRowModel, getPaginationRowModel, getSortedRowModel } from "@tanstack/table-core";
import { kindOf, toShort } from "./values.js";

const { atlas } = window;
const PAGE_ROWS = 50;

/**
 * Shows a result.
 * @param {HTMLElement} parent emptied first.
 * @param {import("./engine.js").Result} result what is shown.
 * @param {string} titleId id of the heading that names it.
 */
export function showTable(parent, result, titleId) {
  let state;
  const table = createTable({
    data: result.rows,
    columns: result.columns.map(({ index, name }) => ({
      id: String(index),
      header: name,
      accessorFn: (row) => row[index] ?? undefined, // NULL comes last, whichever way it is sorted
      sortUndefined: "last",
      sortingFn: "basic",
    })),
    state: {},
    renderFallbackValue: null,
    onStateChange: () => {},
    getCoreRowModel: getCoreRowModel(),
    getSortedRowModel: getSortedRowModel(),
    getPaginationRowModel: getPaginationRowModel(),
  });
  const set = (next) => {
    state = typeof next === "function" ? next(state) : next;
    table.setOptions((options) => ({ ...options, state, onStateChange: set }));
    draw();
  };
  const draw = () => {
    const focused = parent.contains(document.activeElement) ? document.activeElement.dataset.focus : null;
    parent.replaceChildren(drawTable(table, result, titleId), ...drawPager(table, result));
    if (focused) parent.querySelector(`[data-focus="${focused}"]`)?.focus();
  };
  set({ ...table.initialState, sorting: [], pagination: { pageIndex: 0, pageSize: PAGE_ROWS } });
}

function drawTable(table, { columns }, titleId) {
  const kinds = columns.map(({ type }) => kindOf(type));
  const head = atlas.element("tr");
  for (const header of table.getFlatHeaders()) {
    const order = header.column.getIsSorted();
    const button = atlas.element("button", { type: "button", "data-focus": `sort-${header.id}` }, header.column.columnDef.header);
    button.addEventListener("click", () => header.column.toggleSorting());
    const sorted = { asc: "ascending", desc: "descending" }[order] ?? "none";
    head.append(atlas.element("th", { scope: "col", class: kinds[Number(header.id)], "aria-sort": sorted }, button));
  }
  const tellCell = (row, { index, type }) => {
    const value = row.original[index];
    const isNull = value === null || value === undefined;
    return atlas.element("td", { class: kinds[index] + (isNull ? " null" : "") }, isNull ? "NULL" : toShort(value, type));
  };
  const lines = table.getRowModel().rows.map((row) => atlas.element("tr", {}, columns.map((column) => tellCell(row, column))));
  const whole = atlas.element("table", { class: "result", "aria-labelledby": titleId },
    atlas.element("thead", {}, head), atlas.element("tbody", {}, lines));
  // a reader without a mouse scrolls it with the arrow keys
  return atlas.element("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Rows of the result" }, whole);
}

function drawPager(table, { rows }) {
  if (rows.length <= PAGE_ROWS) return [];
  const { pageIndex, pageSize } = table.getState().pagination;
  const from = pageIndex * pageSize;
  const told = `Rows ${atlas.count(from + 1)}–${atlas.count(Math.min(from + pageSize, rows.length))} of ${atlas.count(rows.length)}`;
  const steps = [
    ["First", () => table.setPageIndex(0), table.getCanPreviousPage()],
    ["Previous", () => table.previousPage(), table.getCanPreviousPage()],
    ["Next", () => table.nextPage(), table.getCanNextPage()],
    ["Last", () => table.setPageIndex(table.getPageCount() - 1), table.getCanNextPage()],
  ];
  const buttons = steps.map(([name, go, isPossible]) => {
    // not `disabled`: the focus would be lost on the last page
    const button = atlas.element("button", { type: "button", class: "quiet", "data-focus": `page-${name}`, "aria-disabled": String(!isPossible) }, name);
    button.addEventListener("click", () => isPossible && go());
    return button;
  });
  return [atlas.element("nav", { class: "pager", "aria-label": "Pages of the result" }, buttons, atlas.element("span", { role: "status" }, told))];
}
