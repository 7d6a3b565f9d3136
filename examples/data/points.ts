import { DictDataLoader, DictDataset, torch } from "snorkel-torch";

/** Which of some points, [points, 2], are in a shape: [points], boolean. */
export type Shape = (points: torch.Tensor) => torch.Tensor;

/** The unit circle around the origin. */
export const inCircle: Shape = (points) => points.square().sum(1).lt(1);
/** The square with sides of 1 around the origin. */
export const inSquare: Shape = (points) => points.abs().lt(0.5).all(1);
/** All that is outside the circle. */
export const outsideCircle: Shape = (points) => inCircle(points).logicalNot();

const splits = { train: 800, valid: 100, test: 100 };

/**
 * A loader for each split of 1000 points drawn evenly from -1 to 1 in both directions. The field is `${shape}_data`; the
 * label `${shape}_task` is 1 for points in the shape, else 0.
 */
export function pointLoaders(shape: string, isIn: Shape, generator: torch.Generator): DictDataLoader[] {
  const total = Object.values(splits).reduce((sum, count) => sum + count);
  const points = torch.rand([total, 2], { generator }).mul(2).sub(1);
  const labels = isIn(points).to("int64");
  let start = 0;
  return Object.entries(splits).map(([split, count]) => {
    const dataset = new DictDataset({
      name: `${shape}_dataset`,
      split,
      xDict: { [`${shape}_data`]: points.narrow(0, start, count) },
      yDict: { [`${shape}_task`]: labels.narrow(0, start, count) },
    });
    start += count;
    return new DictDataLoader(dataset, { batchSize: 32 });
  });
}
