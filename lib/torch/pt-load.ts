import { mergeOptions } from "../options.ts";
import { checkDevice } from "./device.ts";
import { readPt } from "./pt-file.ts";
import { tensorMaker } from "./pt-tensor-maker.ts";
import { readFile } from "./read-file.ts";

/** How `torch.load` reads a file. */
export interface LoadOptions {
  /** Where all tensors are put, as PyTorch's `map_location`; by default (null) each where it was when it was saved. */
  mapLocation?: string | null;
}

/**
 * Reads a file that PyTorch's `torch.save` wrote, or {@link save}: tensors, Parameters and plain values. As with Python's
 * `weights_only=True` nothing in the file is executed: it is a list of allowed instructions and classes, and everything
 * else is an error. Checksums and sizes are checked, and no more memory is taken than the file is long.
 *
 * Dictionaries, OrderedDicts too, become plain objects (whose keys are strings), lists, tuples, sets and `torch.Size`
 * arrays, `torch.device` and `torch.dtype` their names, and integers that a number cannot hold bigints. Tensors that
 * shared memory share it again.
 *
 * @throws TypeError naming the file and the place in it that is damaged, or holds something else.
 * @throws Error naming the file where it cannot be read.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.load.html
 */
export async function load(path: string, options: LoadOptions = {}): Promise<unknown> {
  const given = mergeOptions<Required<LoadOptions>>("torch.load", { mapLocation: null }, options);
  const mapLocation = given.mapLocation === null ? null : checkDevice("torch.load", given.mapLocation);
  const where = `torch.load ${path}`;
  return readFile(where, path, (file, size) => readPt(where, file, size, tensorMaker(where, mapLocation)));
}
