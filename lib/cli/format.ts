import { styleText } from "node:util";

// styleText looks at the terminal, NO_COLOR and FORCE_COLOR by itself.
export const bold = (text: string): string => styleText("bold", text);
export const dim = (text: string): string => styleText("dim", text);
export const green = (text: string): string => styleText("green", text);
export const red = (text: string): string => styleText("red", text);
export const yellow = (text: string): string => styleText("yellow", text);

const units = ["bytes", "kB", "MB", "GB", "TB"];

/** A number of bytes for people: `4.9 kB`. */
export function formatBytes(bytes: number): string {
  const power = bytes < 1000 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), units.length - 1);
  const value = bytes / 1000 ** power;
  return `${power === 0 ? value : value.toFixed(1)} ${bytes === 1 ? "byte" : units[power]}`;
}

/** A number for people: `1,234,567`. */
export function formatCount(count: number, what: string): string {
  return `${count.toLocaleString("en-US")} ${what}${count === 1 ? "" : "s"}`;
}

/**
 * Columns without lines, as wide as their longest cell. Files have tens of thousands of tensors: it takes no longer than
 * to print them.
 *
 * @param right - the columns that are aligned to the right, by their heads
 */
export function formatTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly string[] = [],
): string {
  const widths = head.map((name, column) =>
    rows.reduce((width, row) => Math.max(width, row[column]?.length ?? 0), name.length),
  );
  const pad = (cell: string, column: number) =>
    right.includes(head[column] ?? "")
      ? cell.padStart(widths[column] ?? 0)
      : cell.padEnd(widths[column] ?? 0);
  const line = (row: readonly string[]) => row.map(pad).join("  ").trimEnd();
  return [bold(line(head)), ...rows.map(line)].join("\n");
}
