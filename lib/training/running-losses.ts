/** Sums the losses since the last evaluation, for their averages over points. */
export class RunningLosses {
  readonly #sums = new Map<string, { loss: number; count: number }>();

  /** Adds a batch: its mean loss over `count` points, under `task/dataset/split/loss`. */
  add(name: string, loss: number, count: number): void {
    const sum = this.#sums.get(name) ?? { loss: 0, count: 0 };
    sum.loss += loss * count;
    sum.count += count;
    this.#sums.set(name, sum);
  }

  reset(): void {
    this.#sums.clear();
  }

  /** The average of each loss over its points, and that over all points as `model/all/train/loss`. */
  averages(): Record<string, number> {
    const averages: Record<string, number> = {};
    let total = 0;
    let points = 0;
    for (const [name, { loss, count }] of this.#sums) {
      averages[name] = loss / count;
      total += loss;
      points += count;
    }
    if (points > 0) averages["model/all/train/loss"] = total / points;
    return averages;
  }
}
