// The work that //bench:models times: by our networks here, and as a line that models_peer.py understands.
#ifndef DIARFLOW_BENCH_MODEL_WORK_H_
#define DIARFLOW_BENCH_MODEL_WORK_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace diarflow {

// Gives the numbers that programs are compared by.
using ModelRun = std::function<absl::StatusOr<std::vector<float>>()>;

struct ModelWork {
  std::string group;            // "TitaNet, 8 windows of 3 s"
  double audio_seconds = 0;     // of one run
  ModelRun run;                 // timed
  std::string asked;            // the same of a peer
  ModelRun run_with_front_end;  // from samples on; empty: there is none
  // Run once by both before the rounds; their numbers may be `tolerance` apart, as a share.
  ModelRun check;
  std::string check_asked;
  double tolerance = 1e-4;
};

// TitaNet-large with seeded random weights on windows of 3 s, 1 and 8 of them. Files go into `folder`.
absl::StatusOr<std::vector<ModelWork>> TitanetWork(const std::string& folder);

// CAM++ with the weights that come with the build, on windows of 1.5 and 3 s, 1 and 16 of them.
absl::StatusOr<std::vector<ModelWork>> CampplusWork(const std::string& folder);

// Updates of an adapter of the small and of the published size, as experiments/train_adapter.textproto has them: frames
// in, forward, loss, backward, cut gradients, AdamW. They are compared by the losses of some updates without dropout.
absl::StatusOr<std::vector<ModelWork>> AdapterWork(const std::string& folder);

}  // namespace diarflow

#endif  // DIARFLOW_BENCH_MODEL_WORK_H_
