import { expected } from "../errors.ts";
import { isPlainObject } from "../options.ts";
import { type Dtype, dtypes, isFloating } from "./dtype.ts";
import { PickleCallable, type PickleHost } from "./pickle-reader.ts";
import { PtStorage, type PtStorages, StorageType } from "./pt-storages.ts";

/** The types of storages by dtype, as Python names them. */
export const storageNames: Readonly<Record<Dtype, string>> = {
  float32: "FloatStorage",
  float64: "DoubleStorage",
  float16: "HalfStorage",
  bfloat16: "BFloat16Storage",
  int64: "LongStorage",
  int32: "IntStorage",
  int16: "ShortStorage",
  int8: "CharStorage",
  uint8: "ByteStorage",
  bool: "BoolStorage",
};

const storageTypes = new Map(dtypes.map((dtype) => [storageNames[dtype], new StorageType(dtype)]));

// What a file may hold, and has no place here.
const lacking: readonly [pattern: RegExp, what: string][] = [
  [/sparse/i, "Sparse tensors"],
  [/qtensor|^torch\.Q\w*Storage|quantize/i, "Quantized tensors"],
  [/complex/i, "Complex numbers"],
  [/nested/i, "Nested tensors"],
  [/meta_tensor/, "Tensors on the meta device"],
  [/rebuild_tensor_v3|UntypedStorage|^torch\.(u?int\d|float8|bits)/, "Dtypes such as uint16 and float8"],
  [/^numpy\b/, "Objects of NumPy"],
];

/** What the names in a file of `torch.save` mean: tensors, parameters, and plain values. */
export function createPtHost<Made extends { readonly dtype: Dtype }>(
  where: string,
  storages: PtStorages<Made>,
): PickleHost {
  const callables = new Map(
    Object.entries({ ...plainCallables(where), ...tensorCallables(where, storages) }).map(([name, call]) => [
      name,
      new PickleCallable(name, call),
    ]),
  );
  return {
    find(name, at) {
      const found = callables.get(name);
      if (found !== undefined) return found;
      const [, ofTorch] = /^torch\.(?:cuda\.)?(\w+)$/.exec(name) ?? [];
      const storageType = storageTypes.get(ofTorch ?? "");
      if (storageType !== undefined) return storageType;
      if (dtypes.includes(ofTorch as Dtype)) return ofTorch;
      const what = lacking.find(([pattern]) => pattern.test(name))?.[1];
      throw expected(
        where,
        "a class of plain values and tensors",
        at,
        name,
        what === undefined ? "Save a state dict instead of such an object" : `${what} cannot be read`,
      );
    },
    load: (id, at) => storages.open(id, at),
  };
}

type Call = (args: readonly unknown[], at: string) => unknown;

function plainCallables(where: string): Record<string, Call> {
  const emptyRecord: Call = (args, at) => {
    if (args.length === 0) return {};
    throw expected(where, "an OrderedDict as Python 3 writes it", at, args);
  };
  const record: Call = ([items = {}], at) => {
    if (isPlainObject(items)) return items;
    throw expected(where, "the counts of a Counter", at, items);
  };
  const list: Call = ([items], at) => {
    if (Array.isArray(items)) return items;
    throw expected(where, "a list of values", at, items);
  };
  const device: Call = ([type, index], at) => {
    if (typeof type !== "string") throw expected(where, "the name of a device", at, type);
    return typeof index === "number" ? `${type}:${index}` : type;
  };
  return {
    "collections.OrderedDict": emptyRecord,
    "collections.Counter": record,
    "__builtin__.set": list,
    "builtins.set": list,
    "torch.Size": list,
    "torch.device": device,
  };
}

function tensorCallables<Made extends { readonly dtype: Dtype }>(
  where: string,
  storages: PtStorages<Made>,
): Record<string, Call> {
  const tensor: Call = ([storage, offset, size, stride, requiresGrad, , flags], at) => {
    if (!(storage instanceof PtStorage)) throw expected(where, "the storage of a tensor", at, storage);
    if (isPlainObject(flags) && Object.keys(flags).length > 0) {
      throw expected(where, "a tensor that is not conjugated or negated by a flag", at, flags);
    }
    const isTrained = requiresGrad === true && isFloating(storage.dtype);
    return storages.tensor(storage, { offset, size, stride }, isTrained, at);
  };
  const parameter: Call = ([data, requiresGrad], at) => {
    if (!storages.maker.isTensor(data)) throw expected(where, "the tensor of a Parameter", at, data);
    const wanted = requiresGrad === true;
    if (wanted && !isFloating(data.dtype))
      throw expected(where, "a Parameter of a floating dtype", at, data.dtype);
    return storages.parameter(data, wanted);
  };
  // A tensor with attributes, which are dropped.
  const typed: Call = ([rebuild, , args], at) => {
    if (!(rebuild instanceof PickleCallable) || !/_rebuild_(tensor|parameter)/.test(rebuild.name)) {
      throw expected(where, "what makes a tensor", at, rebuild);
    }
    if (!Array.isArray(args)) throw expected(where, `arguments of ${rebuild.name}`, at, args);
    return rebuild.call(args, at);
  };
  const noCall: Call = (args, at) => {
    throw expected(where, "a tensor with a storage", at, args);
  };
  return {
    "torch._utils._rebuild_tensor": tensor,
    "torch._utils._rebuild_tensor_v2": tensor,
    "torch._utils._rebuild_parameter": parameter,
    "torch._utils._rebuild_parameter_with_state": parameter,
    "torch._tensor._rebuild_from_type_v2": typed,
    "torch.Tensor": noCall,
    "torch.nn.parameter.Parameter": noCall,
  };
}
