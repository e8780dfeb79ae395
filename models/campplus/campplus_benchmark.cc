// The speed of CAM++ with random weights: numbers and weights do not change it.
//
//   bazel run //models/campplus:campplus_benchmark
//   ... -- --benchmark_filter=Windows          many windows together and one by one
#include "models/campplus/campplus.h"
#include "models/testing/encoder_benchmark.h"

namespace diarflow {
namespace {

DIARFLOW_BENCHMARK_SPEAKER_ENCODER(CampplusEncoder);

}  // namespace
}  // namespace diarflow
