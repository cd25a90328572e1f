// Draws the charts of a page when they come near the window, from the rows beside them, with Vega-Lite.
"use strict";

(() => {
  const MARGIN = "400px", RECIPIENTS = 30, PARTIES = 7;
  const settings = new Map();
  const shade = JSON.parse(document.getElementById("poor-years")?.textContent ?? "[]");

  const LEGEND_COLUMN = 215, LEGEND_SYMBOL = 25;
  function config(width) {
    const columns = Math.max(1, Math.min(6, Math.floor(width / LEGEND_COLUMN)));
    const ink = atlas.colour("ink"), soft = atlas.colour("soft"), line = atlas.colour("line");
    const font = getComputedStyle(document.body).fontFamily;
    return {
      background: "transparent", font,
      view: { stroke: null },
      axis: { labelColor: soft, titleColor: soft, gridColor: line, domainColor: line, tickColor: line, labelFontSize: 12, gridOpacity: 0.7 },
      legend: { labelColor: ink, titleColor: soft, orient: "bottom", columns, labelFontSize: 12, symbolSize: 90, labelLimit: LEGEND_COLUMN - LEGEND_SYMBOL, gradientLength: width < 2 * LEGEND_COLUMN ? 110 : 200, offset: 8 },
      text: { color: ink, fontSize: 12 },
      axisY: { minExtent: 30 },
    };
  }

  // The specifications name colours of the style sheet; here they become what the theme says.
  const TOKENS = new Set(["paper", "ink", "gap", "land", "accent"]);
  function dress(node, accent) {
    if (Array.isArray(node)) return node.map((child) => dress(child, accent));
    if (node && typeof node === "object") return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, dress(value, accent)]));
    return TOKENS.has(node) ? atlas.colour(node === "accent" ? accent : node) : node;
  }

  // A legend shows what the chart shows, not all categories there are.
  function narrowLegend(node, rows) {
    for (const encoding of [node.encoding, ...(node.layer ?? []).map((layer) => layer.encoding)]) {
      const scale = encoding?.color?.scale;
      if (!scale?.domain) continue;
      const shown = new Set(rows.map((row) => row[encoding.color.field]));
      const kept = scale.domain.map((name, number) => [name, scale.range[number]]).filter(([name]) => shown.has(name));
      scale.domain = kept.map(([name]) => name);
      scale.range = kept.map(([, colour]) => colour);
    }
  }

  // Whole years on the axis, and a span of ten at least: one year alone would be one giant bar.
  function setYears(spec, first, last, width) {
    if (!Number.isFinite(first)) return;
    const [start, end] = [Math.min(first, last - 9), last];
    const step = [1, 2, 5, 10, 20, 50].find((one) => (end - start) / one <= width / 55) ?? 100;
    const values = [];
    for (let year = Math.ceil(start / step) * step; year <= end; year += step) values.push(year);
    for (const { encoding } of spec.layer ?? [spec]) {
      if (encoding?.x?.type !== "quantitative") continue;
      encoding.x.scale = { ...encoding.x.scale, domain: [start - 0.5, end + 0.5], padding: undefined };
      if (encoding.x.axis) encoding.x.axis = { ...encoding.x.axis, values };
    }
  }

  // A map keeps its shape, a list grows with its lines.
  function setHeight(spec, kind, rows, width) {
    if (kind === "flows") spec.height = Math.round(Math.min(540, Math.max(170, width * 0.5)));
    if (kind === "ranking") spec.height = rows.length * 24;
    if (kind === "sales") spec.height = new Set(rows.map((row) => row.recipient)).size * 24;
  }

  // Half a deal is none: few whole things have whole ticks.
  function setCounts(spec, kind, rows) {
    if (kind === "flows") return setScale(spec);
    if (!["by_year", "coverage"].includes(kind) || !rows.every((row) => Number.isInteger(row.amount))) return;
    const sums = new Map();
    for (const row of rows) sums.set(row.year ?? row.month, (sums.get(row.year ?? row.month) ?? 0) + row.amount);
    const most = Math.max(...sums.values());
    if (most > 5) return;
    for (const { encoding } of spec.layer ?? [spec]) {
      if (encoding?.y?.axis) encoding.y.axis = { ...encoding.y.axis, values: [...Array(most + 1).keys()], format: "d" };
    }
  }

  function setScale(spec) {
    const amounts = spec.datasets.totals.map((total) => total.amount), most = Math.max(...amounts);
    if (most > 8 || !amounts.every(Number.isInteger)) return;
    const values = [...Array(most + 1).keys()].slice(Math.min(...amounts));
    for (const { encoding } of spec.layer) if (encoding?.color?.field === "amount") encoding.color.legend = { values, format: "d" };
  }

  // A name of each year, or of each month where there are few; Vega would drop the years and leave "April, October".
  function setMonths(spec, kind, rows) {
    if (kind !== "coverage") return;
    const years = new Set(rows.map((row) => row.month.slice(0, 4))).size;
    Object.assign(spec.encoding.x.axis, years > 2 ? { tickCount: "year", format: "%Y" } : { tickCount: "month", format: "%b %Y" });
  }

  class Figure {
    constructor(element) {
      this.element = element;
      this.plot = element.querySelector(".plot");
      this.kind = element.dataset.chart;
      const { columns = [], rows = [] } = JSON.parse(element.querySelector("script.rows").textContent);
      this.rows = rows.map((values) => Object.fromEntries(columns.map((name, place) => [name, values[place]])));
      this.extra = {};
      element.querySelectorAll("select").forEach((select) => select.addEventListener("change", () => this.draw()));
      element.querySelector(".save-csv")?.addEventListener("click", () => atlas.save(`${element.id}.csv`, atlas.csv(this.chosen())));
      element.querySelector("details.data")?.addEventListener("toggle", (event) => this.fillTable(event.target));
    }

    choice(name) {
      return this.element.querySelector(`select[name="${name}"]`);
    }

    // Rows of the chosen basis and window; the SQL beside the chart gives all of them.
    chosen() {
      let rows = this.rows;
      for (const select of this.element.querySelectorAll("select[data-filter]")) {
        rows = rows.filter((row) => String(row[select.name]) === select.value);
      }
      return rows;
    }

    measure() {
      return this.choice("measure")?.value ?? this.element.dataset.measure;
    }

    drawn() {
      const measure = this.measure();
      const rows = this.chosen().filter((row) => row[measure] !== null && row[measure] !== undefined);
      return rows.map((row) => ({ ...row, amount: row[measure] }));
    }

    // What the chart can't show is told in words: rows without the number or the year, numbers that were spread.
    tellUndrawn(all, drawn, dated, measure) {
      const add = (name) => all.reduce((sum, row) => sum + (row[name] ?? 0), 0);
      const plural = (count, words) => `${atlas.count(count)} ${words}${count === 1 ? "" : "s"}`;
      const silent = { units: "deals_without_units", quantity: "deals_without_units", value_constant_usd: "deals_without_value" }[measure];
      const lacking = silent && all.some((row) => silent in row) ? add(silent) : 0;
      const told = [];
      if (lacking) told.push(`${atlas.count(lacking)} of ${plural(add("deals"), "deal")} tell no such number.`);
      if (drawn.length > dated.length) told.push(`Not drawn: ${plural(drawn.length - dated.length, "row")} without a year; the table and the CSV have them.`);
      if (measure !== "deals" && dated.some((row) => row.is_apportioned)) told.push("Numbers told for several years are spread evenly over them.");
      const note = this.element.querySelector(".undrawn");
      if (note) note.textContent = told.join(" ");
    }

    // What is more than a reader can take in is in the table: the rest of a ranking, recipients of few orders.
    limit(rows) {
      if (this.extra.most) return rows.slice(0, this.extra.most);
      if (this.kind !== "sales") return rows;
      const sums = new Map();
      for (const row of rows) sums.set(row.recipient, (sums.get(row.recipient) ?? 0) + row.amount);
      const kept = new Set([...sums].sort((one, other) => other[1] - one[1]).slice(0, RECIPIENTS).map(([name]) => name));
      const note = this.element.querySelector(".undrawn");
      if (sums.size > RECIPIENTS) note.textContent += ` The ${RECIPIENTS} greatest of ${sums.size} recipients are drawn.`;
      return this.colour(rows.filter((row) => kept.has(row.recipient)));
    }

    // Colours tell apart the greatest suppliers; the last colour is for all others.
    colour(rows) {
      const sums = new Map();
      for (const row of rows) sums.set(row.supplier, (sums.get(row.supplier) ?? 0) + row.amount);
      const greatest = [...sums].sort((one, other) => other[1] - one[1]).map(([name]) => name);
      const own = new Set(greatest.slice(0, greatest.length > PARTIES + 1 ? PARTIES : PARTIES + 1));
      const place = (row) => (own.has(row.supplier) ? greatest.indexOf(row.supplier) : greatest.length);
      return rows.map((row) => ({ ...row, party: own.has(row.supplier) ? row.supplier : "other suppliers" })).sort((one, other) => place(one) - place(other));
    }

    fillTable(details) {
      if (!details.open) return;
      details.querySelector(".scroll")?.remove();
      details.append(atlas.table(this.chosen()));
    }

    // Rows and words from a script of the page, in place of those that stand in it.
    set(rows, extra) {
      this.rows = rows;
      this.extra = extra;
      this.element.dataset.evidence = extra.evidence;
      this.element.querySelector(".unit").textContent = extra.unit + (extra.note ?? "");
      this.element.querySelector(".query code").textContent = extra.sql;
      return this.draw();
    }

    async draw() {
      const drawn = this.drawn();
      const yearField = ["by_year", "sales"].includes(this.kind) ? "year" : this.kind === "shares" ? "end_year" : null;
      const rows = yearField ? drawn.filter((row) => row[yearField] !== null) : drawn;
      this.tellUndrawn(this.chosen(), drawn, rows, this.measure());
      this.fillTable(this.element.querySelector("details.data"));
      this.element.classList.toggle("bare", rows.length === 0);
      this.view?.finalize();
      if (!rows.length) {
        this.plot.replaceChildren(atlas.element("p", { class: "empty" }, "Nothing to draw with this choice."));
        return;
      }
      await Promise.all([atlas.load("assets/vega.js"), atlas.load("assets/charts.js")]);
      const spec = structuredClone(window.atlasCharts[this.kind]);
      narrowLegend(spec, rows);
      const limited = this.limit(rows);
      const years = yearField ? rows.map((row) => row[yearField]) : [];
      const [first, last] = [Math.min(...years), Math.max(...years)];
      const isNews = this.element.dataset.evidence !== "register";
      spec.datasets = { rows: limited, ...(await this.extra.datasets?.()), shade: shade.filter((year) => isNews && yearField && year >= first && year <= last).map((year) => ({ year })) };
      if (!spec.datasets.shade.length && spec.layer) spec.layer = spec.layer.filter((layer) => layer.data?.name !== "shade");
      const ready = dress(spec, isNews ? "news" : "register");
      // after the colours: the shapes are many, and hold none
      for (const layer of ready.layer ?? []) {
        if (layer.data?.name === "world") layer.data = { values: window.atlasWorld, format: { type: "topojson", feature: "countries" } };
      }
      setYears(ready, first, last, this.plot.clientWidth);
      setHeight(ready, this.kind, limited, this.plot.clientWidth);
      setCounts(ready, this.kind, limited);
      setMonths(ready, this.kind, limited);
      this.plot.replaceChildren();
      const result = await window.vegaEmbed(this.plot, ready, {
        actions: false, renderer: "svg", ast: true, config: config(this.plot.clientWidth), tooltip: { theme: atlas.isDark() ? "dark" : "light" },
        loader: { target: "_self" },
      });
      // the plot is an image with a name; what Vega tells of each mark would be noise
      this.plot.querySelector("svg")?.setAttribute("aria-hidden", "true");
      this.view = result;
      this.element.dataset.drawn = "yes";
    }
  }

  const made = new Map();
  const near = new IntersectionObserver((entries) => {
    for (const entry of entries.filter((one) => one.isIntersecting)) {
      near.unobserve(entry.target);
      const figure = new Figure(entry.target);
      made.set(entry.target, figure);
      const waiting = settings.get(entry.target.id);
      if (waiting) figure.set(...waiting);
      else if (!entry.target.hasAttribute("data-waits")) figure.draw();
    }
  }, { rootMargin: MARGIN });
  atlas.setFigure = (id, rows, extra) => {
    settings.set(id, [rows, extra]);
    made.get(document.getElementById(id))?.set(rows, extra);
  };
  document.querySelectorAll("figure.chart[data-chart]").forEach((element) => near.observe(element));
  document.addEventListener("atlas:theme", () => made.forEach((figure) => figure.draw()));
  let narrow = innerWidth < 640;
  addEventListener("resize", () => {
    if (narrow === innerWidth < 640) return;
    narrow = !narrow;
    made.forEach((figure) => figure.draw());
  });
})();
