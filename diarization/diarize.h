// From windows with voices to who spoke when: the last steps of a diarization, for whole recordings.
//
//   segmentation (models/segmentation) -> ScoreWindow -> EmbedTracks -> Diarize
//
// docs/design/diarization.md tells where the steps and their constants come from.
#ifndef DIARFLOW_DIARIZATION_DIARIZE_H_
#define DIARFLOW_DIARIZATION_DIARIZE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "diarization/assign_tracks.h"
#include "diarization/cluster_items.h"
#include "diarization/turns.h"
#include "diarization/vote.h"

namespace diarflow {

struct DiarizeOptions {
  ClusterOptions cluster;
  // Tracks with less clean speech take no part in the clustering, frames of the segmentation (.3 s).
  int least_item_frames = 18;
  AssignOptions assign;
  VoteOptions vote;
};

struct DiarizedTurn {
  Turn turn;
  double confidence = 0;  // how sure the windows are of the speaker, on the mean, 0 to 1
};

struct DiarizedSpeaker {
  std::string name;
  std::vector<float> direction;  // of length 1, in the space of the embeddings
  int64_t duration = 0;          // of the turns, microseconds
};

struct Diarization {
  std::vector<DiarizedTurn> turns;        // by start
  std::vector<DiarizedSpeaker> speakers;  // those who have turns, in the order of their first ones
};

// kInvalidArgument, naming the option: a value out of its range.
absl::Status CheckDiarizeOptions(const DiarizeOptions& options);

// `windows` by start, all with embeddings of one size; `num_samples` of the recording at 16 kHz. Speakers are named
// "speaker1", "speaker2", ... in the order in which they first speak.
Diarization Diarize(const std::vector<DiarizationWindow>& windows, int64_t num_samples, const DiarizeOptions& options);

}  // namespace diarflow

#endif  // DIARFLOW_DIARIZATION_DIARIZE_H_
