// What every page does: light and dark, loading a script once, CSV, small helpers for building elements.
"use strict";

const atlas = {
  up: document.body.dataset.up,
  loaded: new Map(),

  isDark() {
    const chosen = document.documentElement.dataset.theme;
    return (chosen || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  },

  colour(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  },

  // A page opened as a file may not fetch; a script it may load.
  load(path) {
    if (!this.loaded.has(path)) {
      this.loaded.set(path, new Promise((done, fail) => {
        const script = document.createElement("script");
        script.src = this.up + path;
        script.onload = done;
        script.onerror = () => fail(new Error(`${path} can't be loaded`));
        document.head.append(script);
      }));
    }
    return this.loaded.get(path);
  },

  // Text only ever becomes a text node: no name or sentence is read as markup.
  element(name, attributes = {}, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (value === true) made.setAttribute(key, "");
      else if (value !== null && value !== undefined && value !== false) made.setAttribute(key, value);
    }
    made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
    return made;
  },

  outside(address, text) {
    const isWeb = /^https?:\/\/[^/]/i.test(address || "");
    return isWeb ? this.element("a", { href: address, rel: "noopener noreferrer" }, text) : this.element("span", {}, text);
  },

  number(value, digits = 4) {
    return typeof value === "number" ? new Intl.NumberFormat("en", { maximumSignificantDigits: digits }).format(value) : "";
  },

  count(value) {
    return new Intl.NumberFormat("en").format(value);
  },

  // One cell of CSV by RFC 4180.
  quote(text) {
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  },

  // Lines of cells as CSV; a text that a spreadsheet would run as a formula gets an apostrophe before it.
  csvLines(lines) {
    const defuse = (value) => (typeof value === "string" && /^[=+@\t\r-]/.test(value) ? `'${value}` : String(value ?? ""));
    return lines.map((line) => line.map((value) => this.quote(defuse(value))).join(",")).join("\r\n") + "\r\n";
  },

  csv(rows) {
    const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
    return this.csvLines([columns, ...rows.map((row) => columns.map((name) => row[name]))]);
  },

  save(name, text) {
    const address = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
    const anchor = this.element("a", { href: address, download: name });
    document.body.append(anchor);
    anchor.click();
    anchor.remove();
    setTimeout(() => URL.revokeObjectURL(address), 10000);
  },

  table(rows, most = 500) {
    const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
    const isNumber = (name) => rows.every((row) => row[name] === null || row[name] === undefined || typeof row[name] === "number");
    const told = (name, value) => (typeof value === "number" && !name.endsWith("year") ? this.number(value, 6) : value ?? "");
    const head = this.element("tr", {}, columns.map((name) => this.element("th", { scope: "col", class: isNumber(name) ? "number" : null }, name.replaceAll("_", " "))));
    const body = rows.slice(0, most).map((row) =>
      this.element("tr", {}, columns.map((name) => this.element("td", { class: isNumber(name) ? "number" : null }, String(told(name, row[name]))))));
    const made = this.element("table", {}, this.element("thead", {}, head), this.element("tbody", {}, body));
    const rest = rows.length > most ? this.element("p", { class: "note" }, `${this.count(rows.length - most)} more rows are in the CSV.`) : null;
    return this.element("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": "Data of the chart" }, made, rest ?? "");
  },
};
window.atlas = atlas;

document.getElementById("theme").addEventListener("click", () => {
  const chosen = atlas.isDark() ? "light" : "dark";
  document.documentElement.dataset.theme = chosen;
  try { localStorage.setItem("atlas-theme", chosen); } catch { /* no storage: the choice holds for this page */ }
  document.dispatchEvent(new CustomEvent("atlas:theme"));
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => document.dispatchEvent(new CustomEvent("atlas:theme")));
