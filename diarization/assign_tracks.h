// Local speakers of windows to the speakers of the recording.
//
// A window with embeddings: its tracks as wholes get different speakers (by the best assignment of cosines), then each
// frame goes where the pieces around it point to, if that is clearly somebody else: the segmentation sometimes puts two
// people into one track. A window without: its tracks get the speakers of those tracks in windows around it that are
// active when they are.
#ifndef DIARFLOW_DIARIZATION_ASSIGN_TRACKS_H_
#define DIARFLOW_DIARIZATION_ASSIGN_TRACKS_H_

#include <array>
#include <cstdint>
#include <vector>

#include "diarization/linkage.h"
#include "diarization/window_scores.h"

namespace diarflow {

// A stretch of a local track and its voice.
struct VoicePiece {
  std::vector<float> embedding;
  // Frames of the segmentation, first to last.
  int first_frame = 0;
  int last_frame = 0;
  double seconds = 0;
};

// Parts of a local track that hold one voice each, wherever they lie in it.
struct VoiceItem {
  std::vector<float> embedding;
  double seconds = 0;
};

// What a local speaker of a window sounds like.
struct TrackVoices {
  int speaker = 0;       // 0 .. kLocalSpeakers - 1
  int clean_frames = 0;  // frames in which the speaker is alone
  std::vector<VoiceItem> items;
  std::vector<VoicePiece> pieces;
};

struct DiarizationWindow {
  int64_t start = 0;  // samples, of the recording
  WindowScores scores;
  // Whether embeddings were made for this window at all.
  bool embedded = false;
  std::vector<TrackVoices> tracks;
};

struct AssignOptions {
  // What the cosine of another cluster than the track's own loses, and what the cluster of another track of the window
  // loses besides.
  double other_cluster = 0.05;
  double taken_cluster = 0;
  // Windows that start nearer than this agree or not, samples (7.5 s), if they share so many frames.
  int64_t agreement_reach = 120000;
  int least_common_frames = 30;
};

struct WindowAssignment {
  // The cluster of each local speaker as a whole; -1: none.
  std::array<int, kLocalSpeakers> main = {-1, -1, -1};
  // [frames] of each local speaker: the cluster of the frame. Empty where main is -1.
  std::array<std::vector<int16_t>, kLocalSpeakers> cluster;
  // Found by agreement with windows around, without embeddings.
  bool by_agreement = false;
};

// One for each window. `clusters`: the speakers' directions. `windows` by start.
std::vector<WindowAssignment> AssignTracks(const std::vector<DiarizationWindow>& windows, const Vectors& clusters,
                                           const AssignOptions& options);

}  // namespace diarflow

#endif  // DIARFLOW_DIARIZATION_ASSIGN_TRACKS_H_
