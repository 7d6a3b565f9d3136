import { expected } from "../errors.ts";
import { alignedLength, type ScoringArray, select } from "./arrays.ts";
import { toIntLabelArray } from "./labels.ts";

/**
 * Groups data points by their combination of labels, to look at the errors of a model:
 *
 *     const buckets = getLabelBuckets(golds, preds);
 *     buckets.get("1,0");    // the positions of the data points with gold label 1 that were predicted as 0
 *
 * @param labels any number of label arrays, `[n]` or `[n, 1]`, all of one length.
 * @returns the positions of the data points, by their labels in the order of the arguments, joined with a comma.
 * @throws TypeError for arrays of different lengths, and labels that are not integers.
 * @see snorkel.analysis.get_label_buckets
 */
export function getLabelBuckets(...labels: ScoringArray[]): Map<string, number[]> {
  const columns = labels.map(toIntLabelArray);
  const length = alignedLength("getLabelBuckets", { ...columns });
  const buckets = new Map<string, number[]>();
  for (let position = 0; position < length; position++) {
    const key = columns.map((column) => column[position]).join(",");
    const bucket = buckets.get(key);
    if (bucket) bucket.push(position);
    else buckets.set(key, [position]);
  }
  return buckets;
}

/**
 * The data points that have the given combination of labels:
 *
 *     getLabelInstances([1, 0], texts, golds, preds);    // the texts with gold label 1 that were predicted as 0
 *
 * @param bucket one label per label array.
 * @param instances the data points, as many as there are labels.
 * @param labels label arrays, `[n]` or `[n, 1]`.
 * @returns the data points in their order; empty, with a process warning, where none has these labels.
 * @throws TypeError for a bucket of another size than there are label arrays, and for different lengths.
 * @see snorkel.analysis.get_label_instances
 */
export function getLabelInstances<Instance>(
  bucket: readonly number[],
  instances: ArrayLike<Instance>,
  ...labels: ScoringArray[]
): Instance[] {
  const where = "getLabelInstances";
  if (bucket.length !== labels.length)
    throw expected(where, `${labels.length} labels, one per label array,`, "bucket", bucket);
  const [first] = labels;
  if (first && instances.length !== first.length)
    throw expected(where, `${first.length} data points, one per label,`, "instances", instances.length);
  const positions = getLabelBuckets(...labels).get(bucket.join(","));
  if (positions === undefined)
    process.emitWarning(`[${where}] no data point has the labels (${bucket.join(", ")})`);
  return select(instances, positions ?? []);
}
