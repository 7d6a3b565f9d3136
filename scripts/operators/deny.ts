import type { Schema } from "./schema.ts";

/** Names of ATen that are not made public, and why. A name must match a pattern as a whole. */
const deniedNames: readonly [pattern: string, reason: string][] = [
  ["_.*|linalg__.*", "internal to LibTorch"],
  [
    ".*_(backward|jvp)(_.*)?_?",
    "a derivative, called by autograd with arguments that it alone knows to be right",
  ],
  [".*_forward(_.*)?", "half of an operator, for autograd"],
  ["(cudnn|miopen|mkldnn|mps|fbgemm)_.*|.*_(mps|vulkan_available)|is_vulkan_.*", "belongs to one backend"],
  [".*_overrideable|convolution", "for backends; conv1d to conv3d are the operators"],
  ["native_.*|batch_norm_(stats|elemt|gather_stats.*|update_stats)", "half of an operator, for autograd"],
  [
    "quantize_.*|quantized_.*|fake_quantize_.*|fused_moving_avg.*|choose_qparams.*|empty_quantized",
    "quantization",
  ],
  ["q_.*|int_repr|qscheme|dequantize|is_quantized|empty_per_channel.*", "quantization"],
  [
    ".*sparse.*|coalesce|is_coalesced|(c?col|c?row|crow)_indices|values|indices|hspmm|smm|sspaddmm",
    "sparse tensors",
  ],
  ["to_dense|dense_dim|to_padded_tensor|nested_.*|to_mkldnn|.*csr_tensor", "other layouts than strided"],
  [
    "sym_.*|slice_inverse|is_distributed|is_same_size|record_stream|cudnn_is_acceptable",
    "for tracing and dispatch",
  ],
  [
    "alias|alias_copy|lift.*|copy|fill|zero|set|resize|resize_as|normal_functional|replace_",
    "for functionalization",
  ],
  [
    "(embedding_renorm|rrelu_with_noise)_functional|(uniform|random|cauchy|log_normal|exponential|geometric|embedding_renorm)",
    "for functionalization",
  ],
  [".*_copy", "a view that copies, for functionalization; clone the view"],
  [
    "rename_?|align_.*|refine_names|names|unflatten_dense_tensors|flatten_dense_tensors",
    "named or flattened tensors",
  ],
  ["set_|set_data|data|is_set_to", "shares or swaps memory behind other tensors' backs"],
  [
    "lstm|gru|rnn_tanh|rnn_relu",
    "trusts the sizes of weights and batches, which the modules of torch.nn check",
  ],
  ["rrelu_with_noise_?", "writes its noise as if it were contiguous; rrelu makes its own"],
  ["from_file", "reads files by name"],
  ["output_nr|retains_grad|is_leaf|retain_grad|requires_grad_|_version", "a property of the class Tensor"],
  ["to|size|stride|item|index|index_put_|backward", "handwritten on the class Tensor"],
  ["tensor|slice|itemsize|nbytes|numpy_T|matrix_H|mT|mH", "handwritten, or a property"],
  ["nonzero_numpy|frobenius_norm|nuclear_norm|constant_pad_nd|range", "PyTorch keeps it for old code"],
  ["unsafe_.*", "views that autograd does not follow"],
  [
    "is_(cpu|cuda|xla|mkldnn|mps|vulkan|ipu|xpu|hpu|meta|mtia|nested|neg|inference)",
    "for dispatch; see Tensor.device",
  ],
  [
    "get_device|pin_memory|is_pinned|type_as|max_pool(2|3)d_with_indices_.*",
    "CUDA's host memory and device numbers",
  ],
  [
    "grid_sampler_(2|3)d|affine_grid_generator_.*|unique_dim.*|thnn_.*|slow_conv.*|conv_depthwise3d",
    "parts of others",
  ],
];

/** What stays, although a pattern above covers it. */
const allowedNames = new Set(["copy_", "index_copy", "type_as"]);

/** Types of arguments that JavaScript cannot give, by which single overloads fall away. */
const deniedTypes = new Set(["Dimname", "Storage", "Stream", "QScheme", "DimnameList", "complex"]);

const patterns = deniedNames.map(([pattern, reason]) => ({
  pattern: new RegExp(`^(?:${pattern})$`),
  reason,
}));

/** Why an operator is not made public; null if it is. */
export function reasonToDeny(schema: Schema): string | null {
  if (schema.arguments.some((argument) => argument.type.isWritten && argument.isKeyword))
    return "an out variant";
  const type = schema.arguments.find((argument) => deniedTypes.has(argument.type.base))?.type.base;
  if (type !== undefined) return `an argument of type ${type}`;
  if (schema.tags.includes("generated")) return "generated inside LibTorch";
  if (allowedNames.has(schema.name)) return null;
  return patterns.find(({ pattern }) => pattern.test(schema.name))?.reason ?? null;
}
