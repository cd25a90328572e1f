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

/** The result as lines of cells for a CSV file, the header first; numbers as they are, all else as text. */
export function toLines({ columns, rows }) {
  const tell = (value, type) => (kindOf(type) === "number" ? value : toText(value, type));
  return [columns.map(({ name }) => name), ...rows.map((row) => columns.map(({ index, type }) => tell(row[index], type)))];
}

function tellMoment(milliseconds) {
  const [day, time] = new Date(milliseconds).toISOString().slice(0, -1).split("T");
  return `${day} ${time.replace(/\.?0+$/, (end) => (end.startsWith(".") ? "" : time.includes(".") ? "" : end))}`;
}

function tellBig(_, value) {
  return typeof value === "bigint" ? String(value) : value;
}
