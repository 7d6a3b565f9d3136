// The sex of a penguin from four measures of its body, which is harder to tell for some species than for others. The
// species is not known where the model is used; for the penguins that it learns from, it is. A slice-aware model learns
// what the species look like, and how to tell the sexes of each.
//
//   npm run example:slices -- [--seeds 10] [--json]     --json ends with the mean scores as one JSON object
import { parseArgs } from "node:util";
import {
  DictDataLoader,
  DictDataset,
  MultitaskClassifier,
  Operation,
  Scorer,
  SFApplier,
  SliceAwareClassifier,
  seedEverything,
  sliceRows,
  slicingFunction,
  Task,
  Trainer,
  torch,
} from "snorkel-torch";
import { type Penguin, type PenguinSplit, penguinSplits } from "./data/penguins.ts";

const { nn } = torch;
const { values } = parseArgs({
  options: { seeds: { type: "string", default: "10" }, json: { type: "boolean", default: false } },
});

const slicingFunctions = [
  slicingFunction((penguin: Penguin) => penguin.Species === "Chinstrap", { name: "chinstrap" }),
  slicingFunction((penguin: Penguin) => penguin.Species === "Gentoo", { name: "gentoo" }),
];
const sliceNames = slicingFunctions.map(({ name }) => name);
const applier = new SFApplier(slicingFunctions);
const scorer = new Scorer({ metrics: ["accuracy"] });
const hidden = 8;

function makeTrunk() {
  return new nn.Sequential(new nn.Linear(4, hidden), new nn.ReLU());
}

function makePlain(): MultitaskClassifier {
  const task = new Task({
    name: "sex",
    modulePool: { trunk: makeTrunk(), head: new nn.Linear(hidden, 2) },
    opSequence: [
      new Operation({ moduleName: "trunk", inputs: [["_input_", "measures"]] }),
      new Operation({ moduleName: "head", inputs: ["trunk"] }),
    ],
    scorer,
  });
  return new MultitaskClassifier([task]);
}

function makeSliceAware(): SliceAwareClassifier {
  return new SliceAwareClassifier({
    baseArchitecture: makeTrunk(),
    headDim: hidden,
    sliceNames,
    inputDataKey: "measures",
    taskName: "sex",
    scorer,
    // One slice counts much more than the others, and a sure "female" as much as a sure "male".
    temperature: 0.1,
    confidence: "highest",
  });
}

/** A dataset of the sexes alone, to which slices may be added. */
function sexes({ dataset }: PenguinSplit): DictDataset {
  const { name, split, xDict, yDict } = dataset;
  return new DictDataset({ name, split, xDict, yDict: { sex: yDict.sex as torch.Tensor } });
}

const penguinsOf = Object.fromEntries([
  ["all", "sex"],
  ...sliceNames.map((slice) => [slice, `sex_slice:${slice}_pred`]),
]) as Record<string, string>;
const remapLabels = Object.fromEntries(Object.values(penguinsOf).map((label) => [label, "sex"]));

interface Pair {
  plain: number;
  sliceAware: number;
}

/** Trains both models from one seed: their accuracies on the test penguins, by slice. */
async function compare(seed: number): Promise<Record<string, Pair>> {
  const shares = { train: 0.6, test: 0.4 };
  const splits = penguinSplits(new torch.Generator().manualSeed(seed), shares);
  const [train, test] = splits as [PenguinSplit, PenguinSplit];
  const trainerConfig = { nEpochs: 60, lr: 0.01, progressBar: false, seed };
  const loaderOptions = { batchSize: 16, shuffle: true };

  seedEverything(seed);
  const plain = makePlain();
  await new Trainer(trainerConfig).fit(plain, [new DictDataLoader(sexes(train), loaderOptions)]);

  seedEverything(seed);
  const sliceAware = makeSliceAware();
  const S = await applier.apply(train.penguins);
  await new Trainer(trainerConfig).fit(sliceAware, [
    sliceAware.makeSliceDataloader(sexes(train), S, loaderOptions),
  ]);

  const testLoader = sliceAware.makeSliceDataloader(sexes(test), await applier.apply(test.penguins), {
    batchSize: 64,
  });
  const plainScores = await plain.score([testLoader], { remapLabels });
  const sliceScores = await sliceAware.scoreSlices([testLoader]);
  const rows = Object.entries(penguinsOf).map(([name, label]) => {
    const key = `${label}/penguins/test/accuracy`;
    return [name, { plain: plainScores[key] ?? Number.NaN, sliceAware: sliceScores[key] ?? Number.NaN }];
  });
  return Object.fromEntries(rows);
}

const { penguins } = penguinSplits(new torch.Generator(), { train: 1 })[0] as PenguinSplit;
console.log(`${penguins.length} penguins, of which`);
for (const one of slicingFunctions) console.log(`  ${one.name}: ${(await sliceRows(penguins, one)).length}`);

const seeds = Array.from({ length: Number(values.seeds) }, (_, i) => i + 1);
const runs: Record<string, Pair>[] = [];
for (const seed of seeds) runs.push(await compare(seed));

const mean = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0) / numbers.length;
const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
const scores: Record<string, number> = {};
const table = Object.keys(penguinsOf).map((name) => {
  const pairs = runs.map((run) => run[name] as Pair);
  const plain = mean(pairs.map((pair) => pair.plain));
  const sliceAware = mean(pairs.map((pair) => pair.sliceAware));
  const better = pairs.filter((pair) => pair.sliceAware > pair.plain).length;
  const worse = pairs.filter((pair) => pair.sliceAware < pair.plain).length;
  Object.assign(scores, { [`plain/${name}`]: plain, [`sliceAware/${name}`]: sliceAware });
  return { penguins: name, plain: percent(plain), sliceAware: percent(sliceAware), better, worse };
});
console.log(
  `\nAccuracy on test penguins, the mean of ${seeds.length} seeds (better and worse: in how many of them)`,
);
console.table(table);
if (values.json) console.log(JSON.stringify(scores));
