#include "diarization/diarize.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace diarflow {
namespace {

struct Range {
  const char* name;
  double value, low, high;
};

}  // namespace

absl::Status CheckDiarizeOptions(const DiarizeOptions& options) {
  const Range kRanges[] = {
      {"least_similarity", options.cluster.least_similarity, -1, 1},
      {"cannot_link_penalty", options.cluster.cannot_link_penalty, 0, 2},
      {"least_seconds", options.cluster.least_seconds, 0, 1e6},
      {"least_share", options.cluster.least_share, 0, 1},
      {"min_speakers", static_cast<double>(options.cluster.min_speakers), 0, 1000},
      {"max_speakers", static_cast<double>(options.cluster.max_speakers), 0, 1000},
      {"max_items", static_cast<double>(options.cluster.max_items), 2, 20000},
      {"block_similarity", options.cluster.block_similarity, -1, 1},
      {"least_item_frames", static_cast<double>(options.least_item_frames), 0, 1e6},
      {"other_cluster", options.assign.other_cluster, 0, 2},
      {"taken_cluster", options.assign.taken_cluster, 0, 2},
      {"agreement_reach", static_cast<double>(options.assign.agreement_reach), 1, 1e9},
      {"least_common_frames", static_cast<double>(options.assign.least_common_frames), 0, 1e6},
      {"edge_weight", options.vote.edge_weight, 1e-6, 1},
      {"edge_frames", static_cast<double>(options.vote.edge_frames), 1, 1e6},
      {"agreement_weight", options.vote.agreement_weight, 0, 1},
      {"speech_threshold", options.vote.speech_threshold, 0, 1},
      {"overlap_threshold", options.vote.overlap_threshold, 0, 1},
      {"least_turn", options.vote.least_turn, 0, 1e6},
      {"least_gap", options.vote.least_gap, 0, 1e6},
  };
  for (const Range& range : kRanges) {
    if (range.value >= range.low && range.value <= range.high) continue;
    return absl::InvalidArgumentError(
        absl::StrCat(range.name, " is ", range.value, "; it must lie between ", range.low, " and ", range.high));
  }
  if (options.cluster.max_speakers > 0 && options.cluster.min_speakers > options.cluster.max_speakers) {
    return absl::InvalidArgumentError(absl::StrCat("min_speakers is ", options.cluster.min_speakers,
                                                   ", more than max_speakers, ", options.cluster.max_speakers));
  }
  return absl::OkStatus();
}

Diarization Diarize(const std::vector<DiarizationWindow>& windows, int64_t num_samples, const DiarizeOptions& options) {
  std::vector<ClusterItem> items, spare;
  for (size_t w = 0; w < windows.size(); ++w) {
    for (const TrackVoices& track : windows[w].tracks) {
      for (const VoiceItem& item : track.items) {
        ClusterItem made = {item.embedding, static_cast<int64_t>(w), track.speaker, item.seconds};
        (track.clean_frames < options.least_item_frames ? spare : items).push_back(std::move(made));
      }
    }
  }
  // A recording of nothing but short words has speakers too.
  const Vectors clusters = ClusterItems(items.empty() ? spare : items, options.cluster);
  const std::vector<WindowAssignment> assignments = AssignTracks(windows, clusters, options.assign);
  Diarization result;
  std::vector<int> speaker_of(clusters.size(), -1);
  for (const VotedTurn& voted : Vote(windows, assignments, static_cast<int>(clusters.size()), options.vote)) {
    const TimeSpan span = SpanOfFrames(voted.first_frame, voted.last_frame, num_samples);
    if (span.length() <= 0) continue;
    int& speaker = speaker_of[static_cast<size_t>(voted.cluster)];
    if (speaker < 0) {
      speaker = static_cast<int>(result.speakers.size());
      result.speakers.push_back(
          {absl::StrCat("speaker", speaker + 1), clusters[static_cast<size_t>(voted.cluster)], 0});
    }
    DiarizedSpeaker& who = result.speakers[static_cast<size_t>(speaker)];
    who.duration += span.length();
    result.turns.push_back({{span.start, span.length(), who.name}, voted.confidence});
  }
  return result;
}

}  // namespace diarflow
