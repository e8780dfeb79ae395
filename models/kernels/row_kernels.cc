#include "models/kernels/row_kernels.h"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

namespace diarflow {
namespace {

#define DIARFLOW_INLINE inline __attribute__((always_inline))

// Sums over a row are taken in so many lanes, which the compiler keeps in vector registers.
constexpr int64_t kLanes = 16;

// exp(x) for x <= 88, 0 or nearly so below -87; relative error below 1e-7. 2^n times a polynomial for the rest (Cody
// and Waite's reduction; the coefficients are those of Cephes).
DIARFLOW_INLINE float Exp(float x) {
  x = x < -87.0f ? -87.0f : x;
  // Adding 1.5 * 2^23 rounds to a whole number, which then stands in the last bits.
  const float shifted = x * 1.44269504f + 12582912.0f;
  const float n = shifted - 12582912.0f;
  const float r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  uint32_t bits;
  std::memcpy(&bits, &shifted, sizeof(bits));
  const uint32_t scale_bits = (bits << 23) + 0x3f800000u;
  float scale;
  std::memcpy(&scale, &scale_bits, sizeof(scale));
  return p * scale;
}

// erf(x) with an absolute error below 2e-7.
DIARFLOW_INLINE float Erf(float x) {
  const float magnitude = std::fabs(x);
  const float t = 1.0f / (1.0f + 0.3275911f * magnitude);
  float p = 1.061405429f;
  p = p * t - 1.453152027f;
  p = p * t + 1.421413741f;
  p = p * t - 0.284496736f;
  p = p * t + 0.254829592f;
  const float y = 1.0f - p * t * Exp(-magnitude * magnitude);
  return x < 0 ? -y : y;
}

template <typename T>
DIARFLOW_INLINE void EluRowsOnce(const float* x, const float* bias, int64_t rows, int64_t columns, T* out) {
  for (int64_t row = 0; row < rows; ++row, x += columns, out += columns) {
    const float* __restrict in = x;
    T* __restrict to = out;
    for (int64_t i = 0; i < columns; ++i) {
      const float value = in[i] + bias[i];
      const float below = Exp(value < 0 ? value : 0) - 1.0f;
      Store(value > 0 ? value : below, to + i);
    }
  }
}

DIARFLOW_INLINE float Sum(const float* lanes) {
  float sum = 0;
  for (int64_t lane = 0; lane < kLanes; ++lane) sum += lanes[lane];
  return sum;
}

template <typename T>
DIARFLOW_INLINE void LayerNormRowsOnce(const float* x, const float* weight, const float* bias, float epsilon,
                                       int64_t rows, int64_t columns, T* out) {
  const int64_t whole = columns / kLanes * kLanes;
  for (int64_t row = 0; row < rows; ++row, x += columns, out += columns) {
    const float* __restrict in = x;
    T* __restrict to = out;
    float lanes[kLanes] = {};
    for (int64_t i = 0; i < whole; i += kLanes) {
      for (int64_t lane = 0; lane < kLanes; ++lane) lanes[lane] += in[i + lane];
    }
    for (int64_t i = whole; i < columns; ++i) lanes[0] += in[i];
    const float mean = Sum(lanes) / static_cast<float>(columns);
    float squares[kLanes] = {};
    for (int64_t i = 0; i < whole; i += kLanes) {
      for (int64_t lane = 0; lane < kLanes; ++lane) {
        const float distance = in[i + lane] - mean;
        squares[lane] += distance * distance;
      }
    }
    for (int64_t i = whole; i < columns; ++i) squares[0] += (in[i] - mean) * (in[i] - mean);
    const float scale = 1.0f / std::sqrt(Sum(squares) / static_cast<float>(columns) + epsilon);
    for (int64_t i = 0; i < columns; ++i) Store((in[i] - mean) * scale * weight[i] + bias[i], to + i);
  }
}

template <typename T>
DIARFLOW_INLINE void GeluOnce(const float* __restrict x, int64_t count, T* __restrict out) {
  for (int64_t i = 0; i < count; ++i) Store(0.5f * x[i] * (1.0f + Erf(x[i] * 0.707106781f)), out + i);
}

template <typename T>
DIARFLOW_INLINE void ConvertOnce(const float* __restrict x, int64_t count, T* __restrict out) {
  for (int64_t i = 0; i < count; ++i) Store(x[i], out + i);
}

DIARFLOW_INLINE void AddBiasRowsOnce(const float* __restrict bias, int64_t rows, int64_t columns, float* x) {
  for (int64_t row = 0; row < rows; ++row, x += columns) {
    float* __restrict to = x;
    for (int64_t i = 0; i < columns; ++i) to[i] += bias[i];
  }
}

DIARFLOW_INLINE void AddBiasReluRowsOnce(const float* __restrict bias, int64_t rows, int64_t columns, float* x) {
  for (int64_t row = 0; row < rows; ++row, x += columns) {
    float* __restrict to = x;
    for (int64_t i = 0; i < columns; ++i) {
      const float sum = to[i] + bias[i];
      to[i] = sum > 0 ? sum : 0;
    }
  }
}

DIARFLOW_INLINE void DepthwiseRowsOnce(const float* x, const float* weights, int64_t taps, int64_t rows,
                                       int64_t columns, int64_t begin, int64_t end, float* out) {
  for (int64_t row = begin; row < end; ++row, out += columns) {
    const int64_t before = row - taps / 2;
    const int64_t first = before < 0 ? -before : 0;
    const int64_t last = before + taps > rows ? rows - before : taps;
    const float* in = x + before * columns;
    int64_t column = 0;
    // Two vectors of sums stay in registers over the taps.
    for (; column + 2 * kLanes <= columns; column += 2 * kLanes) {
      float sums[2 * kLanes] = {};
      for (int64_t tap = first; tap < last; ++tap) {
        const float* __restrict from = in + tap * columns + column;
        const float* __restrict weight = weights + tap * columns + column;
        for (int64_t lane = 0; lane < 2 * kLanes; ++lane) sums[lane] += weight[lane] * from[lane];
      }
      std::memcpy(out + column, sums, sizeof(sums));
    }
    for (; column < columns; ++column) {
      float sum = 0;
      for (int64_t tap = first; tap < last; ++tap) sum += weights[tap * columns + column] * in[tap * columns + column];
      out[column] = sum;
    }
  }
}

DIARFLOW_INLINE void RotateHeadsOnce(const float* __restrict cosines, const float* __restrict sines, int64_t pairs,
                                     int64_t heads, float* x) {
  for (int64_t head = 0; head < heads; ++head, x += 2 * pairs) {
    float* __restrict first = x;
    float* __restrict second = x + pairs;
    for (int64_t i = 0; i < pairs; ++i) {
      const float a = first[i];
      const float b = second[i];
      first[i] = a * cosines[i] - b * sines[i];
      second[i] = a * sines[i] + b * cosines[i];
    }
  }
}

DIARFLOW_INLINE void WindowSoftmaxOnce(const int32_t* __restrict ages, int32_t youngest, int32_t window,
                                       int64_t columns, float* __restrict x) {
  constexpr float kLowest = std::numeric_limits<float>::lowest();
  const int64_t whole = columns / kLanes * kLanes;
  float largest[kLanes];
  for (int64_t lane = 0; lane < kLanes; ++lane) largest[lane] = kLowest;
  // One unsigned comparison asks for 0 <= age - youngest < window.
  const auto seen = [&](int64_t i) {
    return static_cast<uint32_t>(ages[i] - youngest) < static_cast<uint32_t>(window);
  };
  for (int64_t i = 0; i < whole; i += kLanes) {
    for (int64_t lane = 0; lane < kLanes; ++lane) {
      const float value = seen(i + lane) ? x[i + lane] : kLowest;
      x[i + lane] = value;
      largest[lane] = value > largest[lane] ? value : largest[lane];
    }
  }
  for (int64_t i = whole; i < columns; ++i) {
    x[i] = seen(i) ? x[i] : kLowest;
    largest[0] = x[i] > largest[0] ? x[i] : largest[0];
  }
  float top = largest[0];
  for (int64_t lane = 1; lane < kLanes; ++lane) top = largest[lane] > top ? largest[lane] : top;
  float lanes[kLanes] = {};
  for (int64_t i = 0; i < whole; i += kLanes) {
    for (int64_t lane = 0; lane < kLanes; ++lane) {
      const float weight = x[i + lane] == kLowest ? 0.0f : Exp(x[i + lane] - top);
      x[i + lane] = weight;
      lanes[lane] += weight;
    }
  }
  for (int64_t i = whole; i < columns; ++i) {
    x[i] = x[i] == kLowest ? 0.0f : Exp(x[i] - top);
    lanes[0] += x[i];
  }
  const float scale = 1.0f / Sum(lanes);
  for (int64_t i = 0; i < columns; ++i) x[i] *= scale;
}

// The three versions of a function. What is inlined into one is compiled for its CPU.
#if defined(__x86_64__)
#define DIARFLOW_AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,fma,prefer-vector-width=512")))
#define DIARFLOW_AVX2 __attribute__((target("avx2,fma")))

enum class Instructions { kAvx512, kAvx2, kAny };

Instructions Detect() {
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512dq")) {
    return Instructions::kAvx512;
  }
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? Instructions::kAvx2 : Instructions::kAny;
}

const Instructions kInstructions = Detect();

#define DIARFLOW_VERSIONS(name, parameters, arguments)                   \
  DIARFLOW_AVX512 void name##Avx512 parameters { name##Once arguments; } \
  DIARFLOW_AVX2 void name##Avx2 parameters { name##Once arguments; }     \
  void name##Any parameters { name##Once arguments; }                    \
  DIARFLOW_INLINE void name##Best parameters {                           \
    switch (kInstructions) {                                             \
      case Instructions::kAvx512: return name##Avx512 arguments;         \
      case Instructions::kAvx2: return name##Avx2 arguments;             \
      case Instructions::kAny: return name##Any arguments;               \
    }                                                                    \
  }
#else
#define DIARFLOW_VERSIONS(name, parameters, arguments) \
  DIARFLOW_INLINE void name##Best parameters { name##Once arguments; }
#endif

#define DIARFLOW_VERSIONS_OF(T)                                                                                       \
  DIARFLOW_VERSIONS(EluRows, (const float* x, const float* bias, int64_t rows, int64_t columns, T* out),              \
                    (x, bias, rows, columns, out))                                                                    \
  DIARFLOW_VERSIONS(                                                                                                  \
      LayerNormRows,                                                                                                  \
      (const float* x, const float* weight, const float* bias, float epsilon, int64_t rows, int64_t columns, T* out), \
      (x, weight, bias, epsilon, rows, columns, out))                                                                 \
  DIARFLOW_VERSIONS(Gelu, (const float* x, int64_t count, T* out), (x, count, out))                                   \
  DIARFLOW_VERSIONS(Convert, (const float* x, int64_t count, T* out), (x, count, out))

DIARFLOW_VERSIONS_OF(float)
DIARFLOW_VERSIONS_OF(Bfloat16)
DIARFLOW_VERSIONS(AddBiasRows, (const float* bias, int64_t rows, int64_t columns, float* x), (bias, rows, columns, x))
DIARFLOW_VERSIONS(AddBiasReluRows, (const float* bias, int64_t rows, int64_t columns, float* x),
                  (bias, rows, columns, x))
DIARFLOW_VERSIONS(DepthwiseRows,
                  (const float* x, const float* weights, int64_t taps, int64_t rows, int64_t columns, int64_t begin,
                   int64_t end, float* out),
                  (x, weights, taps, rows, columns, begin, end, out))
DIARFLOW_VERSIONS(RotateHeads, (const float* cosines, const float* sines, int64_t pairs, int64_t heads, float* x),
                  (cosines, sines, pairs, heads, x))
DIARFLOW_VERSIONS(WindowSoftmax, (const int32_t* ages, int32_t youngest, int32_t window, int64_t columns, float* x),
                  (ages, youngest, window, columns, x))

}  // namespace

template <typename T>
void EluRows(const float* x, const float* bias, int64_t rows, int64_t columns, T* out) {
  EluRowsBest(x, bias, rows, columns, out);
}

template <typename T>
void LayerNormRows(const float* x, const float* weight, const float* bias, float epsilon, int64_t rows, int64_t columns,
                   T* out) {
  LayerNormRowsBest(x, weight, bias, epsilon, rows, columns, out);
}

template <typename T>
void Gelu(const float* x, int64_t count, T* out) {
  GeluBest(x, count, out);
}

template <typename T>
void Convert(const float* x, int64_t count, T* out) {
  ConvertBest(x, count, out);
}

void AddBiasRows(const float* bias, int64_t rows, int64_t columns, float* x) {
  AddBiasRowsBest(bias, rows, columns, x);
}

void AddBiasReluRows(const float* bias, int64_t rows, int64_t columns, float* x) {
  AddBiasReluRowsBest(bias, rows, columns, x);
}

void DepthwiseRows(const float* x, const float* weights, int64_t taps, int64_t rows, int64_t columns, int64_t begin,
                   int64_t end, float* out) {
  DepthwiseRowsBest(x, weights, taps, rows, columns, begin, end, out);
}

void RotateHeads(const float* cosines, const float* sines, int64_t pairs, int64_t heads, float* x) {
  RotateHeadsBest(cosines, sines, pairs, heads, x);
}

void WindowSoftmax(const int32_t* ages, int32_t youngest, int32_t window, int64_t columns, float* x) {
  WindowSoftmaxBest(ages, youngest, window, columns, x);
}

#define DIARFLOW_INSTANTIATE(T)                                                                          \
  template void EluRows<T>(const float*, const float*, int64_t, int64_t, T*);                            \
  template void LayerNormRows<T>(const float*, const float*, const float*, float, int64_t, int64_t, T*); \
  template void Gelu<T>(const float*, int64_t, T*);                                                      \
  template void Convert<T>(const float*, int64_t, T*);

DIARFLOW_INSTANTIATE(float)
DIARFLOW_INSTANTIATE(Bfloat16)

}  // namespace diarflow
