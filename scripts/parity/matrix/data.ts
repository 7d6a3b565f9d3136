import { torch } from "snorkel-torch";
import type { LabelDescription, LoaderDescription, ParityCase } from "./case.ts";

type Tensors = Record<string, torch.Tensor>;

/** What a loader's dataset holds. */
export interface LoaderData {
  xDict: Tensors;
  yDict: Tensors;
  /** By slice, which rows are inside: 0 or 1. */
  slices: Tensors;
}

/** The data of each loader of a case: labels that follow from the fields, and some that are missing. */
export function makeData(parityCase: ParityCase): LoaderData[] {
  const generator = new torch.Generator().manualSeed(parityCase.seed);
  const width = Object.values(parityCase.fields).reduce((sum, of) => sum + of, 0);
  const labels = parityCase.loaders.flatMap((loader) => loader.labels);
  const rules = new Map(
    labels.map(({ name, classes }) => [name, torch.randn([width, classes], { generator })]),
  );
  return parityCase.loaders.map((loader) => {
    const xDict: Tensors = {};
    for (const [field, size] of Object.entries(parityCase.fields))
      xDict[field] = torch.randn([loader.rows, size], { generator });
    const all = torch.cat(Object.values(xDict), 1);
    const yDict: Tensors = {};
    for (const label of loader.labels)
      yDict[label.name] = makeLabel(
        all.matmul(rules.get(label.name) as torch.Tensor),
        label,
        loader,
        generator,
      );
    const slices: Tensors = {};
    for (const name of parityCase.sliceNames ?? [])
      slices[name] = torch.rand([loader.rows], { generator }).lt(0.4).to("int64");
    return { xDict, yDict, slices };
  });
}

function makeLabel(
  scores: torch.Tensor,
  { kind, missing }: LabelDescription,
  { rows, gap }: LoaderDescription,
  generator: torch.Generator,
): torch.Tensor {
  const label = {
    classes: () => scores.argmax(1),
    soft: () => torch.nn.functional.softmax(scores, { dim: 1 }),
    real: () => scores,
    binary: () => scores.gt(0).to("float32"),
  }[kind]();
  const isMissing = torch.rand([rows], { generator }).lt(missing);
  const end = Math.min(rows, gap.start + gap.length);
  if (gap.start < end) isMissing.narrow(0, gap.start, end - gap.start).fill_(true);
  return label.maskedFill(kind === "classes" ? isMissing : isMissing.unsqueeze(1), -1);
}

/** All tensors of a case under one name each, for a file. */
export function exportData(parityCase: ParityCase, data: readonly LoaderData[]): Tensors {
  const tensors: Tensors = {};
  for (const [i, loader] of data.entries())
    for (const [part, dict] of Object.entries(loader))
      for (const [name, tensor] of Object.entries(dict as Tensors))
        tensors[`${parityCase.name}/${i}/${part}/${name}`] = tensor;
  return tensors;
}
