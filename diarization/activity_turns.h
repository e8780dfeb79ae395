// Activities of speakers, frame by frame, to turns: smoothed, compared with a threshold, short ones dropped.
//
//   ActivityTurns turns(4, {});
//   std::vector<LiveRecord> records = turns.Push(activity, grid);
//   ...
//   records = turns.Flush(end);
//
// Column k of the activity keeps its name, "speaker1", "speaker2", ... in the order of the first turns. What comes out
// does not depend on how the frames are cut into pieces.
#ifndef DIARFLOW_DIARIZATION_ACTIVITY_TURNS_H_
#define DIARFLOW_DIARIZATION_ACTIVITY_TURNS_H_

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "audio/time_grid.h"
#include "base/float_array.h"
#include "diarization/live_record.h"

namespace diarflow {

struct ActivityTurnOptions {
  // A speaker speaks where the activity is above this.
  double threshold = 0.5;
  // The median of so many frames around each, an odd number; before the start and behind the end there is silence.
  int median_frames = 5;
  // Shorter turns are dropped, seconds.
  double least_turn = 0;
};

// kInvalidArgument, naming the option: a value out of its range.
absl::Status CheckActivityTurnOptions(const ActivityTurnOptions& options);

class ActivityTurns {
 public:
  // REQUIRES: num_speakers > 0, options that CheckActivityTurnOptions() passes.
  ActivityTurns(int num_speakers, const ActivityTurnOptions& options)
      : options_(options), speakers_(static_cast<size_t>(num_speakers)) {}

  // The next frames [T, num_speakers], T >= 0, and where they lie; a gap in front of them is silence. kInvalidArgument:
  // another shape, a number that is not finite, a grid that CheckGrid() refuses, frames that lie before those given,
  // before the start, or behind kMaxMicroseconds.
  absl::StatusOr<std::vector<LiveRecord>> Push(const FloatArray& activity, const FrameGrid& grid);

  // Decides what is left, and ends open turns. No turn reaches beyond `end`, microseconds, where the recording ends.
  std::vector<LiveRecord> Flush(int64_t end);

  // What is decided, microseconds.
  int64_t position() const;

 private:
  struct Speaker {
    std::deque<float> window;  // the last median_frames activities
    std::string name;          // empty before the first turn
    bool active = false;
    bool said = false;  // that the turn has begun
    int64_t begin = 0;  // of the turn, frames
    double sum = 0;     // of the activities in the turn, as they came
  };

  // One more frame of activities; behind the end, of silence, it only moves the median on.
  void Frame(const float* activity, std::vector<LiveRecord>* records);
  // What is left is decided, and every turn ends.
  void EndAll(std::vector<LiveRecord>* records);
  void End(Speaker& speaker, int64_t frame, std::vector<LiveRecord>* records);
  int64_t TimeOf(int64_t frame) const;

  ActivityTurnOptions options_;
  std::vector<Speaker> speakers_;
  FrameGrid grid_;
  bool started_ = false;
  int64_t pushed_ = 0;   // frames
  int64_t decided_ = 0;  // frames whose median is known
  int64_t latest_ = kNoEnd;
  int named_ = 0;

  static constexpr int64_t kNoEnd = INT64_MAX;
};

}  // namespace diarflow

#endif  // DIARFLOW_DIARIZATION_ACTIVITY_TURNS_H_
