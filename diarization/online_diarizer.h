// Who speaks, while the sound comes in.
//
//   OnlineDiarizer live(segmentation, voices, {});
//   while (...) {
//     ASSIGN_OR_RETURN(const std::vector<LiveRecord> records, live.Push(samples));
//     ...
//   }
//   ASSIGN_OR_RETURN(const std::vector<LiveRecord> last, live.Flush());
//
// Every step the last ten seconds are segmented; local speakers get clusters by the voice of their last three clean
// seconds (online_clusters.h); windows vote, as for whole recordings (vote.h), and what is older than the latency is
// decided for good. What Push() gives does not depend on how the samples are cut into pieces. State and time are
// bounded: the last window, and some hundred numbers for each speaker.
#ifndef DIARFLOW_DIARIZATION_ONLINE_DIARIZER_H_
#define DIARFLOW_DIARIZATION_ONLINE_DIARIZER_H_

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/float_array.h"
#include "diarization/embed_tracks.h"
#include "diarization/live_record.h"
#include "diarization/online_clusters.h"
#include "diarization/window_scores.h"
#include "models/segmentation/segmentation.h"

namespace diarflow {

struct OnlineOptions {
  // Seconds of sound between the start of a turn and the decision that it is one, at most, and least_turn besides; .5
  // to 10. Decisions become better up to some 5 s.
  double latency = 5;
  // Added to the log-probabilities of two speakers.
  double overlap_bias = 0.5;
  // Turns up to this length are dropped, seconds.
  double least_turn = 0.15;
  // Speakers need more than this share of the windows' votes.
  double least_vote = 0.05;
  OnlineClusterOptions clusters;
};

// kInvalidArgument, naming the option: a value out of its range.
absl::Status CheckOnlineOptions(const OnlineOptions& options);

class OnlineDiarizer {
 public:
  // REQUIRES: options that CheckOnlineOptions() passes.
  OnlineDiarizer(SegmentationModel::Ptr segmentation, std::shared_ptr<const VoiceEncoder> voices,
                 const OnlineOptions& options);

  // The next samples [N] at 16 kHz, N >= 0. kInvalidArgument: another shape, a sample that is NaN or infinite; the
  // state is as before. Errors of the networks.
  absl::StatusOr<std::vector<LiveRecord>> Push(const FloatArray& samples);

  // Sound is missing: time goes on by so many samples, speakers stay. What was not decided yet is, and open turns end.
  absl::StatusOr<std::vector<LiveRecord>> Gap(int64_t samples);

  // Decides what is left. Then the stream is over: push no more.
  absl::StatusOr<std::vector<LiveRecord>> Flush();

  // Samples pushed and skipped so far.
  int64_t position() const { return position_; }

 private:
  // What windows have said of a frame so far.
  struct Frame {
    double weight = 0, somebody = 0, two = 0;
    std::map<int, double> speaker;  // by cluster
  };
  struct Open {
    int64_t first = 0, last = 0;
    bool told = false;
  };

  absl::Status Step(int64_t end, std::vector<LiveRecord>* records);
  std::vector<LiveTrack> TracksOf(const WindowScores& scores, int64_t first_frame, std::vector<int>* local) const;
  // `features` are those of the window, made when they are needed first.
  absl::StatusOr<std::vector<float>> VoiceOf(const WindowScores& scores, int speaker, FloatArray* features,
                                             double* seconds) const;
  void Vote(const WindowScores& scores, int64_t first_frame, const std::vector<int>& local,
            const std::vector<int>& cluster);
  void Decide(int64_t end_frame, std::vector<LiveRecord>* records);
  void DecideFrame(int64_t number, const Frame& frame, std::vector<LiveRecord>* records);
  void Close(int cluster, std::vector<LiveRecord>* records);
  const std::string& NameOf(int cluster);
  absl::Status FinishStretch(std::vector<LiveRecord>* records);

  SegmentationModel::Ptr segmentation_;
  std::shared_ptr<const VoiceEncoder> voices_;
  OnlineOptions options_;
  int64_t step_ = 0;
  int64_t delay_ = 0;  // samples: how far behind the newest one decisions are made
  OnlineClusters clusters_;

  // The last window's worth of sound, up to position_; silence before stretch_start_.
  std::vector<float> window_;
  int64_t position_ = 0;
  int64_t stretch_start_ = 0;
  int64_t since_step_ = 0;
  // Frames of which more may be said, from number first_frame_ on; those before decided_ are decided.
  std::deque<Frame> frames_;
  int64_t first_frame_ = 0;
  int64_t decided_ = 0;
  std::map<int, Open> open_;
  std::map<int, std::string> names_;
  int next_name_ = 0;
};

}  // namespace diarflow

#endif  // DIARFLOW_DIARIZATION_ONLINE_DIARIZER_H_
