/** How a command answers: JSON for programs, a table or text for people. Logs and progress go to stderr. */
export interface Output {
  readonly json: boolean;
}

/** Bigints as decimal strings: JSON numbers lose digits. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_, item) => (typeof item === "bigint" ? item.toString() : item), 2);
}

/** Prints a value: as JSON, or as name and value lines for a record, as a table for a list of records. */
export function print(output: Output, value: unknown): void {
  process.stdout.write(`${output.json ? toJson(value) : forPeople(value)}\n`);
}

function forPeople(value: unknown): string {
  if (Array.isArray(value) && value.length > 0 && value.every(isRecord)) return table(value);
  if (Array.isArray(value)) return value.length === 0 ? "(none)" : value.map(text).join("\n");
  if (!isRecord(value)) return text(value);
  const lists = Object.entries(value).filter(([, item]) => Array.isArray(item) && item.some(isRecord));
  const rest = Object.entries(value).filter((entry) => !lists.some(([name]) => name === entry[0]));
  const lines = rest.flatMap(([name, item]) => linesOf(name, item));
  const tables = lists.map(([name, item]) => `${name}:\n${forPeople(item)}`);
  return [...(lines.length > 0 ? [table(lines, false)] : []), ...tables].join("\n\n");
}

type Line = {
  readonly name: string;
  readonly value: unknown;
};

/** The fields of a record within go by name.field, the items of a list stand below each other. */
function linesOf(name: string, value: unknown): Line[] {
  if (isRecord(value)) return Object.entries(value).flatMap(([field, item]) => linesOf(`${name}.${field}`, item));
  if (!Array.isArray(value)) return [{ name, value }];
  if (value.length === 0) return [{ name, value: "(none)" }];
  return value.map((item, i) => ({ name: i === 0 ? name : "", value: item }));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function text(value: unknown): string {
  if (value === null || value === undefined) return "–";
  return typeof value === "object"
    ? JSON.stringify(value, (_, item) => (typeof item === "bigint" ? `${item}` : item))
    : `${value}`;
}

/** Columns as wide as their widest cell; numbers to the right. */
export function table(rows: readonly Record<string, unknown>[], header = true): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cells = rows.map((row) => columns.map((column) => text(row[column])));
  const numeric = columns.map((_, i) => cells.every((row) => /^-?[\d,.]+$/.test(row[i] as string)));
  const widths = columns.map((column, i) =>
    Math.max(header ? column.length : 0, ...cells.map((row) => (row[i] as string).length)),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => (numeric[i] ? cell.padStart(widths[i] as number) : cell.padEnd(widths[i] as number)))
      .join("  ")
      .trimEnd();
  const lines = cells.map(line);
  return (header ? [line(columns), widths.map((width) => "─".repeat(width)).join("  "), ...lines] : lines).join("\n");
}

/** Progress for people, on stderr. */
export function note(message: string): void {
  process.stderr.write(`${message}\n`);
}
