// The frame error of the experiments' originals: hypothesis channel k is compared with reference channel k, and no
// other. Kept under its own name so that published tables can be reproduced and set beside proper scores.
//
// This is NOT the diarization error rate (der.h), although it was published under that name, and no figure of the two
// may share a column:
//   * Speakers are not mapped. Channels stand for the order in which speakers arrive in the whole session; a system
//     that hears a crop cannot know that order, and a perfect one that numbers speakers as they arrive in the crop
//     scores about as badly as one that gives all speech to one speaker.
//   * Missed and false alarm are "anybody against nobody": errors of speech detection. Overlap that is missed counts as
//     confusion, at half its weight.
//   * The denominator counts frames with speech, not the time of the speakers: a frame in which two speak counts once.
//   * Averaged over crops: short crops with little speech weigh as much as others.
//
// On frames of one crop, with r and h the sets of active channels of reference and hypothesis:
//   speech       frames with r not empty
//   missed       frames with r not empty, h empty
//   false alarm  frames with r empty, h not empty
//   confusion    on frames where neither is empty: half the number of channels in exactly one of r and h
//   error = (missed + false alarm + confusion) / speech
// A crop without reference speech is dropped, its false alarms with it, as in the original.
#ifndef DIARFLOW_METRICS_SESSION_ORDER_ERROR_H_
#define DIARFLOW_METRICS_SESSION_ORDER_ERROR_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"

namespace diarflow {

// Who is active when: [frames, channels], row-major; any value but 0 is "active".
struct ChannelLabels {
  int num_channels = 0;
  std::vector<uint8_t> active;
};

// Exact: whole frames, and halves of frames for the confusion.
struct SessionOrderCounts {
  int64_t speech = 0;
  int64_t missed = 0;
  int64_t false_alarm = 0;
  int64_t confusion_halves = 0;

  // 0 is perfect; may exceed 1. 0 without speech.
  double rate() const;
  SessionOrderCounts& operator+=(const SessionOrderCounts& other);
  friend bool operator==(const SessionOrderCounts& a, const SessionOrderCounts& b) {
    return a.speech == b.speech && a.missed == b.missed && a.false_alarm == b.false_alarm &&
           a.confusion_halves == b.confusion_halves;
  }
};

// Counts one crop; all zero where the reference has no speech. kInvalidArgument: shapes that differ, no channel, or
// labels that are no whole number of frames.
absl::StatusOr<SessionOrderCounts> CountSessionOrderErrors(const ChannelLabels& reference,
                                                           const ChannelLabels& hypothesis);

// Both ways to average over crops, as the originals do: one experiment takes the mean of the crops' rates, another the
// pooled counts.
struct SessionOrderError {
  double mean_of_rates = 0;
  double pooled = 0;
  SessionOrderCounts counts;
  int num_crops = 0;  // with speech
};

// Crops without speech are left out. kInvalidArgument when no crop has speech: there is no rate.
absl::StatusOr<SessionOrderError> AverageSessionOrderErrors(const std::vector<SessionOrderCounts>& crops);

}  // namespace diarflow

#endif  // DIARFLOW_METRICS_SESSION_ORDER_ERROR_H_
