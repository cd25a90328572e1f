// What a value of a result looks like: kinds of columns, texts as DuckDB prints them, CSV.
import { DataType } from "apache-arrow";

/** number, time (a moment or a day), boolean, or text. */
export function kindOf(type) {
  if (DataType.isDictionary(type)) return kindOf(type.dictionary);
  if (DataType.isInt(type) || DataType.isFloat(type) || DataType.isDecimal(type)) return "number";
  if (DataType.isDate(type) || DataType.isTimestamp(type)) return "time";
  return DataType.isBool(type) ? "boolean" : "text";
}

/** The text of a value; an empty one for NULL. */
export function toText(value, type) {
  if (value === null || value === undefined) return "";
  if (DataType.isDate(type)) return new Date(Number(value)).toISOString().slice(0, 10);
  if (DataType.isTimestamp(type)) return tellMoment(Number(value));
  return typeof value === "object" ? JSON.stringify(value, tellBig) : String(value);
}

/** The text of a value in the table: a fraction is rounded there, the CSV has all its digits. */
export function toShort(value, type) {
  if (typeof value !== "number" || kindOf(type) !== "number" || Number.isInteger(value)) return toText(value, type);
  return String(Math.abs(value) < 1 ? Number(value.toPrecision(4)) : Math.round(value * 1e3) / 1e3);
}

/** The result as CSV by RFC 4180. */
export function toCsv({ columns, rows }) {
  const lines = [columns.map((column) => quote(column.name))];
  for (const row of rows) lines.push(columns.map(({ index, type }) => quote(defuse(toText(row[index], type), type))));
  return lines.map((line) => line.join(",")).join("\r\n") + "\r\n";
}

function tellMoment(milliseconds) {
  const [day, time] = new Date(milliseconds).toISOString().slice(0, -1).split("T");
  return `${day} ${time.replace(/\.?0+$/, (end) => (end.startsWith(".") ? "" : time.includes(".") ? "" : end))}`;
}

function tellBig(_, value) {
  return typeof value === "bigint" ? String(value) : value;
}

/** A text that a spreadsheet would run as a formula gets an apostrophe before it. */
function defuse(text, type) {
  return kindOf(type) === "text" && /^[=+@\t\r-]/.test(text) ? `'${text}` : text;
}

function quote(text) {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
