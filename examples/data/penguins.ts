import { readFileSync } from "node:fs";
import { DictDataLoader, DictDataset, torch } from "snorkel-torch";

/** One row of the data. */
export interface Penguin {
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

/** Part of the data: its rows, and the dataset that they are in. */
export interface PenguinSplit {
  penguins: Penguin[];
  dataset: DictDataset;
}

/**
 * The Palmer penguins, shuffled and then split.
 *
 * The field `measures`, [penguins, 4], is standardised by the training split; two penguins that nobody measured are left
 * out. The sex of some penguins is unknown: their label is -1, and they train the other tasks.
 *
 * Source: Horst, Hill and Gorman (2020), palmerpenguins, from the npm package vega-datasets.
 *
 * @param shares - of each split; the last one gets what is left. `train` comes first
 */
export function penguinSplits(
  generator: torch.Generator,
  shares: Record<string, number> = { train: 0.6, valid: 0.2, test: 0.2 },
): PenguinSplit[] {
  const all = readPenguins();
  const order = torch.randperm(all.length, { generator }).tolist() as number[];
  const penguins = order.map((i) => all[i] as Penguin);
  const labelsOf = (names: string[], column: "Species" | "Island" | "Sex") =>
    torch.tensor(
      penguins.map((penguin) => names.indexOf(penguin[column] ?? "")),
      { dtype: "int64" },
    );

  const raw = torch.tensor(penguins.map((penguin) => measures.map((measure) => Number(penguin[measure]))));
  const labels = {
    species: labelsOf(classes.species, "Species"),
    island: labelsOf(classes.island, "Island"),
    sex: labelsOf(classes.sex, "Sex"),
  };

  const counts = Object.entries(shares).map(
    ([split, share]) => [split, Math.round(share * all.length)] as const,
  );
  const training = raw.narrow(0, 0, counts[0]?.[1] ?? 0);
  const standardised = raw.sub(training.mean(0)).div(training.std(0));
  let start = 0;
  return counts.map(([split, share], i) => {
    const count = i < counts.length - 1 ? share : all.length - start;
    const rows = (values: torch.Tensor) => values.narrow(0, start, count);
    const dataset = new DictDataset({
      name: "penguins",
      split,
      xDict: { measures: rows(standardised) },
      yDict: { species: rows(labels.species), island: rows(labels.island), sex: rows(labels.sex) },
    });
    const part = { penguins: penguins.slice(start, start + count), dataset };
    start += count;
    return part;
  });
}

/** A loader for each split, of 60, 20 and 20 percent of the penguins: see {@link penguinSplits}. */
export function penguinLoaders(generator: torch.Generator): DictDataLoader[] {
  return penguinSplits(generator).map(
    ({ dataset }) => new DictDataLoader(dataset, { batchSize: 16, shuffle: dataset.split === "train" }),
  );
}

function readPenguins(): Penguin[] {
  const file = new URL("../data/penguins.json", import.meta.resolve("vega-datasets"));
  const penguins: Penguin[] = JSON.parse(readFileSync(file, "utf8"));
  return penguins.filter((penguin) => measures.every((measure) => penguin[measure] !== null));
}
