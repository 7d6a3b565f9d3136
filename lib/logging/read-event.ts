import { PbfReader } from "pbf";
import {
  doubleType,
  event,
  floatType,
  pluginData,
  sourceMetadata,
  summary,
  summaryMetadata,
  summaryValue,
  tensorProto,
} from "./event-fields.ts";

/** One value of an event. */
export interface EventValue {
  tag: string;
  /** What TensorBoard shows it as: `scalars`, `text`, `images`, `histograms`, `audio`, or the name of a plugin. */
  plugin: string;
  /** The number of a scalar, or the first text; null for others. */
  value: number | string | null;
}

/** An event, as far as it is described. */
export interface TensorBoardEvent {
  /** In seconds since 1970. */
  wallTime: number;
  step: number;
  /** The event that opens a file names the version of the format, and who wrote it. */
  fileVersion: string | null;
  writer: string | null;
  values: EventValue[];
}

/** Reads an event. Sizes inside of it that lead out of it are cut off. */
export function readEvent(data: Uint8Array): TensorBoardEvent {
  const found: TensorBoardEvent = { wallTime: 0, step: 0, fileVersion: null, writer: null, values: [] };
  return new PbfReader(data).readFields((field, result, pbf) => {
    if (field === event.wallTime) result.wallTime = pbf.readDouble();
    else if (field === event.step) result.step = pbf.readVarint(true);
    else if (field === event.fileVersion) result.fileVersion = text(pbf);
    else if (field === event.sourceMetadata) result.writer = textIn(pbf, sourceMetadata.writer);
    else if (field === event.summary) {
      inside(pbf, result.values, (inner, values, reader) => {
        if (inner === summary.value) values.push(readValue(reader));
      });
    }
  }, found);
}

interface RawValue {
  tag: string;
  plugin: string | null;
  kind: string;
  value: number | string | null;
}

function readValue(pbf: PbfReader): EventValue {
  const found: RawValue = { tag: "", plugin: null, kind: "other", value: null };
  const { tag, plugin, kind, value } = inside(pbf, found, (field, raw, reader) => {
    if (field === summaryValue.tag) raw.tag = text(reader);
    else if (field === summaryValue.simpleValue)
      Object.assign(raw, { kind: "scalars", value: reader.readFloat() });
    else if (field === summaryValue.image) raw.kind = "images";
    else if (field === summaryValue.histogram) raw.kind = "histograms";
    else if (field === summaryValue.audio) raw.kind = "audio";
    else if (field === summaryValue.tensor)
      Object.assign(raw, { kind: "tensors", value: readTensor(reader) });
    else if (field === summaryValue.metadata) {
      inside(reader, raw, (inner, target, nested) => {
        if (inner === summaryMetadata.pluginData) target.plugin = textIn(nested, pluginData.pluginName);
      });
    }
  });
  return { tag, plugin: plugin ?? kind, value };
}

interface RawTensor {
  dtype: number;
  content: Uint8Array | null;
  first: number | string | null;
}

/** The first element of a tensor, of those dtypes in which scalars and texts are written. */
function readTensor(pbf: PbfReader): number | string | null {
  const found: RawTensor = { dtype: 0, content: null, first: null };
  const { dtype, content, first } = inside(pbf, found, (field, tensor, reader) => {
    if (field === tensorProto.dtype) tensor.dtype = reader.readVarint();
    else if (field === tensorProto.content) tensor.content = reader.readBytes();
    else if (field === tensorProto.stringValue) tensor.first ??= text(reader);
    else if (field === tensorProto.floatValue) tensor.first ??= firstOf(reader, floatType);
    else if (field === tensorProto.doubleValue) tensor.first ??= firstOf(reader, doubleType);
  });
  return first ?? (content === null ? null : numberIn(content, dtype));
}

/** The first number of a repeated field, which may be packed. */
function firstOf(pbf: PbfReader, dtype: number): number | null {
  const isPacked = pbf.type === 2;
  if (isPacked) return numberIn(pbf.readBytes(), dtype);
  return dtype === floatType ? pbf.readFloat() : pbf.readDouble();
}

function numberIn(bytes: Uint8Array, dtype: number): number | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (dtype === floatType && view.byteLength >= 4) return view.getFloat32(0, true);
  if (dtype === doubleType && view.byteLength >= 8) return view.getFloat64(0, true);
  return null;
}

/** Reads a message that is the value of a field. Its bytes are cut out first: pbf would read beyond a wrong length. */
function inside<T>(pbf: PbfReader, result: T, read: (field: number, result: T, pbf: PbfReader) => void): T {
  return new PbfReader(pbf.readBytes()).readFields(read, result);
}

function textIn(pbf: PbfReader, wanted: number): string | null {
  return inside(pbf, { text: null as string | null }, (field, result, reader) => {
    if (field === wanted) result.text = text(reader);
  }).text;
}

function text(pbf: PbfReader): string {
  return new TextDecoder().decode(pbf.readBytes());
}
