// The speed of TitaNet-large with random weights: numbers and weights do not change it.
//
//   bazel run //models/titanet:titanet_benchmark
//   ... -- --benchmark_filter=Windows          many windows together and one by one
#include "models/testing/encoder_benchmark.h"
#include "models/titanet/titanet.h"

namespace diarflow {

template <>
TitanetEncoder::Ptr RandomEncoder<TitanetEncoder>(const ModelDevice& device) {
  return *TitanetEncoder::Random(1, NemoMelForm::kLegacy, device);
}

namespace {

DIARFLOW_BENCHMARK_SPEAKER_ENCODER(TitanetEncoder);

}  // namespace
}  // namespace diarflow
