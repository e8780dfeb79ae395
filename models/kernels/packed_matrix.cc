#include "models/kernels/packed_matrix.h"

#include <algorithm>
#include <atomic>
#include <type_traits>

#include "ATen/native/CPUBlas.h"
#include "ATen/ops/addmm.h"
#include "ATen/ops/from_blob.h"
#include "ATen/ops/mm.h"
#include "c10/util/Exception.h"
#include "models/kernels/parallel.h"

namespace diarflow {
namespace {

namespace cpublas = at::native::cpublas;

// Four AVX-512 registers of columns: what the kernels hold beside the rows.
constexpr int64_t kPanel = 64;
// A block of 64 columns by this stays in the second-level cache: 256 kB of floats.
constexpr int64_t kMaxBlock = 1024;
// Rows that one call takes. A kernel is compiled for each number of rows: the rest goes in eights and the remainder,
// so that there are few of them whatever the lengths.
constexpr int64_t kRowBlock = 48;
constexpr int64_t kRowStep = 8;

std::atomic<bool> general_products{false};

void Kernel(int64_t rows, int64_t columns, int64_t depth, int64_t x_stride, int64_t y_stride, int64_t out_stride,
            bool add, const float* x, const float* y, float* out) {
  cpublas::brgemm(rows, columns, depth, x_stride, y_stride, out_stride, add, x, y, out, /*is_vnni=*/false);
}

void Kernel(int64_t rows, int64_t columns, int64_t depth, int64_t x_stride, int64_t y_stride, int64_t out_stride,
            bool add, const Bfloat16* x, const Bfloat16* y, float* out) {
  cpublas::brgemm(rows, columns, depth, x_stride, y_stride, out_stride, add, reinterpret_cast<const at::BFloat16*>(x),
                  reinterpret_cast<const at::BFloat16*>(y), out, /*is_vnni=*/true);
}

// Whether there are kernels for floats: LibTorch built with oneDNN, on a CPU with AVX2.
bool HasKernels() {
  static const bool has = [] {
    const float one[16] = {1};
    float out[16] = {};
    try {
      Kernel(1, 16, 1, 1, 16, 16, false, one, one, out);
    } catch (const c10::Error&) {
      return false;
    }
    return out[0] == 1;
  }();
  return has && !general_products;
}

at::Tensor View(const float* data, int64_t rows, int64_t columns, int64_t stride) {
  // from_blob takes a mutable pointer; the operands are only read.
  return at::from_blob(const_cast<float*>(data), {rows, columns}, {stride, 1}, at::TensorOptions(at::kFloat));
}

// Without kernels. Rows that overlap are taken in pieces that do not.
void GeneralProduct(int64_t rows, int64_t columns, int64_t depth, int64_t x_stride, int64_t y_stride,
                    int64_t out_stride, bool add, const float* x, const float* y, float* out) {
  at::Tensor result = View(out, rows, columns, out_stride);
  const int64_t step = rows == 1 ? depth : std::min(depth, x_stride);
  for (int64_t begin = 0; begin < depth; begin += step) {
    const int64_t size = std::min(step, depth - begin);
    const at::Tensor left = View(x + begin, rows, size, std::max(x_stride, size));
    const at::Tensor right = View(y + begin * y_stride, size, columns, y_stride);
    if (add || begin > 0)
      result.addmm_(left, right);
    else
      at::mm_out(result, left, right);
  }
}

template <typename T>
void Product(int64_t rows, int64_t columns, int64_t depth, int64_t x_stride, int64_t y_stride, int64_t out_stride,
             bool add, const T* x, const T* y, float* out) {
  if constexpr (std::is_same_v<T, float>) {
    if (!HasKernels()) return GeneralProduct(rows, columns, depth, x_stride, y_stride, out_stride, add, x, y, out);
  }
  for (int64_t row = 0; row < rows;) {
    int64_t count = std::min(rows - row, kRowBlock);
    if (count > kRowStep) count = count / kRowStep * kRowStep;
    Kernel(count, columns, depth, x_stride, y_stride, out_stride, add, x + row * x_stride, y, out + row * out_stride);
    row += count;
  }
}

}  // namespace

template <typename T>
PackedMatrix<T>::PackedMatrix(const std::vector<float>& weights, int64_t depth, int64_t columns)
    : depth_(depth), columns_(columns) {
  constexpr int64_t kTogether = std::is_same_v<T, Bfloat16> ? 2 : 1;
  padded_depth_ = (depth + kTogether - 1) / kTogether * kTogether;
  const int64_t blocks = (padded_depth_ + kMaxBlock - 1) / kMaxBlock;
  block_ = ((padded_depth_ + blocks - 1) / blocks + 31) / 32 * 32;
  panels_.resize(static_cast<size_t>(padded_depth_ * columns));
  for (int64_t panel = 0; panel < columns; panel += kPanel) {
    const int64_t width = std::min(kPanel, columns - panel);
    T* to = panels_.data() + panel * padded_depth_;
    for (int64_t row = 0; row < depth; ++row) {
      for (int64_t column = 0; column < width; ++column) {
        const int64_t at = (row / kTogether * width + column) * kTogether + row % kTogether;
        Store(weights[static_cast<size_t>(row * columns + panel + column)], to + at);
      }
    }
  }
}

template <typename T>
int64_t PackedMatrix<T>::panels() const {
  return (columns_ + kPanel - 1) / kPanel;
}

template <typename T>
void PackedMatrix<T>::MultiplyPanel(int64_t panel, Rows<const T> x, Rows<float> y, int64_t items, int64_t rows,
                                    bool add) const {
  const int64_t first = panel * kPanel;
  const int64_t width = std::min(kPanel, columns_ - first);
  const T* weights = panels_.data() + first * padded_depth_;
  // A block of the weights stays in the cache for all rows. Few rows of many items: the same row of all items at once.
  const bool across = rows < items;
  const int64_t calls = across ? rows : items;
  const int64_t rows_a_call = across ? items : rows;
  const int64_t x_row = across ? x.item_stride : x.row_stride, x_call = across ? x.row_stride : x.item_stride;
  const int64_t y_row = across ? y.item_stride : y.row_stride, y_call = across ? y.row_stride : y.item_stride;
  for (int64_t begin = 0; begin < padded_depth_; begin += block_) {
    const int64_t size = std::min(block_, padded_depth_ - begin);
    for (int64_t call = 0; call < calls; ++call) {
      Product(rows_a_call, width, size, x_row, width, y_row, add || begin > 0, x.data + call * x_call + begin,
              weights + begin * width, y.data + call * y_call + first);
    }
  }
}

template <typename T>
void PackedMatrix<T>::MultiplyPanels(int64_t begin, int64_t end, Rows<const T> x, Rows<float> y, int64_t items,
                                     int64_t rows, bool add) const {
  for (int64_t panel = begin; panel < end; ++panel) MultiplyPanel(panel, x, y, items, rows, add);
  // The registers of AMX, where there are any, cost every switch of threads while they are set up.
  if constexpr (std::is_same_v<T, Bfloat16>) cpublas::brgemm_release();
}

template <typename T>
void PackedMatrix<T>::Multiply(Rows<const T> x, Rows<float> y, int64_t items, int64_t rows, bool add) const {
  // A thread is worth waking for this many multiplications.
  constexpr int64_t kGrain = 1 << 18;
  ParallelFor(panels(), 1 + kGrain / (1 + items * rows * depth_ * kPanel),
              [&](int64_t begin, int64_t end) { MultiplyPanels(begin, end, x, y, items, rows, add); });
}

template <typename T>
void MultiplyPlain(const T* x, int64_t x_stride, const T* y, int64_t y_stride, int64_t rows, int64_t depth,
                   int64_t columns, float* out, int64_t out_stride) {
  Product(rows, columns, depth, x_stride, y_stride, out_stride, /*add=*/false, x, y, out);
  if constexpr (std::is_same_v<T, Bfloat16>) cpublas::brgemm_release();
}

bool HasFastBfloat16() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  return HasKernels() && __builtin_cpu_supports("avx512bf16");
#else
  return false;
#endif
}

void UseGeneralProducts(bool general) { general_products = general; }

template class PackedMatrix<float>;
template class PackedMatrix<Bfloat16>;
template void MultiplyPlain(const float*, int64_t, const float*, int64_t, int64_t, int64_t, int64_t, float*, int64_t);
template void MultiplyPlain(const Bfloat16*, int64_t, const Bfloat16*, int64_t, int64_t, int64_t, int64_t, float*,
                            int64_t);

}  // namespace diarflow
