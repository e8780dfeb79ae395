// Turns to frame labels [T, K] for training and scoring, and back, exactly: integers only, nothing is compared as a
// floating-point number.
//
//   FrameLabelOptions options;                       // honest rules, 12.5 frames per second, 4 speakers
//   const int64_t frames = WholeFrames(crop.length(), options.frame_rate);
//   ASSIGN_OR_RETURN(const FrameLabels labels, LabelFrames(recording, crop, frames, options));
//
// The crop is [start, end) of the recording, in microseconds; frame i covers [i / rate, (i + 1) / rate) seconds from
// its start, and what lies outside the crop is not seen. The last frame may stick out behind the crop: its silent part
// counts as any other. Turns of one speaker that overlap or touch count once.
//
// Rules, for one speaker and one frame:
//   kMajority     1 when the speaker is active in more than half of the frame; exactly half is 0.
//   kOuter        1 for the frames floor(on * rate) to floor(off * rate), both included: every frame that a turn
//                 touches, and the one behind it when the turn ends on a frame's edge. On and off are seconds from the
//                 start of the crop, so that a turn which ends where the crop starts marks frame 0. The rule of the
//                 work whose tables are reproduced; by itself it costs about 2 % DER at 80 ms, against 1 % of
//                 kMajority.
//   kFractional   the share of the frame in which the speaker is active, 0 to 1.
// For each of them the labels of a crop that starts and ends on frames of a longer one are a piece of its labels.
//
// A speaker arrives with the first frame in which the label is above 0. Who arrives in the same frame is ordered by the
// start of the first turn in the crop, not cut to it, then by the bytes of the name. So the columns are sorted as a
// loss that looks at nothing but the labels would sort them, and a speaker too short for the rule takes no column.
#ifndef DIARFLOW_DIARIZATION_FRAME_LABELS_H_
#define DIARFLOW_DIARIZATION_FRAME_LABELS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "audio/time_grid.h"
#include "base/float_array.h"
#include "diarization/turns.h"

namespace diarflow {

enum class FrameLabelRule { kMajority, kOuter, kFractional };

enum class SpeakerOrder {
  kCropArrival,  // as above: can be told from the crop
  // By the first turn of the whole recording (then by name), whoever speaks in the crop: column k is the session's k-th
  // speaker, also when it stays silent. A network that sees the crop only cannot know this order: in 88 % of random
  // 90 s crops of AMI it differs from the crop's own.
  kSessionArrival,
};

// With more than K speakers in the crop (kCropArrival) or in the recording (kSessionArrival).
enum class SurplusSpeakers {
  kDropLatest,  // the latest arrivals have no labels; FrameLabels::dropped names them
  kError,
};

// Whose rules an experiment follows.
enum class ProtocolRules {
  kHonest,    // those of the field
  kOriginal,  // those of the work whose tables are reproduced
};

struct FrameLabelOptions {
  Rational frame_rate = Rational(25, 2);  // frames per second, above 0, at most 1,000,000
  int num_speakers = 4;                   // K, 1 to 1000
  FrameLabelRule rule = FrameLabelRule::kMajority;
  SpeakerOrder order = SpeakerOrder::kCropArrival;
  SurplusSpeakers surplus = SurplusSpeakers::kDropLatest;
};

// kHonest: majority, sorted within the crop. kOriginal: outer, sorted once per session. Both at 12.5 Hz with 4
// speakers, a fifth is dropped.
FrameLabelOptions FrameLabelOptionsOf(ProtocolRules rules);

struct FrameLabels {
  FloatArray values;                  // [T, K]; 0 or 1, or shares; columns without a speaker are 0
  std::vector<std::string> speakers;  // of the columns; at most K
  std::vector<std::string> dropped;   // in order of arrival
};

// How many frames lie wholly inside `length` microseconds, and how many begin inside it (the last may stick out).
// REQUIRES: 0 <= length <= kMaxMicroseconds, a rate as in FrameLabelOptions.
int64_t WholeFrames(int64_t length, const Rational& frame_rate);
int64_t TouchedFrames(int64_t length, const Rational& frame_rate);

// Labels of `num_frames` frames from crop.start on; frames behind crop.end are 0 (kOuter: but for the one that a turn
// that reaches the end touches). Turns in any order.
// kInvalidArgument, naming the recording: a turn that CheckTurns() refuses, a crop that starts below 0, is empty or
// ends beyond kMaxMicroseconds, options out of their ranges, a negative number of frames or more than 2^28 labels; too
// many speakers with SurplusSpeakers::kError (the message names them).
absl::StatusOr<FrameLabels> LabelFrames(const Recording& recording, const TimeSpan& crop, int64_t num_frames,
                                        const FrameLabelOptions& options);

// The way back: for every column, a turn for every run of frames whose label is above one half, sorted, with times in
// the recording. Edges of frames become the nearest microsecond, halves later; turns are cut at crop.end. speakers[k]
// is the name of column k; columns behind the last name are "speaker5" and so on, counted from 1. kInvalidArgument:
// labels that are not [T, K] or not finite, more names than columns, a crop or rate as above.
absl::StatusOr<Recording> TurnsFromFrameLabels(const std::string& uri, const FrameLabels& labels, const TimeSpan& crop,
                                               const Rational& frame_rate);

}  // namespace diarflow

#endif  // DIARFLOW_DIARIZATION_FRAME_LABELS_H_
