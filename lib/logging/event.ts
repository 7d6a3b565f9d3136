import { PbfReader, PbfWriter } from "pbf";
import {
  dimension,
  event,
  pluginData,
  sourceMetadata,
  stringType,
  summary,
  summaryMetadata,
  summaryValue,
  tensorProto,
  tensorShape,
} from "./event-fields.ts";

/** The event that opens every event file. `wallTime` is in seconds since 1970, here and below. */
export function versionEvent(wallTime: number): Uint8Array {
  return message((pbf) => {
    pbf.writeDoubleField(event.wallTime, wallTime);
    pbf.writeStringField(event.fileVersion, "brain.Event:2");
    nest(pbf, event.sourceMetadata, () => pbf.writeStringField(sourceMetadata.writer, "snorkel-torch"));
  });
}

/** One value of a series, in single precision, as `SummaryWriter.add_scalar` of PyTorch writes it by default. */
export function scalarEvent(wallTime: number, tag: string, value: number, step: number): Uint8Array {
  return message((pbf) => {
    pbf.writeDoubleField(event.wallTime, wallTime);
    // In proto3 a number that is 0 is left out.
    if (Math.trunc(step) !== 0) pbf.writeVarintField(event.step, Math.trunc(step));
    nestSummaryValue(pbf, () => {
      pbf.writeStringField(summaryValue.tag, tag);
      pbf.writeFloatField(summaryValue.simpleValue, value);
    });
  });
}

/** A text, which TensorBoard shows as Markdown, as `SummaryWriter.add_text` of PyTorch writes it. */
export function textEvent(wallTime: number, tag: string, text: string): Uint8Array {
  return message((pbf) => {
    pbf.writeDoubleField(event.wallTime, wallTime);
    nestSummaryValue(pbf, () => {
      pbf.writeStringField(summaryValue.tag, `${tag}/text_summary`);
      nest(pbf, summaryValue.tensor, () => {
        pbf.writeVarintField(tensorProto.dtype, stringType);
        nest(pbf, tensorProto.shape, () => {
          nest(pbf, tensorShape.dimension, () => pbf.writeVarintField(dimension.size, 1));
        });
        pbf.writeStringField(tensorProto.stringValue, text);
      });
      nest(pbf, summaryValue.metadata, () => {
        nest(pbf, summaryMetadata.pluginData, () => pbf.writeStringField(pluginData.pluginName, "text"));
      });
    });
  });
}

/** The step of an event; 0 where it has none. */
export function eventStep(bytes: Uint8Array): number {
  const read = (field: number, found: { step: number }, pbf: PbfReader) => {
    if (field === event.step) found.step = pbf.readVarint(true);
  };
  return new PbfReader(bytes).readFields(read, { step: 0 }).step;
}

function nestSummaryValue(pbf: PbfWriter, write: () => void): void {
  nest(pbf, event.summary, () => nest(pbf, summary.value, write));
}

function nest(pbf: PbfWriter, field: number, write: () => void): void {
  pbf.writeMessage(field, write, undefined);
}

function message(write: (pbf: PbfWriter) => void): Uint8Array {
  const pbf = new PbfWriter();
  write(pbf);
  return pbf.finish();
}
