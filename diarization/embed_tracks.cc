#include "diarization/embed_tracks.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "diarization/linkage.h"

namespace diarflow {
namespace {

constexpr int64_t kFeatureWindow = 400;  // samples
constexpr double kColumnSeconds = 0.02;
// Of what options count: far more than a window has, far less than an int holds.
constexpr int kMostOfAnything = 1000000;

FloatArray Rows(const FloatArray& features, const std::vector<int>& chosen) {
  const int64_t width = features.dim(1);
  FloatArray rows = FloatArray::Zeros({static_cast<int64_t>(chosen.size()), width});
  float* out = rows.mutable_data();
  for (const int row : chosen) out = std::copy_n(features.data() + row * width, width, out);
  return rows;
}

absl::StatusOr<std::vector<float>> Embedding(const VoiceEncoder& encoder, const FloatArray& columns,
                                             const std::vector<int>& chosen) {
  ASSIGN_OR_RETURN(const FloatArray pooled, encoder.Pool(columns, chosen));
  std::vector<float> embedding(pooled.begin(), pooled.end());
  Normalize(&embedding);
  return embedding;
}

std::vector<int> ColumnsOf(const ColumnRange& range) {
  std::vector<int> columns(static_cast<size_t>(range.size()));
  std::iota(columns.begin(), columns.end(), range.begin);
  return columns;
}

// Pieces that sound alike, each group pooled once over all its columns.
absl::StatusOr<std::vector<VoiceItem>> MakeItems(const VoiceEncoder& encoder, const FloatArray& columns,
                                                 const EmbedOptions& options) {
  const auto num_columns = static_cast<int>(columns.dim(0));
  const std::vector<ColumnRange> ranges = CutEvenly(0, num_columns, options.track);
  Vectors embeddings;
  for (const ColumnRange& range : ranges) {
    ASSIGN_OR_RETURN(std::vector<float> embedding, Embedding(encoder, columns, ColumnsOf(range)));
    embeddings.push_back(std::move(embedding));
  }
  const std::vector<int> groups = AverageLinkage(embeddings, options.item_similarity);
  const int num_groups = groups.empty() ? 0 : *std::max_element(groups.begin(), groups.end()) + 1;
  // Which groups each column is in: bit g, the first 64 of them.
  std::vector<uint64_t> in_groups(static_cast<size_t>(num_columns), 0);
  for (size_t r = 0; r < ranges.size(); ++r) {
    for (int j = ranges[r].begin; j < ranges[r].end; ++j) {
      in_groups[static_cast<size_t>(j)] |= uint64_t{1} << std::min(groups[r], 63);
    }
  }
  std::vector<VoiceItem> items;
  for (int g = 0; g < std::min(num_groups, 64); ++g) {
    const uint64_t bit = uint64_t{1} << g;
    std::vector<int> own, all;
    for (int j = 0; j < num_columns; ++j) {
      const uint64_t groups_of_column = in_groups[static_cast<size_t>(j)];
      if ((groups_of_column & bit) == 0) continue;
      all.push_back(j);
      if (groups_of_column == bit) own.push_back(j);
    }
    const std::vector<int>& chosen = static_cast<int>(own.size()) >= options.least_own_columns ? own : all;
    VoiceItem item;
    ASSIGN_OR_RETURN(item.embedding, Embedding(encoder, columns, chosen));
    item.seconds = kColumnSeconds * static_cast<double>(chosen.size());
    items.push_back(std::move(item));
  }
  return items;
}

absl::StatusOr<std::vector<VoicePiece>> MakePieces(const VoiceEncoder& encoder, const FloatArray& columns,
                                                   const TrackSelection& track, const EmbedOptions& options) {
  std::vector<VoicePiece> pieces;
  for (const ColumnRange& stretch : CutAtGaps(track, options.track)) {
    for (const ColumnRange& range : CutEvenly(stretch.begin, stretch.end, options.track)) {
      // There is no deviation of one column.
      std::vector<int> chosen = ColumnsOf(range);
      if (chosen.size() < 2) chosen.push_back(chosen.front() > 0 ? chosen.front() - 1 : chosen.front() + 1);
      VoicePiece piece;
      ASSIGN_OR_RETURN(piece.embedding, Embedding(encoder, columns, chosen));
      const auto first = static_cast<size_t>(2 * range.begin);
      size_t last = std::min(track.features.size() - 1, static_cast<size_t>(2 * range.end - 1));
      // Of a column with a gap inside only what lies before it.
      if (last > first && track.features[last] - track.features[last - 1] > options.track.longest_gap) --last;
      piece.first_frame = SegmentationFrameOf(track.features[first]);
      piece.last_frame = SegmentationFrameOf(track.features[last]);
      piece.seconds = kColumnSeconds * range.size();
      pieces.push_back(std::move(piece));
    }
  }
  return pieces;
}

}  // namespace

absl::StatusOr<std::vector<float>> EmbedFrames(const VoiceEncoder& encoder, const FloatArray& features,
                                               const std::vector<int>& chosen) {
  ASSIGN_OR_RETURN(const FloatArray columns, encoder.Columns(Rows(features, chosen)));
  return Embedding(encoder, columns, ColumnsOf({0, static_cast<int>(columns.dim(0))}));
}

absl::Status CheckEmbedOptions(const EmbedOptions& options) {
  if (!(options.item_similarity >= -1 && options.item_similarity <= 1)) {
    return absl::InvalidArgumentError(
        absl::StrCat("item_similarity is ", options.item_similarity, "; it must lie between -1 and 1"));
  }
  const struct {
    const char* name;
    int value, low;
  } numbers[] = {
      {"least_clean_frames", options.track.least_clean_frames, 0},
      // No embedding is made of less than two columns.
      {"least_features", options.track.least_features, 3},
      {"piece_columns", options.track.piece_columns, 2},
      {"piece_hop", options.track.piece_hop, 1},
      {"longest_gap", options.track.longest_gap, 0},
      {"least_own_columns", options.least_own_columns, 2},
  };
  for (const auto& number : numbers) {
    if (number.value >= number.low && number.value <= kMostOfAnything) continue;
    return absl::InvalidArgumentError(absl::StrCat(number.name, " is ", number.value, "; it must lie between ",
                                                   number.low, " and ", kMostOfAnything));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<TrackVoices>> EmbedTracks(const FloatArray& samples, const WindowScores& scores,
                                                     const VoiceEncoder& encoder, const EmbedOptions& options) {
  std::vector<TrackVoices> voices;
  if (samples.size() < kFeatureWindow) return voices;
  const bool anybody =
      std::any_of(scores.likeliest.begin(), scores.likeliest.end(), [](uint8_t set) { return set != 0; });
  if (!anybody) return voices;
  ASSIGN_OR_RETURN(const FloatArray features, encoder.Features(samples));
  for (const TrackSelection& track : SelectTracks(scores, features.dim(0), options.track)) {
    ASSIGN_OR_RETURN(const FloatArray columns, encoder.Columns(Rows(features, track.features)));
    TrackVoices voice;
    voice.speaker = track.speaker;
    voice.clean_frames = track.clean_frames;
    ASSIGN_OR_RETURN(voice.items, MakeItems(encoder, columns, options));
    ASSIGN_OR_RETURN(voice.pieces, MakePieces(encoder, columns, track, options));
    voices.push_back(std::move(voice));
  }
  return voices;
}

}  // namespace diarflow
