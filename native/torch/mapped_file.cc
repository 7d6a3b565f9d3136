#include "native/torch/mapped_file.h"

#include <ATen/ATen.h>
#include <ATen/MapAllocator.h>
#include <c10/util/safe_numerics.h>

#include <cstring>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "native/boundary/convert.h"
#include "native/torch/dtype.h"
#include "native/torch/tensor.h"

namespace snorkel_torch {
namespace {

// Where a tensor lies in the file.
struct Place {
  c10::ScalarType dtype;
  std::vector<int64_t> shape;
  std::vector<int64_t> strides;  // in elements
  int64_t offset;                // in bytes
};

Place ReadPlace(const Napi::Value& value) {
  if (!value.IsObject()) ThrowExpected("an object", "place", value);
  const Napi::Object object = value.As<Napi::Object>();
  Place place{ReadDtype(object.Get("dtype"), "dtype"), ReadIntegers(object.Get("shape"), "shape"),
              ReadIntegers(object.Get("strides"), "strides"), ReadInteger(object.Get("offset"), "offset")};
  return place;
}

// The bytes from the first element to the end of the last; nothing if the numbers make no sense.
std::optional<int64_t> Extent(const Place& place) {
  if (place.shape.size() != place.strides.size() || place.shape.size() > 64) return std::nullopt;
  int64_t last = 0;
  bool is_empty = false;
  for (size_t dim = 0; dim < place.shape.size(); dim++) {
    const int64_t size = place.shape[dim], stride = place.strides[dim];
    if (size < 0 || stride < 0) return std::nullopt;
    is_empty = is_empty || size == 0;
    int64_t reach = 0;
    if (size > 1 && (c10::mul_overflows(size - 1, stride, &reach) || c10::add_overflows(last, reach, &last)))
      return std::nullopt;
  }
  if (is_empty) return 0;
  int64_t bytes = 0;
  const auto item = static_cast<int64_t>(c10::elementSize(place.dtype));
  if (c10::add_overflows(last, int64_t{1}, &last) || c10::mul_overflows(last, item, &bytes))
    return std::nullopt;
  return bytes;
}

void CheckPlace(const Place& place, int64_t size) {
  const auto extent = Extent(place);
  if (extent && place.offset >= 0 && *extent <= size && place.offset <= size - *extent) return;
  throw std::invalid_argument(c10::str("expected a tensor inside of the file's ", size, " bytes, got shape ",
                                       place.shape, ", strides ", place.strides, " of ",
                                       DtypeName(place.dtype), " from byte ", place.offset));
}

// A copy for elements that LibTorch cannot use where they are.
at::Tensor CopyOut(const Place& place, const c10::Storage& storage, int64_t extent) {
  const bool is_bool = place.dtype == c10::kBool;
  const at::TensorOptions options(is_bool ? c10::kByte : place.dtype);
  const at::Tensor dense = at::empty({extent / static_cast<int64_t>(c10::elementSize(place.dtype))}, options);
  const char* data = static_cast<const char*>(storage.data()) + place.offset;
  if (extent > 0) std::memcpy(dense.mutable_data_ptr(), data, static_cast<size_t>(extent));
  const at::Tensor tensor = dense.as_strided(place.shape, place.strides);
  return is_bool ? tensor.to(c10::kBool) : tensor;
}

at::Tensor Map(const Place& place, const c10::Storage& storage) {
  const int64_t extent = *Extent(place);
  const auto item = static_cast<int64_t>(c10::elementSize(place.dtype));
  // A bool of any other byte than 0 and 1 is undefined behaviour, as is an element that is not aligned.
  if (extent == 0 || place.dtype == c10::kBool || place.offset % item != 0)
    return CopyOut(place, storage, extent);
  return at::empty({0}, at::TensorOptions(place.dtype))
      .set_(storage, place.offset / item, place.shape, place.strides);
}

// mapFile(path, size, places): a tensor for each { dtype, shape, strides, offset } in the file, which must be
// of at least `size` bytes. They share one private mapping: what is written into them stays in memory.
Napi::Value MapFile(const Napi::CallbackInfo& info) {
  const std::string path = ReadString(info[0], "path");
  const int64_t size = ReadInteger(info[1], "size");
  if (size < 1) ThrowExpected("a size of at least 1", "size", info[1]);
  const Napi::Array array = ReadArray(info[2], "places");
  const uint32_t count = array.Length();
  std::vector<Place> places;
  for (uint32_t i = 0; i < count; i++) {
    places.push_back(ReadPlace(array.Get(i)));
    CheckPlace(places.back(), size);
  }
  // Without flags the file is opened to be read, and its pages are mapped privately.
  at::DataPtr data = at::MapAllocator::makeDataPtr(path, 0, static_cast<size_t>(size), nullptr);
  const c10::Storage storage(c10::Storage::use_byte_size_t(), size, std::move(data), nullptr,
                             /*resizable=*/false);
  std::vector<at::Tensor> tensors;
  for (const Place& place : places) tensors.push_back(Map(place, storage));
  return MakeTensors(info.Env(), tensors);
}

constexpr Entry kEntries[] = {{"mapFile", MapFile, "torch.fromFile"}};

}  // namespace

void InitMappedFile(Napi::Object exports) { Export(exports, kEntries); }

}  // namespace snorkel_torch
