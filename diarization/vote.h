// Windows that overlap to one answer for every frame of the recording, and from there to turns.
#ifndef DIARFLOW_DIARIZATION_VOTE_H_
#define DIARFLOW_DIARIZATION_VOTE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "diarization/assign_tracks.h"
#include "diarization/turns.h"

namespace diarflow {

struct VoteOptions {
  // The weight of a frame grows from edge_weight at its window's edge to 1 over so many frames (about 1 s).
  double edge_weight = 0.1;
  int edge_frames = 60;
  // What a window counts whose tracks were assigned by agreement only.
  double agreement_weight = 0.7;
  // Somebody speaks, and two speak, where the windows together say so with more than this.
  double speech_threshold = 0.5;
  double overlap_threshold = 0.5;
  // Activity up to this length goes, and silence of one speaker up to this length between their own activity is filled;
  // seconds.
  double least_turn = 0.15;
  double least_gap = 0;
};

// Activity of one speaker of the recording.
struct VotedTurn {
  int cluster = 0;
  // Frames of the recording, first to last.
  int64_t first_frame = 0;
  int64_t last_frame = 0;
  // How sure the windows are of this speaker on the mean, 0 to 1.
  double confidence = 0;
};

// What a frame of a window of so many counts.
double FrameWeight(int64_t frame, int64_t frames, const VoteOptions& options);

// By the first frame, then the cluster. Works window by window: what it keeps does not grow with the recording.
std::vector<VotedTurn> Vote(const std::vector<DiarizationWindow>& windows,
                            const std::vector<WindowAssignment>& assignments, int num_clusters,
                            const VoteOptions& options);

// What the frames [first, last] of a recording of `num_samples` samples at 16 kHz stand for, in microseconds.
TimeSpan SpanOfFrames(int64_t first_frame, int64_t last_frame, int64_t num_samples);

}  // namespace diarflow

#endif  // DIARFLOW_DIARIZATION_VOTE_H_
