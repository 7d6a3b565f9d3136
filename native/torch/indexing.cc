#include "native/torch/indexing.h"

#include <ATen/ATen.h>
#include <ATen/TensorIndexing.h>

#include <optional>
#include <string>
#include <vector>

#include "native/boundary/convert.h"
#include "native/torch/tensor.h"

namespace snorkel_torch {
namespace {

using at::indexing::TensorIndex;

constexpr const char* kExpected =
    "an integer, boolean, null, \"...\", torch.slice(), Tensor or array of integers or booleans";

std::optional<c10::SymInt> ReadBound(const Napi::Value& value, const Name& name) {
  return value.IsNull() ? std::nullopt : std::optional<c10::SymInt>(ReadInteger(value, name));
}

at::indexing::Slice ReadSlice(const Napi::Object& slice) {
  const auto start = ReadBound(slice.Get("start"), "start");
  const auto end = ReadBound(slice.Get("end"), "end");
  return at::indexing::Slice(start, end, ReadInteger(slice.Get("step"), "step"));
}

// An array of booleans is a mask, one of integers a list of positions.
at::Tensor ReadPositions(const Napi::Value& value, const std::string& name) {
  const Napi::Array array = value.As<Napi::Array>();
  if (array.Length() == 0 || !array.Get(0u).IsBoolean())
    return at::tensor(ReadIntegers(value, name), at::kLong);
  at::Tensor mask = at::empty({array.Length()}, at::kBool);
  for (uint32_t i = 0; i < mask.numel(); i++) {
    mask.mutable_data_ptr<bool>()[i] = ReadBoolean(array.Get(i), Name(name).Element(i));
  }
  return mask;
}

TensorIndex ReadIndex(const Napi::Value& value, const Name& name) {
  if (value.IsNumber() || value.IsBigInt()) return TensorIndex(ReadInteger(value, name));
  if (value.IsBoolean()) return TensorIndex(value.As<Napi::Boolean>().Value());
  if (value.IsNull()) return TensorIndex(std::nullopt);
  if (value.IsString() && value.As<Napi::String>().Utf8Value() == "...")
    return TensorIndex(at::indexing::Ellipsis);
  if (value.IsArray()) return TensorIndex(ReadPositions(value, name.Text()));
  if (IsTensor(value)) return TensorIndex(ReadTensor(value, name));
  if (!value.IsObject() || !value.As<Napi::Object>().Has("step")) ThrowExpected(kExpected, name, value);
  return TensorIndex(ReadSlice(value.As<Napi::Object>()));
}

// No index at all picks everything.
std::vector<TensorIndex> ReadIndices(const Napi::Value& value) {
  const Napi::Array array = ReadArray(value, "indices");
  const uint32_t length = array.Length();
  std::vector<TensorIndex> indices;
  for (uint32_t i = 0; i < length; i++)
    indices.push_back(ReadIndex(array.Get(i), Name("indices").Element(i)));
  if (indices.empty()) indices.emplace_back(at::indexing::Ellipsis);
  return indices;
}

// tensorIndex(tensor, indices): a view, or a copy where a tensor is among the indices.
Napi::Value TensorIndexEntry(const Napi::CallbackInfo& info) {
  const auto indices = ReadIndices(info[1]);
  return MakeTensor(info.Env(), ReadTensor(info[0], "tensor").index(indices));
}

// tensorIndexPut(tensor, indices, value): writes a tensor, number, bigint or boolean.
Napi::Value TensorIndexPut(const Napi::CallbackInfo& info) {
  const auto indices = ReadIndices(info[1]);
  at::Tensor tensor = ReadTensor(info[0], "tensor");
  CheckWritable(info.Env(), tensor);
  const Napi::Value& value = info[2];
  if (IsTensor(value)) {
    tensor.index_put_(indices, ReadTensor(value, "value"));
  } else if (value.IsNumber()) {
    tensor.index_put_(indices, at::Scalar(value.As<Napi::Number>().DoubleValue()));
  } else if (value.IsBoolean()) {
    tensor.index_put_(indices, at::Scalar(value.As<Napi::Boolean>().Value()));
  } else if (value.IsBigInt()) {
    tensor.index_put_(indices, at::Scalar(ReadInteger(value, "value")));
  } else {
    ThrowExpected("a Tensor, number, bigint or boolean", "value", value);
  }
  return info.Env().Undefined();
}

constexpr Entry kEntries[] = {
    {"tensorIndex", TensorIndexEntry, "Tensor.index"},
    {"tensorIndexPut", TensorIndexPut, "Tensor.indexPut_"},
};

}  // namespace

void InitIndexing(Napi::Object exports) { Export(exports, kEntries); }

}  // namespace snorkel_torch
