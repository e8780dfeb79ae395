// Which parts of a window belong to a local speaker, and how they are cut into pieces of which embeddings are made.
//
// Three clocks: frames of the segmentation (270 samples at 16 kHz, frame f of a window stands for its samples
// 270 f + 360 to 270 f + 629), frames of the filter bank (160 samples), and columns of the speaker network (two frames
// of the filter bank).
#ifndef DIARFLOW_DIARIZATION_TRACK_PIECES_H_
#define DIARFLOW_DIARIZATION_TRACK_PIECES_H_

#include <cstdint>
#include <vector>

#include "diarization/window_scores.h"

namespace diarflow {

struct TrackOptions {
  // Speech of a speaker who is alone is clean; when there is less than this, in frames of the segmentation, all of the
  // speaker's speech is taken (.4 s).
  int least_clean_frames = 24;
  // With fewer frames of the filter bank a track has no embedding.
  int least_features = 8;
  // Pieces of a track: columns of 20 ms each, about so long (1.5 s) and so far apart (.75 s).
  int piece_columns = 75;
  int piece_hop = 37;
  // Pieces for the assignment of single frames end where the track pauses for longer, in frames of the filter bank.
  int longest_gap = 20;
};

// One local speaker of a window: the frames of the filter bank from which the speaker's embeddings are made, ascending.
struct TrackSelection {
  int speaker = 0;            // 0 .. kLocalSpeakers - 1
  int clean_frames = 0;       // frames of the segmentation in which the speaker is alone
  std::vector<int> features;  // indexes of frames of the filter bank
};

// Frame i of the filter bank (samples 160 i to 160 i + 399) lies in this frame of the segmentation; may be out of
// range.
int SegmentationFrameOf(int feature);

// The tracks of a window that have enough speech, by speaker; `num_features` frames of the filter bank are there.
std::vector<TrackSelection> SelectTracks(const WindowScores& scores, int64_t num_features, const TrackOptions& options);

// Columns [begin, end).
struct ColumnRange {
  int begin = 0;
  int end = 0;

  int size() const { return end - begin; }
  friend bool operator==(const ColumnRange& a, const ColumnRange& b) { return a.begin == b.begin && a.end == b.end; }
};

// [begin, end) as evenly spaced ranges of options.piece_columns, as many as have about piece_hop between them; shorter
// than 1 1/4 pieces: in one.
std::vector<ColumnRange> CutEvenly(int begin, int end, const TrackOptions& options);

// The columns of a track cut where a selected frame lies more than options.longest_gap behind the one in front of it.
// Column j stands for the selected frames 2 j and 2 j + 1; when there is a gap between these two, the column belongs to
// what lies before.
std::vector<ColumnRange> CutAtGaps(const TrackSelection& track, const TrackOptions& options);

}  // namespace diarflow

#endif  // DIARFLOW_DIARIZATION_TRACK_PIECES_H_
