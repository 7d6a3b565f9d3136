/** Sums the losses since the last evaluation, for their averages over points. */
export class RunningLosses {
  /** The place of each name among the sums, in the order in which the names were met. */
  readonly #places = new Map<string, number>();
  /** The sum of loss times count by place. */
  losses: Float64Array = new Float64Array(0);
  /** The sum of counts by place. */
  points: Float64Array = new Float64Array(0);

  /** The place of a name such as `task/dataset/split/loss` in {@link losses} and {@link points}. */
  placeOf(name: string): number {
    const known = this.#places.get(name);
    if (known !== undefined) return known;
    this.#places.set(name, this.#places.size);
    this.losses = Float64Array.of(...this.losses, 0);
    this.points = Float64Array.of(...this.points, 0);
    return this.#places.size - 1;
  }

  /** Adds a batch: its mean loss over `count` points. */
  add(name: string, loss: number, count: number): void {
    const place = this.placeOf(name);
    this.losses[place] = (this.losses[place] as number) + loss * count;
    this.points[place] = (this.points[place] as number) + count;
  }

  /** The names by place. */
  get names(): string[] {
    return [...this.#places.keys()];
  }

  restore(names: readonly string[], losses: Float64Array, points: Float64Array): void {
    for (const name of names) this.placeOf(name);
    this.losses = losses.slice();
    this.points = points.slice();
  }

  reset(): void {
    this.losses.fill(0);
    this.points.fill(0);
  }

  /** The average of each loss over its points, and that over all points as `model/all/train/loss`. */
  averages(): Record<string, number> {
    const averages: Record<string, number> = {};
    let total = 0;
    let points = 0;
    for (const [name, place] of this.#places) {
      const count = this.points[place] as number;
      if (count === 0) continue;
      averages[name] = (this.losses[place] as number) / count;
      total += this.losses[place] as number;
      points += count;
    }
    if (points > 0) averages["model/all/train/loss"] = total / points;
    return averages;
  }
}
