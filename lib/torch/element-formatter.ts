/** One element of a tensor. */
export type Element = number | bigint | boolean;

const precision = 4;

/**
 * How PyTorch prints each of the elements shown together, all as wide as the widest: whole floats as `1.`, floats with
 * four decimals, or in scientific notation where they lie far apart, are huge or are tiny.
 */
export function elementFormatter(
  elements: Element[],
  isFloating: boolean,
): { width: number; format: (element: Element) => string } {
  const write = isFloating ? floatWriter(elements as number[]) : writeExact;
  // Zeros and what is not finite have no say in the width of floats.
  const telling = isFloating ? elements.filter(isNonzeroFinite) : elements;
  const width = telling.reduce<number>((widest, element) => Math.max(widest, write(element).length), 1);
  return { width, format: (element) => write(element).padStart(width) };
}

function isNonzeroFinite(element: Element): boolean {
  return Number.isFinite(element) && element !== 0;
}

function writeExact(element: Element): string {
  if (typeof element === "boolean") return element ? "True" : "False";
  return String(element);
}

function floatWriter(elements: number[]): (element: Element) => string {
  let min = Number.POSITIVE_INFINITY;
  let max = 0;
  let isWhole = true;
  for (const element of elements.filter(isNonzeroFinite)) {
    min = Math.min(min, Math.abs(element));
    max = Math.max(max, Math.abs(element));
    isWhole &&= Number.isInteger(element);
  }
  const isScientific = max > 0 && (max / min > 1000 || max > 1e8 || min < 1e-4);
  const writeFinite = isScientific ? writeScientific : isWhole ? writeWhole : writeFixed;
  return (element) => {
    const value = Number(element);
    if (Number.isNaN(value)) return "nan";
    if (!Number.isFinite(value)) return value < 0 ? "-inf" : "inf";
    return (value < 0 || Object.is(value, -0) ? "-" : "") + writeFinite(Math.abs(value));
  };
}

function writeWhole(magnitude: number): string {
  return `${magnitude}.`;
}

function writeFixed(magnitude: number): string {
  return halvesToEven(magnitude.toFixed(precision), magnitude.toFixed(100));
}

function writeScientific(magnitude: number): string {
  const text = halvesToEven(magnitude.toExponential(precision), magnitude.toExponential(100));
  return text.replace(/e([+-])(\d)$/, "e$10$2");
}

/** JavaScript rounds a decimal that lies exactly between two others up; Python takes the even one. */
function halvesToEven(rounded: string, exact: string): string {
  const rest = exact.slice(exact.indexOf(".") + 1 + precision);
  if (!/^50*(e|$)/.test(rest)) return rounded;
  return rounded.replace(
    /(\.\d{3})([13579])/,
    (_, kept: string, digit: string) => `${kept}${Number(digit) - 1}`,
  );
}
