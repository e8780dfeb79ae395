// Bfloat16: the upper half of a float, and conversion to it.
#ifndef DIARFLOW_MODELS_KERNELS_BFLOAT16_H_
#define DIARFLOW_MODELS_KERNELS_BFLOAT16_H_

#include <cstdint>
#include <cstring>

namespace diarflow {

struct Bfloat16 {
  uint16_t bits = 0;
};

// To the nearest, ties to even. `value` is finite or infinite.
inline __attribute__((always_inline)) Bfloat16 ToBfloat16(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  return {static_cast<uint16_t>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16)};
}

inline __attribute__((always_inline)) float FromBfloat16(Bfloat16 value) {
  const uint32_t bits = static_cast<uint32_t>(value.bits) << 16;
  float result;
  std::memcpy(&result, &bits, sizeof(result));
  return result;
}

// The same for either type of operand, so that code can be written for both.
inline __attribute__((always_inline)) void Store(float value, float* to) { *to = value; }
inline __attribute__((always_inline)) void Store(float value, Bfloat16* to) { *to = ToBfloat16(value); }
inline __attribute__((always_inline)) float Load(float value) { return value; }
inline __attribute__((always_inline)) float Load(Bfloat16 value) { return FromBfloat16(value); }

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_KERNELS_BFLOAT16_H_
