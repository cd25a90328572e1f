// A result as a table: TanStack Table sorts and pages it, the markup is a plain one that screen readers know.
import { createTable, getCoreRowModel, getPaginationRowModel, getSortedRowModel } from "@tanstack/table-core";
import { make } from "./browser.js";
import { kindOf, toShort } from "./values.js";

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
  const head = make("tr");
  for (const header of table.getFlatHeaders()) {
    const order = header.column.getIsSorted();
    const cell = make("th", { scope: "col", className: kinds[Number(header.id)] });
    cell.setAttribute("aria-sort", { asc: "ascending", desc: "descending" }[order] ?? "none");
    const button = make("button", { type: "button", textContent: header.column.columnDef.header });
    button.dataset.focus = `sort-${header.id}`;
    button.addEventListener("click", () => header.column.toggleSorting());
    cell.append(button);
    head.append(cell);
  }
  const body = make("tbody");
  for (const row of table.getRowModel().rows) {
    const line = make("tr");
    columns.forEach(({ index, type }) => {
      const value = row.original[index];
      const isNull = value === null || value === undefined;
      const cell = make("td", { className: kinds[index], textContent: isNull ? "NULL" : toShort(value, type) });
      if (isNull) cell.classList.add("null");
      line.append(cell);
    });
    body.append(line);
  }
  const whole = make("table", { className: "result" });
  const thead = make("thead");
  thead.append(head);
  whole.setAttribute("aria-labelledby", titleId);
  whole.append(thead, body);
  // a reader without a mouse scrolls it with the arrow keys
  const frame = make("div", { className: "scroll", tabIndex: 0, role: "region" });
  frame.setAttribute("aria-label", "Rows of the result");
  frame.append(whole);
  return frame;
}

function drawPager(table, { rows }) {
  if (rows.length <= PAGE_ROWS) return [];
  const { pageIndex, pageSize } = table.getState().pagination;
  const pager = make("nav", { className: "pager" });
  pager.setAttribute("aria-label", "Pages of the result");
  const from = pageIndex * pageSize;
  const told = `Rows ${tell(from + 1)}–${tell(Math.min(from + pageSize, rows.length))} of ${tell(rows.length)}`;
  const steps = [
    ["First", () => table.setPageIndex(0), table.getCanPreviousPage()],
    ["Previous", () => table.previousPage(), table.getCanPreviousPage()],
    ["Next", () => table.nextPage(), table.getCanNextPage()],
    ["Last", () => table.setPageIndex(table.getPageCount() - 1), table.getCanNextPage()],
  ];
  const buttons = steps.map(([name, go, isPossible]) => {
    const button = make("button", { type: "button", className: "quiet", textContent: name });
    button.dataset.focus = `page-${name}`;
    // not `disabled`: the focus would be lost on the last page
    button.setAttribute("aria-disabled", String(!isPossible));
    button.addEventListener("click", () => isPossible && go());
    return button;
  });
  pager.append(...buttons, make("span", { role: "status", textContent: told }));
  return [pager];
}

const tell = (number) => number.toLocaleString("en");
