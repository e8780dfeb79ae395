// How good a diarization is with other constants, without running the networks again.
//
// Every session is analysed once: log-probabilities of its windows, voices of its tracks. All constants behind that
// (and the overlap bias) can then be tried in a fraction of a second.
#ifndef DIARFLOW_EXPERIMENTS_TUNING_DIARIZATION_TUNER_H_
#define DIARFLOW_EXPERIMENTS_TUNING_DIARIZATION_TUNER_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "diarization/diarizer.h"
#include "experiments/tuning/tuning_sets.h"
#include "metrics/der.h"

namespace diarflow {

// The constants that are chosen.
struct TunedConstants {
  DiarizeOptions diarize;
  double overlap_bias = WindowOptions().overlap_bias;
};

// One constant, and the values that are tried for it.
struct TunedConstant {
  std::string name;
  double* (*of)(TunedConstants* constants);
  std::vector<double> values;
};

const std::vector<TunedConstant>& AllTunedConstants();

class DiarizationTuner {
 public:
  // Runs the networks over all sessions, with all of TBB's threads.
  static absl::StatusOr<DiarizationTuner> Create(std::vector<LabelledSession> sessions, const DiarizerOptions& options,
                                                 const SegmentationModel& segmentation, const VoiceEncoder& voices);

  // The pooled parts of the diarization error rate of each set: collar 0, overlap scored, whole sessions.
  std::map<std::string, DerComponents> Score(const TunedConstants& constants) const;

 private:
  struct Analysed {
    LabelledSession session;
    std::vector<FloatArray> classes;  // of each window
    std::vector<DiarizationWindow> windows;
  };

  std::vector<Analysed> sessions_;
  WindowOptions options_;
};

// What is made small: the mean over the given sets of their error rates.
double Criterion(const std::map<std::string, DerComponents>& scores, const std::vector<std::string>& sets);

}  // namespace diarflow

#endif  // DIARFLOW_EXPERIMENTS_TUNING_DIARIZATION_TUNER_H_
