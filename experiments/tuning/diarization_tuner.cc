#include "experiments/tuning/diarization_tuner.h"

#include <algorithm>
#include <utility>

#include "base/status_macros.h"
#include "models/windows.h"
#include "tbb/parallel_for.h"

namespace diarflow {

const std::vector<TunedConstant>& AllTunedConstants() {
  using C = TunedConstants;
  static const auto* const constants = new std::vector<TunedConstant>{
      {"least_similarity",
       [](C* c) { return &c->diarize.cluster.least_similarity; },
       {0.4, 0.43, 0.46, 0.49, 0.52, 0.55}},
      {"cannot_link_penalty",
       [](C* c) { return &c->diarize.cluster.cannot_link_penalty; },
       {0, 0.1, 0.15, 0.2, 0.275, 0.35, 1}},
      {"least_seconds", [](C* c) { return &c->diarize.cluster.least_seconds; }, {0, 1, 2, 3, 4, 6}},
      {"least_share", [](C* c) { return &c->diarize.cluster.least_share; }, {0, 0.01, 0.02, 0.04}},
      {"other_cluster", [](C* c) { return &c->diarize.assign.other_cluster; }, {0, 0.05, 0.1, 0.2, 2}},
      {"taken_cluster", [](C* c) { return &c->diarize.assign.taken_cluster; }, {0, 0.1, 0.2, 2}},
      {"agreement_weight", [](C* c) { return &c->diarize.vote.agreement_weight; }, {0.4, 0.7, 1}},
      {"overlap_bias", [](C* c) { return &c->overlap_bias; }, {0, 0.3, 0.5, 0.7, 1}},
      {"speech_threshold", [](C* c) { return &c->diarize.vote.speech_threshold; }, {0.3, 0.4, 0.5, 0.6}},
      {"overlap_threshold", [](C* c) { return &c->diarize.vote.overlap_threshold; }, {0.4, 0.5, 0.6}},
      {"least_turn", [](C* c) { return &c->diarize.vote.least_turn; }, {0, 0.15, 0.3}},
      {"least_gap", [](C* c) { return &c->diarize.vote.least_gap; }, {0, 0.1, 0.25}},
      {"edge_weight", [](C* c) { return &c->diarize.vote.edge_weight; }, {0.1, 0.3, 1}},
  };
  return *constants;
}

absl::StatusOr<DiarizationTuner> DiarizationTuner::Create(std::vector<LabelledSession> sessions,
                                                          const DiarizerOptions& options,
                                                          const SegmentationModel& segmentation,
                                                          const VoiceEncoder& voices) {
  DiarizationTuner tuner;
  tuner.options_ = options.windows;
  std::vector<std::pair<size_t, int64_t>> work;
  for (LabelledSession& session : sessions) {
    const int64_t windows = NumWindows(session.samples.size(), options.windows);
    for (int64_t w = 0; w < windows; ++w) work.push_back({tuner.sessions_.size(), w});
    tuner.sessions_.push_back({std::move(session), std::vector<FloatArray>(static_cast<size_t>(windows)),
                               std::vector<DiarizationWindow>(static_cast<size_t>(windows))});
  }
  std::vector<absl::Status> errors(work.size());
  tbb::parallel_for(size_t{0}, work.size(), [&](size_t i) {
    Analysed& analysed = tuner.sessions_[work[i].first];
    const int64_t w = work[i].second;
    const int64_t begin = w * options.windows.hop_samples;
    const FloatArray samples = Slice(analysed.session.samples, begin,
                                     std::min(begin + options.windows.window_samples, analysed.session.samples.size()));
    const auto analyse = [&]() -> absl::Status {
      const auto index = static_cast<size_t>(w);
      ASSIGN_OR_RETURN(analysed.classes[index], SegmentWindow(samples, options.windows, segmentation));
      ASSIGN_OR_RETURN(analysed.windows[index],
                       VoiceWindow(samples, analysed.classes[index], w, options.windows, options.embed, voices));
      return absl::OkStatus();
    };
    errors[i] = analyse();
  });
  for (const absl::Status& error : errors) RETURN_IF_ERROR(error);
  return tuner;
}

std::map<std::string, DerComponents> DiarizationTuner::Score(const TunedConstants& constants) const {
  std::vector<DerComponents> parts(sessions_.size());
  tbb::parallel_for(size_t{0}, sessions_.size(), [&](size_t s) {
    const Analysed& analysed = sessions_[s];
    const int64_t num_samples = analysed.session.samples.size();
    std::vector<DiarizationWindow> windows = analysed.windows;
    if (constants.overlap_bias != options_.overlap_bias) {
      for (size_t w = 0; w < windows.size(); ++w) {
        // Frames behind the end of the recording have neither speech nor silence.
        const int64_t frames = FramesWithin(num_samples - windows[w].start, windows[w].scores.frames());
        windows[w].scores = *ScoreWindow(analysed.classes[w], constants.overlap_bias, frames);
      }
    }
    Recording hypothesis;
    for (const DiarizedTurn& turn : Diarize(windows, num_samples, constants.diarize).turns) {
      hypothesis.turns.push_back(turn.turn);
    }
    const std::vector<TimeSpan> region = {{0, MicrosecondsFromSamples(num_samples, kDiarizerSampleRate)}};
    parts[s] = ScoreDer(analysed.session.reference, hypothesis, region)->components;
  });
  std::map<std::string, DerComponents> scores;
  for (size_t s = 0; s < sessions_.size(); ++s) scores[sessions_[s].session.set] += parts[s];
  return scores;
}

double Criterion(const std::map<std::string, DerComponents>& scores, const std::vector<std::string>& sets) {
  double sum = 0;
  for (const std::string& set : sets) sum += scores.at(set).rate();
  return sum / static_cast<double>(sets.size());
}

}  // namespace diarflow
