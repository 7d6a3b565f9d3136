import type { GeneratorStates } from "../data/index.ts";
import { expected } from "../errors.ts";
import { type Tensor, tensor } from "../torch/index.ts";

/** States of generators as tensors of bytes, under a name. */
export function statesToTensors(
  prefix: string,
  { torch, python, own }: GeneratorStates,
): Record<string, Tensor> {
  const words = new Uint8Array(python.buffer, python.byteOffset, python.byteLength);
  const all = { torch, python: words, ...Object.fromEntries(own.map((bytes, i) => [`own/${i}`, bytes])) };
  return Object.fromEntries(Object.entries(all).map(([name, bytes]) => [`${prefix}/${name}`, tensor(bytes)]));
}

/**
 * The states under a name; null where there are none.
 * @throws TypeError for something other than states.
 */
export function statesFromTensors(
  prefix: string,
  tensors: Readonly<Record<string, Tensor>>,
): GeneratorStates | null {
  if (!Object.hasOwn(tensors, `${prefix}/torch`)) return null;
  const bytesOf = (name: string): Uint8Array => {
    const bytes = tensors[`${prefix}/${name}`]?.toTypedArray();
    if (!(bytes instanceof Uint8Array)) throw expected("Trainer.load", "bytes", `${prefix}/${name}`, bytes);
    return bytes;
  };
  const words = bytesOf("python");
  if (words.length % 4 !== 0) throw expected("Trainer.load", "words of 32 bits", `${prefix}/python`, words);
  const own: Uint8Array[] = [];
  while (Object.hasOwn(tensors, `${prefix}/own/${own.length}`)) own.push(bytesOf(`own/${own.length}`));
  return { torch: bytesOf("torch"), python: new Uint32Array(words.slice().buffer), own };
}
