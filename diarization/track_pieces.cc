#include "diarization/track_pieces.h"

#include <utility>

namespace diarflow {
namespace {

constexpr int64_t kFeatureHop = 160;
constexpr int64_t kFeatureCentre = 200;

}  // namespace

int SegmentationFrameOf(int feature) {
  return static_cast<int>(FirstFrameOf(kFeatureHop * feature + kFeatureCentre - kFrameCentre));
}

std::vector<TrackSelection> SelectTracks(const WindowScores& scores, int64_t num_features,
                                         const TrackOptions& options) {
  std::vector<TrackSelection> tracks;
  for (int k = 0; k < kLocalSpeakers; ++k) {
    TrackSelection track;
    track.speaker = k;
    const auto alone = static_cast<uint8_t>(1 << k);
    for (const uint8_t set : scores.likeliest) track.clean_frames += set == alone;
    const bool all = track.clean_frames < options.least_clean_frames;
    for (int i = 0; i < num_features; ++i) {
      const int frame = SegmentationFrameOf(i);
      if (frame < 0 || frame >= scores.frames()) continue;
      const uint8_t set = scores.likeliest[static_cast<size_t>(frame)];
      if (set == alone || (all && (set & alone) != 0)) track.features.push_back(i);
    }
    if (static_cast<int>(track.features.size()) >= options.least_features) tracks.push_back(std::move(track));
  }
  return tracks;
}

std::vector<ColumnRange> CutEvenly(int begin, int end, const TrackOptions& options) {
  const int length = end - begin;
  const int piece = options.piece_columns;
  if (length <= 0) return {};
  if (4 * length < 5 * piece) return {{begin, end}};
  const int steps = (length - piece + options.piece_hop - 1) / options.piece_hop;
  std::vector<ColumnRange> pieces;
  for (int i = 0; i <= steps; ++i) {
    // Evenly, to the nearest column.
    const int start = begin + (2 * i * (length - piece) + steps) / (2 * steps);
    pieces.push_back({start, start + piece});
  }
  return pieces;
}

std::vector<ColumnRange> CutAtGaps(const TrackSelection& track, const TrackOptions& options) {
  const auto columns = static_cast<int>((track.features.size() + 1) / 2);
  std::vector<ColumnRange> ranges;
  int begin = 0;
  for (size_t i = 1; i < track.features.size(); ++i) {
    if (track.features[i] - track.features[i - 1] <= options.longest_gap) continue;
    // A column with a gap inside belongs to what lies before.
    const auto end = static_cast<int>((i + 1) / 2);
    if (end > begin && end < columns) {
      ranges.push_back({begin, end});
      begin = end;
    }
  }
  if (begin < columns) ranges.push_back({begin, columns});
  return ranges;
}

}  // namespace diarflow
