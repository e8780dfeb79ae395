// The numbers that a Mimi encoder multiplies with.
#ifndef DIARFLOW_MODELS_MIMI_MIMI_PRECISION_H_
#define DIARFLOW_MODELS_MIMI_MIMI_PRECISION_H_

namespace diarflow {

enum class MimiPrecision {
  kFloat32,
  // Operands of 8 bits of mantissa, float sums: latents within 1 % of those of kFloat32, about twice as fast where the
  // CPU has AVX512-BF16, more with AMX.
  kBfloat16,
};

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_MIMI_MIMI_PRECISION_H_
