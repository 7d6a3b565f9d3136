import { Command } from "commander";
import {
  describeFile,
  type EventsDescription,
  type FileDescription,
  type PtDescription,
  type SafetensorsDescription,
  type TensorDescription,
  type TorchScriptDescription,
  type TrainingDescription,
} from "../inspect/index.ts";
import { trainingKey } from "../training/saved-training.ts";
import { bold, formatBytes, formatCount, formatTable } from "./format.ts";

/** Longer texts are cut off, and longer names; `--json` has all of them. */
const longestText = 60;
const longestName = 200;

export function infoCommand(): Command {
  return new Command("info")
    .description(
      "Shows what a file holds: safetensors and their index, PyTorch's .pt, NumPy's .npy and .npz, TensorBoard's events.",
    )
    .argument("<file>", "the file")
    .option("--json", "print JSON")
    .addHelpText("after", "\nNothing in the file is executed. LibTorch is not needed.")
    .action(info);
}

async function info(path: string, { json = false }: { json?: boolean }): Promise<void> {
  const description = await describeFile(path);
  console.log(json ? JSON.stringify(description, forJson, 2) : format(description));
}

/** What JSON has no word for is written as a text. */
function forJson(_: string, value: unknown): unknown {
  const isOdd = typeof value === "bigint" || (typeof value === "number" && !Number.isFinite(value));
  return isOdd ? String(value) : value;
}

function format(description: FileDescription): string {
  const { path, format, bytes } = description;
  const title = `${bold(path)}: ${format}, ${formatBytes(bytes)}`;
  return [title, ...partsOf(description).filter((part) => part !== "")].join("\n\n");
}

function partsOf(description: FileDescription): string[] {
  switch (description.format) {
    case "safetensors":
      return [...safetensorsParts(description), tensorTable(description.tensors)];
    case "torch.save":
      return [valueTable(description), tensorTable(description.tensors), sharedNote(description)];
    case "TorchScript":
      return [recordTable(description)];
    case "TensorBoard events":
      return [eventsNote(description), seriesTable(description)];
    default:
      return [tensorTable(description.tensors)];
  }
}

function safetensorsParts({ metadata, shards, training }: SafetensorsDescription): string[] {
  const plain = Object.entries(metadata ?? {}).filter(([name]) => training === null || name !== trainingKey);
  return [
    shards === null ? "" : `${formatCount(shards.length, "shard")}: ${shards.join(", ")}`,
    training === null ? "" : trainingNote(training),
    plain.length === 0
      ? ""
      : formatTable(
          ["metadata", "value"],
          plain.map(([name, value]) => [shown(name, longestName), shown(value)]),
        ),
  ];
}

function trainingNote({
  name,
  epoch,
  nEpochs,
  position,
  batches,
  config,
  metrics,
}: TrainingDescription): string {
  const done =
    epoch === null
      ? "a configuration, without a training to go on with"
      : `${epoch} of ${nEpochs} epochs done, and ${position} batches of the next (${batches} in all)`;
  const settings = `optimizer ${String(config.optimizer)}, lr ${String(config.lr)}, seed ${String(config.seed)}`;
  const rows = Object.entries(metrics).map(([metric, value]) => [metric, String(value)]);
  const table = rows.length === 0 ? "" : `\n\n${formatTable(["metric", "value"], rows)}`;
  return `training ${JSON.stringify(name)}: ${done}; ${settings}${table}`;
}

function tensorTable(tensors: readonly TensorDescription[]): string {
  const rows = tensors.map(({ name, dtype, shape, bytes }) => [
    shown(name, longestName),
    dtype,
    shown(`[${shape.join(", ")}]`),
    formatBytes(bytes),
  ]);
  const elements = tensors.reduce(
    (sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1),
    0,
  );
  const bytes = tensors.reduce((sum, tensor) => sum + tensor.bytes, 0);
  const total = `${formatCount(tensors.length, "tensor")}, ${formatCount(elements, "element")}, ${formatBytes(bytes)}`;
  return rows.length === 0
    ? total
    : `${formatTable(["tensor", "dtype", "shape", "size"], rows, ["size"])}\n\n${total}`;
}

function valueTable({ values }: PtDescription): string {
  const rows = values.map(({ name, value }) => [
    shown(name, longestName) || "(the whole)",
    shown(textOf(value)),
  ]);
  return rows.length === 0 ? "" : formatTable(["entry", "value"], rows);
}

/** Of a list, so much that what is cut off shows that there is more. */
function textOf(value: unknown): string {
  if (typeof value === "bigint") return String(value);
  if (!Array.isArray(value)) return JSON.stringify(value, forJson);
  const start = value.slice(0, longestText);
  const shortened = start.map((one) => (typeof one === "string" ? one.slice(0, longestText + 1) : one));
  return JSON.stringify(shortened, forJson);
}

function sharedNote({ tensors, storageBytes }: PtDescription): string {
  const storages = new Set(tensors.map(({ storage }) => storage)).size;
  if (storages === tensors.length) return "";
  return `Tensors share memory: all are in ${formatCount(storages, "storage")} of ${formatBytes(storageBytes)}.`;
}

function recordTable({ records }: TorchScriptDescription): string {
  const rows = records.map(({ name, bytes }) => [shown(name, longestName), formatBytes(bytes)]);
  return `${formatTable(["record", "size"], rows, ["size"])}\n\nA program for torch.jit.load; its tensors have names only there.`;
}

function eventsNote({ events, writer, firstTime, lastTime, unread }: EventsDescription): string {
  const time = (seconds: number | null) => {
    const date = new Date((seconds ?? 0) * 1000);
    return Number.isNaN(date.getTime()) ? `${seconds} s` : date.toISOString().replace(/\.\d+Z/, "Z");
  };
  const by = writer === null ? "" : ` by ${writer}`;
  const from = firstTime === null ? "" : `, from ${time(firstTime)} to ${time(lastTime)}`;
  const cutOff = unread === 0 ? "" : `; the last ${formatCount(unread, "byte")} are no whole event`;
  return `${formatCount(events, "event")}${by}${from}${cutOff}`;
}

function seriesTable({ series }: EventsDescription): string {
  const rows = series.map(({ tag, plugin, count, firstStep, lastStep, first, last }) => {
    return [
      shown(tag, longestName),
      shown(plugin),
      String(count),
      `${firstStep} to ${lastStep}`,
      shownValue(first),
      count > 1 ? shownValue(last) : "",
    ];
  });
  return rows.length === 0
    ? ""
    : formatTable(["tag", "kind", "count", "steps", "first", "last"], rows, ["count"]);
}

/** Scalars are in single precision: seven digits are what there is. */
function shownValue(value: number | string | null): string {
  if (value === null) return "";
  return typeof value === "number" ? String(Number(value.toPrecision(7))) : shown(JSON.stringify(value));
}

/** A text of the file's as it can be printed: of one line, and of bounded length. */
function shown(text: string, longest = longestText): string {
  const start = text.slice(0, longest).replace(/\p{Cc}/gu, escaped);
  return text.length > longest ? `${start}...` : start;
}

/** A control character as JSON has it, and those that JSON takes as they are. */
function escaped(character: string): string {
  if (character < " ") return JSON.stringify(character).slice(1, -1);
  return `\\u00${character.charCodeAt(0).toString(16)}`;
}
