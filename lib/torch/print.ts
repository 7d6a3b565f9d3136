import { noGrad } from "./autograd.ts";
import { dtypes, isFloating } from "./dtype.ts";
import { type Element, elementFormatter } from "./element-formatter.ts";
import { operator } from "./operators.ts";
import { scope } from "./scope.ts";
import type { Tensor } from "./tensor.ts";

// PyTorch's defaults (torch.set_printoptions).
const threshold = 1000;
const edgeItems = 3;
const lineWidth = 80;

const prefix = "tensor(";

/**
 * The text that PyTorch prints for a tensor: `tensor([[1., 2.],\n        [3., 4.]])`.
 *
 * Past 1000 elements the middle of every long dimension is left out, and only what is shown is read. One thing differs
 * from Python: the result of a recorded operation ends in `requires_grad=True`, where Python names the operation
 * (`grad_fn=<AddBackward0>`). Tensors whose elements JavaScript cannot hold (meta, complex) print `...` for them.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.set_printoptions.html
 */
export function formatTensor(tensor: Tensor): string {
  const { shape, dtype, device } = tensor;
  const suffixes: string[] = [];
  if (device !== "cpu") suffixes.push(`device='${device}'`);
  const isReadable = device !== "meta" && dtypes.includes(dtype);
  const isEmpty = shape.includes(0);
  if (!isReadable || (isEmpty && shape.length !== 1)) suffixes.push(`size=${formatTuple(shape)}`);
  // Elements tell float32, int64 and bool apart; without elements only float32 goes unsaid.
  const unsaid = isReadable && !isEmpty ? ["float32", "int64", "bool"] : ["float32"];
  if (!unsaid.includes(dtype)) suffixes.push(`dtype=torch.${dtype}`);
  if (tensor.requiresGrad) suffixes.push("requires_grad=True");
  return addSuffixes(prefix + (isReadable ? formatElements(tensor) : "..."), suffixes);
}

function formatTuple(values: number[]): string {
  return values.length === 1 ? `(${values[0]},)` : `(${values.join(", ")})`;
}

/** Appends to the last line while there is room, else on a line of their own. */
function addSuffixes(text: string, suffixes: string[]): string {
  let result = text;
  let lastLine = text.length - text.lastIndexOf("\n") + 1;
  for (const suffix of suffixes) {
    if (lastLine + suffix.length + 2 > lineWidth) {
      result += `,\n${" ".repeat(prefix.length)}${suffix}`;
      lastLine = prefix.length + suffix.length;
    } else {
      result += `, ${suffix}`;
      lastLine += suffix.length + 2;
    }
  }
  return `${result})`;
}

/** The nested brackets, of which the first line starts after the prefix. */
function formatElements(tensor: Tensor): string {
  const { shape, dtype } = tensor;
  const count = shape.reduce((product, size) => product * size, 1);
  if (count === 0) return "[]";
  const summarize = count > threshold;
  const shown = summarize
    ? scope(() => noGrad(() => edgesOf(tensor, 0).toTypedArray()))
    : tensor.toTypedArray();
  const elements: Element[] = dtype === "bool" ? Array.from(shown, Boolean) : Array.from<Element>(shown);
  const { width, format } = elementFormatter(elements, isFloating(dtype));
  const perLine = (indent: number) => Math.max(1, Math.floor((lineWidth - indent) / (width + ", ".length)));
  let position = 0;

  function formatDim(dim: number, indent: number): string {
    const size = shape[dim];
    if (size === undefined) return format(elements[position++] as Element);
    const isShortened = summarize && isLong(size);
    const length = isShortened ? 2 * edgeItems : size;
    const parts = Array.from({ length }, () => formatDim(dim + 1, indent + 1));
    const isRow = dim === shape.length - 1;
    if (isShortened) parts.splice(edgeItems, 0, isRow ? " ..." : "...");
    const lines = isRow ? joinInLines(parts, perLine(indent)) : parts;
    const newlines = "\n".repeat(isRow ? 1 : shape.length - dim - 1);
    return `[${lines.join(`,${newlines}${" ".repeat(indent + 1)}`)}]`;
  }
  return formatDim(0, prefix.length);
}

function joinInLines(parts: string[], perLine: number): string[] {
  const lines: string[] = [];
  for (let start = 0; start < parts.length; start += perLine) {
    lines.push(parts.slice(start, start + perLine).join(", "));
  }
  return lines;
}

function isLong(size: number): boolean {
  return size > 2 * edgeItems;
}

const narrow = operator("narrow", ["aten::narrow"]);
const cat = operator("cat", ["aten::cat"]);

/** The tensor without the middles of its long dimensions. Joined from the inside out, so that little is copied. */
function edgesOf(tensor: Tensor, dim: number): Tensor {
  const size = tensor.shape[dim];
  if (size === undefined) return tensor;
  if (!isLong(size)) return edgesOf(tensor, dim + 1);
  const edges = [0, size - edgeItems].map((start) =>
    edgesOf(narrow(tensor, dim, start, edgeItems) as Tensor, dim + 1),
  );
  return cat(edges, dim) as Tensor;
}
