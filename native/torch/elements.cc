#include "native/torch/elements.h"

#include <ATen/ATen.h>
#include <c10/util/safe_numerics.h>

#include <cstring>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "native/boundary/convert.h"
#include "native/engine/recorder.h"
#include "native/torch/device.h"
#include "native/torch/dtype.h"
#include "native/torch/tensor.h"

namespace snorkel_torch {
namespace {

// A typed array as it is now: of whatever kind its buffer is (shared, resizable, detached).
struct Span {
  // No dtype's: what this Node-API does not know leaves it so.
  napi_typedarray_type type = napi_biguint64_array;
  size_t length = 0;
  void* data = nullptr;
};

Span ReadSpan(const Napi::Value& value, const Name& name) {
  if (!value.IsTypedArray()) ThrowExpected("a typed array", name, value);
  Span span;
  detail::Check(value.Env(), napi_get_typedarray_info(value.Env(), value, &span.type, &span.length,
                                                      &span.data, nullptr, nullptr));
  return span;
}

// Which dtype the elements of a typed array are of, and what JavaScript calls it.
struct Correspondence {
  napi_typedarray_type type;
  c10::ScalarType dtype;
  const char* constructor;
};

constexpr Correspondence kCorrespondences[] = {
    {napi_float32_array, c10::kFloat, "Float32Array"},
    {napi_float64_array, c10::kDouble, "Float64Array"},
    {napi_bigint64_array, c10::kLong, "BigInt64Array"},
    {napi_int32_array, c10::kInt, "Int32Array"},
    {napi_int16_array, c10::kShort, "Int16Array"},
    {napi_int8_array, c10::kChar, "Int8Array"},
    {napi_uint8_array, c10::kByte, "Uint8Array"},
    {napi_uint8_clamped_array, c10::kByte, "Uint8ClampedArray"},
    {napi_uint8_array, c10::kBool, "Uint8Array"},
};

std::vector<int64_t> ReadShape(const Napi::Value& value) {
  auto shape = ReadIntegers(value, "shape");
  for (const int64_t size : shape) {
    if (size < 0)
      throw std::invalid_argument("expected sizes of at least 0 for shape, got " + c10::str(shape));
  }
  return shape;
}

// How many elements a shape has, if 64 bits can count them.
std::optional<uint64_t> Count(const std::vector<int64_t>& shape) {
  uint64_t count = 1;
  for (const auto size : shape) {
    if (c10::mul_overflows(count, static_cast<uint64_t>(size), &count)) return std::nullopt;
  }
  return count;
}

// A new tensor on the CPU with a copy of the elements.
at::Tensor CopyIn(const Span& span, size_t length, const std::vector<int64_t>& shape, c10::ScalarType dtype) {
  const auto count = Count(shape);
  if (!count || *count != length) {
    throw std::invalid_argument("expected as many elements as shape " + c10::str(shape) + " has, got " +
                                std::to_string(length));
  }
  at::Tensor tensor = at::empty(shape, at::TensorOptions(dtype));
  if (length > 0) std::memcpy(tensor.mutable_data_ptr(), span.data, tensor.nbytes());
  return tensor;
}

// A typed array with a copy of the tensor's memory, which must be dense and on the CPU. Made by JavaScript's
// own constructor: where there is not enough memory that throws, while Node-API's functions end the process.
Napi::Value CopyOut(Napi::Env env, const at::Tensor& tensor, napi_typedarray_type type,
                    const char* constructor) {
  const auto length =
      static_cast<double>(tensor.nbytes() / (type == napi_uint8_array ? 1 : tensor.element_size()));
  const Napi::Value array =
      env.Global().Get(constructor).As<Napi::Function>().New({Napi::Number::New(env, length)});
  const Span span = ReadSpan(array, constructor);
  if (span.type != type || static_cast<double>(span.length) != length)
    ThrowExpected("a fresh array", constructor, array);
  if (span.length > 0) std::memcpy(span.data, tensor.const_data_ptr(), tensor.nbytes());
  return array;
}

// A tensor whose values JavaScript asks for: what it does with them, no recorded step can repeat.
at::Tensor ReadForJavaScript(const Napi::Value& value) {
  const at::Tensor tensor = ReadTensor(value, "tensor");
  Recorder::NoteEffect("the values of a tensor are read");
  const WithoutRecorder read;
  return tensor.detach();
}

// tensorFromTypedArray(data, shape, dtype, device): copies the data, then converts.
Napi::Value TensorFromTypedArray(const Napi::CallbackInfo& info) {
  const auto shape = ReadShape(info[1]);
  const auto dtype = ReadDtype(info[2], "dtype");
  const auto device = ReadDevice(info[3], "device");
  const Span span = ReadSpan(info[0], "data");
  for (const auto& correspondence : kCorrespondences) {
    if (correspondence.type != span.type) continue;
    const WithoutRecorder constant;
    const at::Tensor tensor = CopyIn(span, span.length, shape, correspondence.dtype);
    return MakeTensor(info.Env(), tensor.to(device, dtype));
  }
  ThrowExpected("a typed array whose type is a dtype (not Uint16Array, Uint32Array or BigUint64Array)",
                "data", info[0]);
}

// tensorToTypedArray(tensor): a copy of its elements in row-major order; halves become float32.
Napi::Value TensorToTypedArray(const Napi::CallbackInfo& info) {
  at::Tensor tensor = ReadForJavaScript(info[0]);
  const WithoutRecorder read;
  if (tensor.layout() != c10::kStrided) tensor = tensor.to_dense();
  if (tensor.scalar_type() == c10::kHalf || tensor.scalar_type() == c10::kBFloat16)
    tensor = tensor.to(c10::kFloat);
  tensor = tensor.to(c10::kCPU).resolve_neg().contiguous();
  for (const auto& [type, dtype, constructor] : kCorrespondences) {
    if (dtype == tensor.scalar_type()) return CopyOut(info.Env(), tensor, type, constructor);
  }
  throw std::invalid_argument("expected a dtype with a typed array, got " + DtypeName(tensor.scalar_type()));
}

// tensorFromBytes(bytes, shape, dtype): the inverse of tensorToBytes. Any byte but 0 is true.
Napi::Value TensorFromBytes(const Napi::CallbackInfo& info) {
  const auto shape = ReadShape(info[1]);
  const auto dtype = ReadDtype(info[2], "dtype");
  const Span span = ReadSpan(info[0], "bytes");
  if (span.type != napi_uint8_array) ThrowExpected("a Uint8Array", "bytes", info[0]);
  if (span.length % c10::elementSize(dtype) != 0) {
    throw std::invalid_argument("expected whole elements of " + DtypeName(dtype) + " for bytes, got " +
                                std::to_string(span.length) + " bytes");
  }
  const bool is_bool = dtype == c10::kBool;
  const WithoutRecorder constant;
  const at::Tensor tensor =
      CopyIn(span, span.length / c10::elementSize(dtype), shape, is_bool ? c10::kByte : dtype);
  return MakeTensor(info.Env(), is_bool ? tensor.to(c10::kBool) : tensor);
}

// tensorToBytes(tensor): its raw little-endian elements, whatever the dtype, as a Uint8Array.
Napi::Value TensorToBytes(const Napi::CallbackInfo& info) {
  at::Tensor tensor = ReadForJavaScript(info[0]);
  const WithoutRecorder read;
  if (tensor.layout() != c10::kStrided) tensor = tensor.to_dense();
  tensor = tensor.to(c10::kCPU).resolve_conj().resolve_neg().contiguous();
  return CopyOut(info.Env(), tensor, napi_uint8_array, "Uint8Array");
}

// tensorItem(tensor): the one element of the tensor as a number, bigint (past 2^53) or boolean.
Napi::Value TensorItem(const Napi::CallbackInfo& info) {
  const at::Tensor tensor = ReadForJavaScript(info[0]);
  const WithoutRecorder read;
  const at::Scalar scalar = tensor.item();
  if (scalar.isBoolean()) return Napi::Boolean::New(info.Env(), scalar.toBool());
  if (scalar.isIntegral(false)) return MakeInteger(info.Env(), scalar.toLong());
  if (scalar.isComplex()) throw std::invalid_argument("expected a real number, got a complex one");
  return Napi::Number::New(info.Env(), scalar.toDouble());
}

constexpr Entry kEntries[] = {
    {"tensorFromTypedArray", TensorFromTypedArray, "torch.tensor"},
    {"tensorToTypedArray", TensorToTypedArray, "Tensor.toTypedArray"},
    {"tensorFromBytes", TensorFromBytes},
    {"tensorToBytes", TensorToBytes},
    {"tensorItem", TensorItem, "Tensor.item"},
};

}  // namespace

void InitElements(Napi::Object exports) { Export(exports, kEntries); }

}  // namespace snorkel_torch
