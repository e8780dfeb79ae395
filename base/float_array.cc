#include "base/float_array.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstring>
#include <new>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace diarflow {
namespace {

constexpr std::align_val_t kAlignment{64};

}  // namespace

FloatArray FloatArray::Zeros(std::vector<int64_t> shape) {
  FloatArray array;
  array.size_ = 1;
  for (const int64_t dim : shape) {
    assert(dim >= 0);
    array.size_ *= dim;
  }
  array.shape_ = std::move(shape);
  if (array.size_ > 0) {
    array.data_ = std::shared_ptr<float>(static_cast<float*>(operator new(array.byte_size(), kAlignment)),
                                         [](float* p) { operator delete(p, kAlignment); });
    std::fill_n(array.data_.get(), array.size_, 0.0f);
  }
  return array;
}

FloatArray FloatArray::Copy(std::vector<int64_t> shape, const std::vector<float>& values) {
  FloatArray array = Zeros(std::move(shape));
  assert(array.size() == static_cast<int64_t>(values.size()));
  std::copy(values.begin(), values.end(), array.data_.get());
  return array;
}

float* FloatArray::mutable_data() {
  assert(data_.use_count() <= 1);
  return data_.get();
}

int64_t FloatArray::FirstNotFinite() const {
  // An exponent of all ones. In blocks without a branch inside, which the compiler turns into vector instructions.
  constexpr uint32_t kExponent = 0x7f800000;
  constexpr int64_t kBlock = 1024;
  const float* values = data();
  for (int64_t begin = 0; begin < size_; begin += kBlock) {
    const int64_t end = std::min(size_, begin + kBlock);
    uint32_t found = 0;
    for (int64_t i = begin; i < end; ++i) {
      uint32_t bits;
      std::memcpy(&bits, values + i, sizeof(bits));
      found |= static_cast<uint32_t>((bits & kExponent) == kExponent);
    }
    if (found == 0) continue;
    return std::find_if(values + begin, values + end, [](float value) { return !std::isfinite(value); }) - values;
  }
  return -1;
}

std::string FloatArray::ShapeString() const { return absl::StrCat("[", absl::StrJoin(shape_, ", "), "]"); }

}  // namespace diarflow
