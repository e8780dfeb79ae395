// FloatArray: float32 numbers in row-major order with a shape; the one type in which stages hand numbers on.
//
// It knows no LibTorch: models wrap data() without a copy. Copies of a FloatArray share the numbers, so a copy is
// cheap; whoever makes one fills it through mutable_data() before it is shared and nobody writes afterwards.
#ifndef DIARFLOW_BASE_FLOAT_ARRAY_H_
#define DIARFLOW_BASE_FLOAT_ARRAY_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace diarflow {

class FloatArray {
 public:
  // Empty: shape [0].
  FloatArray() = default;

  // Zeros of a shape, aligned to 64 bytes. REQUIRES: no negative dimension.
  static FloatArray Zeros(std::vector<int64_t> shape);

  // A copy of `values`. REQUIRES: values.size() is the product of the shape.
  static FloatArray Copy(std::vector<int64_t> shape, const std::vector<float>& values);

  const std::vector<int64_t>& shape() const { return shape_; }
  int64_t dim(size_t axis) const { return shape_[axis]; }
  int64_t size() const { return size_; }
  size_t byte_size() const { return sizeof(float) * static_cast<size_t>(size_); }
  bool empty() const { return size_ == 0; }

  const float* data() const { return data_.get(); }
  // REQUIRES: this is the only copy.
  float* mutable_data();

  float operator[](int64_t index) const { return data_.get()[index]; }
  const float* begin() const { return data(); }
  const float* end() const { return data() + size_; }

  // The index of the first number that is NaN or infinite; -1 when all are finite.
  int64_t FirstNotFinite() const;

  // "[2, 512]".
  std::string ShapeString() const;

 private:
  std::vector<int64_t> shape_ = {0};
  int64_t size_ = 0;
  std::shared_ptr<float> data_;
};

}  // namespace diarflow

#endif  // DIARFLOW_BASE_FLOAT_ARRAY_H_
