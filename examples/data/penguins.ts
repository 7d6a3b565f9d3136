import { readFileSync } from "node:fs";
import { DictDataLoader, DictDataset, torch } from "snorkel-torch";

interface Penguin {
  Species: string;
  Island: string;
  Sex: string | null;
  "Beak Length (mm)": number | null;
  "Beak Depth (mm)": number | null;
  "Flipper Length (mm)": number | null;
  "Body Mass (g)": number | null;
}

const measures = ["Beak Length (mm)", "Beak Depth (mm)", "Flipper Length (mm)", "Body Mass (g)"] as const;

/** The classes of each task; a label is the position of a class in its list. */
export const classes = {
  species: ["Adelie", "Chinstrap", "Gentoo"],
  island: ["Biscoe", "Dream", "Torgersen"],
  sex: ["FEMALE", "MALE"],
};

/**
 * A loader for each split of the Palmer penguins, shuffled before they are split (60, 20 and 20 percent).
 *
 * The field `measures`, [penguins, 4], is standardised by the training split; two penguins that nobody measured are left
 * out. The sex of some penguins is unknown: their label is -1, and they train the other tasks.
 *
 * Source: Horst, Hill and Gorman (2020), palmerpenguins, from the npm package vega-datasets.
 */
export function penguinLoaders(generator: torch.Generator): DictDataLoader[] {
  const penguins = readPenguins();
  const order = torch.randperm(penguins.length, { generator });
  const shuffled = (values: number[] | number[][], dtype: torch.Dtype) =>
    torch.tensor(values, { dtype }).indexSelect(0, order);
  const labelsOf = (names: string[], column: "Species" | "Island" | "Sex") =>
    shuffled(
      penguins.map((penguin) => names.indexOf(penguin[column] ?? "")),
      "int64",
    );

  const raw = shuffled(
    penguins.map((penguin) => measures.map((measure) => Number(penguin[measure]))),
    "float32",
  );
  const labels = {
    species: labelsOf(classes.species, "Species"),
    island: labelsOf(classes.island, "Island"),
    sex: labelsOf(classes.sex, "Sex"),
  };

  const trainCount = Math.round(0.6 * penguins.length);
  const validCount = Math.round(0.2 * penguins.length);
  const counts = { train: trainCount, valid: validCount, test: penguins.length - trainCount - validCount };
  const training = raw.narrow(0, 0, counts.train);
  const standardised = raw.sub(training.mean(0)).div(training.std(0));
  let start = 0;
  return Object.entries(counts).map(([split, count]) => {
    const rows = (all: torch.Tensor) => all.narrow(0, start, count);
    const dataset = new DictDataset({
      name: "penguins",
      split,
      xDict: { measures: rows(standardised) },
      yDict: { species: rows(labels.species), island: rows(labels.island), sex: rows(labels.sex) },
    });
    start += count;
    return new DictDataLoader(dataset, { batchSize: 16, shuffle: split === "train" });
  });
}

function readPenguins(): Penguin[] {
  const file = new URL("../data/penguins.json", import.meta.resolve("vega-datasets"));
  const penguins: Penguin[] = JSON.parse(readFileSync(file, "utf8"));
  return penguins.filter((penguin) => measures.every((measure) => penguin[measure] !== null));
}
