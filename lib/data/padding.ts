import { expected } from "../errors.ts";
import { boolean, mergeOptions, number } from "../options.ts";
import { tensor } from "../torch/creation.ts";
import { scope } from "../torch/scope.ts";
import type { Tensor } from "../torch/tensor.ts";
import { type LayoutOptions, layoutDefaults, type PaddedLayout, paddingMask, readPadded } from "./pad.ts";
import type { XDict } from "./types.ts";

/** How a field of rows of different lengths becomes a tensor `[batch, width]`, and what else a batch says about it. */
export interface PaddingOptions extends LayoutOptions {
  /** What to pad with; 0 by default. */
  padValue: number;
  /**
   * Add a field `{name}_mask`: boolean, of the padded tensor's shape, true at padding and false at values, as the
   * `keyPaddingMask` of attention layers. False by default.
   */
  mask: boolean;
  /** Add a field `{name}_lengths`: int64, `[batch]`, how many values each row has, after cutting. False by default. */
  lengths: boolean;
}

export const paddingDefaults: PaddingOptions = {
  ...layoutDefaults,
  padValue: 0,
  mask: false,
  lengths: false,
};

/** @throws TypeError for an unknown option, or one of the wrong kind. */
export function readPadding(where: string, given: Partial<PaddingOptions>): PaddingOptions {
  const options = mergeOptions(where, paddingDefaults, given);
  number(where, "maxLen", options.maxLen, { min: 0, integer: true });
  number(where, "padToMultipleOf", options.padToMultipleOf, { min: 1, integer: true });
  for (const name of ["leftPadded", "mask", "lengths"] as const) boolean(where, name, options[name]);
  if (typeof options.padValue !== "number") throw expected(where, "a number", "padValue", options.padValue);
  if (!Array.isArray(options.padTo)) throw expected(where, "an array of widths", "padTo", options.padTo);
  for (const [i, width] of options.padTo.entries()) {
    number(where, `padTo[${i}]`, width, { integer: true, above: i === 0 ? 0 : options.padTo[i - 1] });
  }
  return options;
}

/**
 * Puts a padded field into a batch, with its mask and lengths if they are asked for.
 *
 * @param source - the values of all rows, one after the other
 */
export function addPadded(
  xDict: XDict,
  name: string,
  source: Tensor,
  layout: PaddedLayout,
  options: PaddingOptions,
): void {
  addField(xDict, name, readPadded(source, layout, options.padValue));
  if (options.mask) addField(xDict, `${name}_mask`, paddingMask(layout, source.device));
  if (options.lengths) addField(xDict, `${name}_lengths`, int64Of(layout.lengths, source.device));
}

/** @throws TypeError where there is a field of that name already, which a mask's may be. */
export function addField(xDict: XDict, name: string, value: unknown): void {
  if (Object.hasOwn(xDict, name)) {
    throw expected(
      "DictDataset",
      `no other field "${name}", which is one's mask or lengths,`,
      "xDict",
      xDict,
    );
  }
  xDict[name] = value;
}

function int64Of(values: Int32Array, device: string): Tensor {
  return scope(() => tensor(values, { dtype: "int64", device }));
}
