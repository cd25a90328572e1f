// The page "Ask in SQL": an editor, ready queries, and a result as table, chart and CSV.
import { chooseChart, drawChart, listChoices } from "./chart.js";
import { createEditor } from "./editor.js";
import { Engine, MOST_ROWS } from "./engine.js";
import { showTable } from "./table.js";
import { toLines } from "./values.js";

const { atlas } = window; // what every page of the site has: assets/atlas.js
const page = JSON.parse(document.getElementById("sql-page").textContent);
const find = (id) => document.getElementById(id);
const state = { engine: null, result: null, query: null, country: "", isRunning: false, isAskedAgain: false, isStopped: false };

const editor = createEditor(find("editor"), page.tables, { run: () => run(), change: () => markReady() });

function tell(text, kind = "") {
  find("status").textContent = text;
  find("status").className = kind;
}

function fail(error) {
  const [first, ...rest] = String(error.message ?? error).split("\n");
  const hint = /\bicu\b/.test(error.message ?? "")
    ? "This function works with time zones, which DuckDB in the browser doesn't have. All times here are UTC; `make sql` has the function."
    : "";
  find("error").replaceChildren(
    atlas.element("p", {}, atlas.element("b", {}, first)),
    rest.join("").trim() ? atlas.element("pre", { tabindex: 0 }, rest.join("\n").trim()) : "",
    hint ? atlas.element("p", {}, hint) : "",
  );
  find("error").hidden = false;
}

/** Which ready query stands in the editor, if it stands there as it was. */
function markReady() {
  const text = editor.read();
  const known = page.queries.find(({ sql }) => sql === text);
  state.query = known ?? null;
  for (const button of find("queries").querySelectorAll("button"))
    button.setAttribute("aria-current", String(known?.name === button.dataset.query));
}

async function start() {
  if (location.protocol === "file:") {
    tell("This page needs a server: it can't run from a file.", "stopped");
    find("needs-server").hidden = false;
    return;
  }
  tell("Starting DuckDB …");
  const began = performance.now();
  try {
    state.engine = await Engine.start(page.files);
  } catch (error) {
    tell("DuckDB could not start.", "stopped");
    fail(new Error(`${error.message ?? error}\nIf the release has changed since this page was opened, load the page again. Your browser must be of 2022 or newer.`));
    return;
  }
  const seconds = (performance.now() - began) / 1000;
  find("run").disabled = false;
  tell(`Ready in ${seconds.toFixed(1)} s: DuckDB ${state.engine.version}, ${page.tables.length} tables.`, "ready");
  document.documentElement.dataset.sqlReady = String(performance.now());
  if (state.isAskedAgain || wanted()?.query) await run();
}

/** Runs what stands in the editor; asked for while a query runs, it runs once more when that has ended. */
async function run() {
  state.isAskedAgain = true;
  if (!state.engine || state.isRunning) return;
  state.isRunning = true;
  find("stop").disabled = false;
  while (state.isAskedAgain) {
    state.isAskedAgain = false;
    await runOnce(editor.read().trim(), state.query);
  }
  find("stop").disabled = true;
  state.isRunning = false;
}

async function runOnce(sql, query) {
  if (!sql) return tell("There is nothing to run.");
  find("error").hidden = true;
  state.isStopped = false;
  tell("Running …");
  try {
    const country = find("country").value;
    if (country !== state.country) await state.engine.choose(country);
    state.country = country;
    state.result = await state.engine.run(sql);
    show(state.result, query);
    history.replaceState(null, "", query ? `#query=${query.name}` : `#sql=${encodeURIComponent(sql)}`);
  } catch (error) {
    find("result").hidden = true;
    if (state.isStopped) return tell("Stopped.");
    tell("The query failed.", "stopped");
    fail(error);
  }
}

function show(result, query) {
  const rows = result.rows.length.toLocaleString("en");
  const cut = result.isCut ? ` The first ${MOST_ROWS.toLocaleString("en")} rows are here, also in the CSV; the result has more.` : "";
  tell(`${rows} ${result.rows.length === 1 ? "row" : "rows"} in ${result.seconds.toFixed(2)} s.${cut}`, "ready");
  find("result").hidden = false;
  find("title").textContent = query?.question ?? "Result";
  showTable(find("table"), result, "title");
  showChart(result);
}

function showChart(result) {
  const choice = chooseChart(result);
  find("chart").hidden = !choice;
  if (!choice) return;
  const choices = listChoices(result);
  const fill = (id, columns, chosen, none) => {
    const options = columns.map(({ index, name }) => new Option(name, index, false, index === chosen?.index));
    find(id).replaceChildren(...(none ? [new Option(none, "")] : []), ...options);
  };
  find("mark").value = choice.mark;
  fill("x", choices.x, choice.x);
  fill("y", choices.y, choice.y);
  fill("colour", choices.colour, choice.colour, "none");
  redraw();
}

async function redraw() {
  if (!state.result || find("chart").hidden) return;
  const column = (id) => state.result.columns[find(id).value];
  const choice = {
    mark: find("mark").value,
    x: column("x"),
    y: column("y"),
    colour: find("colour").value === "" ? null : column("colour"),
  };
  find("plot").setAttribute("aria-label", `Chart of ${choice.y.name} by ${choice.x.name}. The data are in the table.`);
  find("chart-note").textContent = await drawChart(find("plot"), state.result, choice);
}

/** What the address asks for: a ready query, which may run at once, or SQL of somebody else, which the reader runs. */
function wanted() {
  const asked = new URLSearchParams(location.hash.slice(1));
  const query = page.queries.find(({ name }) => name === asked.get("query"));
  return query ? { query } : asked.get("sql") ? { sql: asked.get("sql") } : null;
}

function take() {
  const asked = wanted();
  editor.write(asked?.query?.sql ?? asked?.sql ?? page.queries.find(({ name }) => name === "top_suppliers_5y")?.sql ?? "");
  markReady();
}

find("run").addEventListener("click", run);
find("stop").addEventListener("click", () => {
  state.isStopped = true;
  state.engine.stop();
});
find("country").addEventListener("change", run);
find("save").addEventListener("click", () => atlas.save(`${state.query?.name ?? "result"}.csv`, atlas.csvLines(toLines(state.result))));
for (const id of ["mark", "x", "y", "colour"]) find(id).addEventListener("change", redraw);
for (const button of find("queries").querySelectorAll("button"))
  button.addEventListener("click", () => {
    editor.write(page.queries.find(({ name }) => name === button.dataset.query).sql);
    markReady();
    run();
  });
for (const button of find("tables").querySelectorAll("button"))
  button.addEventListener("click", () => {
    editor.write(`select *\nfrom ${button.dataset.table}\nlimit 100`);
    run();
  });
addEventListener("hashchange", () => {
  if (!wanted()) return;
  take();
  if (wanted().query) run();
});
document.addEventListener("atlas:theme", redraw);
take();
start();
