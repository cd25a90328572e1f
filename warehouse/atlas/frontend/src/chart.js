// A result as a chart: Vega-Lite draws it; here is only what is put on which axis, and a way to choose otherwise.
import { kindOf, toText } from "./values.js";

const { atlas } = window;
const MOST_ROWS = 5_000;
const MOST_BARS = 40;
const MOST_COLOURS = 10;
const COLOURS = ["#3b7dd8", "#e0643c", "#1f9e89", "#8e5bb5", "#d9a514", "#c565a4", "#5fb0c9", "#a8894b", "#2f6f6a", "#7f8a99"];
/** Columns whose values must not share an axis: news and register count differently, orders aren't deliveries. */
const APART = ["evidence_source", "basis"];
const NO_MEASURE = /(_key|_id|_rank|_year|^year|_month|^number)$/;

/** How a column can be used: time, measure or category. */
function roleOf({ name, type }) {
  const kind = kindOf(type);
  if (kind === "time") return "time";
  if (kind === "number") return /(^|_)year$/.test(name) ? "time" : NO_MEASURE.test(name) ? "other" : "measure";
  return "category";
}

/** What a chart of this result would show first; null where it has no number. */
export function chooseChart({ columns, rows }) {
  const by = (role) => columns.filter((column) => roleOf(column) === role && rows.some((row) => row[column.index] != null));
  const [measure] = by("measure");
  if (!measure) return null;
  const categories = by("category").filter(({ name }) => !APART.includes(name));
  const distinct = ({ index }) => new Set(rows.map((row) => row[index])).size;
  const time = by("time").find((column) => isSeries(rows, columns, column));
  const colours = categories.filter((column) => distinct(column) > 1 && distinct(column) <= MOST_COLOURS);
  if (time) {
    // a line joins one number for each moment; where there are several, dots tell them without joining or adding them
    const lines = [null, ...colours].find((colour) => isUnique(rows, columns, colour ? [time, colour] : [time]));
    return { mark: lines === undefined ? "point" : "line", x: time, y: measure, colour: lines ?? colours[0] ?? null };
  }
  if (categories.length) return { mark: "bar", x: categories[0], y: measure, colour: null };
  const [moment] = by("time");
  return moment ? { mark: "point", x: moment, y: measure, colour: null } : null;
}

/** Whether some panel has more than two moments of a column. */
function isSeries(rows, columns, { index }) {
  const moments = new Map();
  for (const row of rows) {
    const panel = tellPanel(row, columns);
    moments.set(panel, (moments.get(panel) ?? new Set()).add(row[index]));
  }
  return [...moments.values()].some((seen) => seen.size > 2);
}

const tellPanel = (row, columns) =>
  columns.filter(({ name }) => APART.includes(name)).map(({ index }) => row[index] ?? "unknown").join(", ");

/** The columns that can be chosen for each part of a chart. */
export function listChoices({ columns }) {
  return {
    x: columns.filter((column) => !APART.includes(column.name)),
    y: columns.filter(({ type }) => kindOf(type) === "number"),
    colour: columns.filter((column) => roleOf(column) === "category" && !APART.includes(column.name)),
  };
}

/**
 * Draws a chart.
 * @param {HTMLElement} plot where it goes.
 * @param {import("./engine.js").Result} result what is drawn.
 * @param {{mark: string, x: object, y: object, colour: object | null}} choice what goes where.
 * @returns {Promise<string>} what the reader must know about what isn't drawn.
 */
export async function drawChart(plot, result, choice) {
  const { spec, note } = buildChart(result, choice, plot.parentElement.clientWidth);
  await atlas.load("assets/vega.js");
  await window.vegaEmbed(plot, spec, {
    actions: false,
    renderer: "svg",
    ast: true, // the page's policy lets nothing be compiled from text
    config: buildConfig(),
    tooltip: { theme: atlas.isDark() ? "dark" : "light" },
  });
  return note;
}

/** The Vega-Lite specification, and what isn't drawn in it. */
export function buildChart({ columns, rows }, { mark, x, y, colour }, width) {
  const told = rows.filter((row) => row[y.index] != null && row[x.index] != null);
  const apart = columns.filter(({ name }) => APART.includes(name));
  const isBar = mark === "bar" && roleOf(x) !== "time";
  const labelled = isBar ? findLabel(told, columns, [x, ...apart], x) : [x];
  const values = told.slice(0, isBar ? MOST_BARS : MOST_ROWS).map((row) => ({
    x: isBar ? labelled.map(({ index, type }) => toText(row[index], type)).join(" · ") : plain(row[x.index], x),
    y: Number(row[y.index]),
    colour: colour ? toText(row[colour.index], colour.type) || "NULL" : undefined,
    panel: tellPanel(row, columns),
  }));
  const left = rows.length - values.length;
  const note = left ? `${left.toLocaleString("en")} of ${rows.length.toLocaleString("en")} rows aren't drawn: they lack a value, or come after the ones drawn.` : "";
  return { spec: buildSpec(values, { mark, x, y, colour, isBar, isApart: new Set(values.map((row) => row.panel)).size > 1 }, width), note };
}

function buildSpec(values, { mark, x, y, colour, isBar, isApart }, width) {
  const position = { field: "x", title: x.name, ...scaleOf(x, isBar) };
  const measure = { field: "y", type: "quantitative", title: y.name, axis: { format: "~s" } };
  const columns = isApart && width > 700 ? 2 : 1;
  const encoding = {
    ...(isBar ? { y: { ...position, sort: null, axis: { labelLimit: labelWidth(width), title: null } }, x: measure } : { x: position, y: measure }),
    ...(colour ? { color: { field: "colour", type: "nominal", title: colour.name, scale: { range: COLOURS } } } : { color: { value: atlas.colour("accent") } }),
    tooltip: [{ field: "x", title: x.name, type: position.type }, { field: "y", title: y.name, type: "quantitative" }, ...(colour ? [{ field: "colour", title: colour.name }] : [])],
  };
  const one = { mark: { type: mark, ...(mark === "line" ? { point: true } : {}), ...(mark === "point" ? { filled: true } : {}) }, encoding };
  const size = { width: Math.max(160, width / columns - (isBar ? labelWidth(width) + 40 : 90)), height: isBar ? { step: 20 } : 260 };
  const data = { values };
  if (!isApart) return { data, ...one, ...size };
  return {
    data,
    facet: { field: "panel", type: "nominal", title: null },
    columns,
    spec: { ...one, ...size },
    resolve: { scale: { x: "independent", y: "independent" }, axis: { x: "independent", y: "independent" } },
  };
}

const labelWidth = (width) => (width < 500 ? 130 : 260);

function scaleOf(column, isBar) {
  if (isBar || roleOf(column) === "category") return { type: "nominal", sort: null };
  if (kindOf(column.type) === "time") return { type: "temporal" };
  const isYear = roleOf(column) === "time";
  return { type: "quantitative", scale: { zero: false, nice: !isYear }, ...(isYear ? { axis: { format: "d", tickMinStep: 1 } } : {}) };
}

/** As few columns beside the first as tell the bars of a panel apart. */
function findLabel(rows, columns, fixed, first) {
  const label = [first];
  for (const column of columns.filter((one) => roleOf(one) !== "measure" && !fixed.includes(one))) {
    if (label.length === 3 || isUnique(rows, columns, label)) break;
    label.push(column);
  }
  return label;
}

function isUnique(rows, columns, label) {
  const all = [...label, ...columns.filter(({ name }) => APART.includes(name))];
  return new Set(rows.map((row) => JSON.stringify(all.map(({ index }) => String(row[index]))))).size === rows.length;
}

function plain(value, { type }) {
  const kind = kindOf(type);
  return kind === "time" || kind === "number" ? Number(value) : toText(value, type);
}

function buildConfig() {
  const [ink, soft, line] = ["ink", "soft", "line"].map((name) => atlas.colour(name));
  const axis = { labelColor: soft, titleColor: soft, gridColor: line, domainColor: line, tickColor: line, labelFontSize: 12 };
  return {
    background: "transparent",
    font: getComputedStyle(document.body).fontFamily,
    view: { stroke: null },
    axis,
    header: { labelColor: ink, labelFontSize: 13, labelFontWeight: "bold", labelAnchor: "start" },
    legend: { labelColor: ink, titleColor: soft, orient: "bottom", columns: innerWidth < 640 ? 2 : 5, labelLimit: 160 },
  };
}
