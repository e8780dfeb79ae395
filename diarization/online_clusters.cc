#include "diarization/online_clusters.h"

#include <algorithm>
#include <cstddef>

#include "diarization/linkage.h"
#include "diarization/speaker_mapping.h"

namespace diarflow {
namespace {

// Scores are made positive: an assignment leaves pairs without weight out.
constexpr double kShift = 3;
// What a track without a voice is taken to be like everybody.
constexpr double kUnknownVoice = 0.4;

}  // namespace

std::vector<int> OnlineClusters::Assign(const std::vector<LiveTrack>& tracks) {
  std::vector<int> alive;
  for (int c = 0; c < size(); ++c) {
    if (!clusters_[static_cast<size_t>(c)].gone) alive.push_back(c);
  }
  const size_t columns = alive.size() + tracks.size();
  std::vector<double> weights(tracks.size() * columns, 0);
  std::vector<std::vector<double>> similarity(tracks.size());
  for (size_t t = 0; t < tracks.size(); ++t) {
    for (size_t i = 0; i < alive.size(); ++i) {
      const auto c = static_cast<size_t>(alive[i]);
      similarity[t].push_back(tracks[t].embedding.empty() ? kUnknownVoice
                                                          : Cosine(tracks[t].embedding, clusters_[c].sum));
      const double agreement = c < tracks[t].agreement.size() ? tracks[t].agreement[c] : 0;
      weights[t * columns + i] = kShift + similarity[t][i] + options_.agreement_weight * agreement;
    }
    const bool may_be_new = !tracks[t].embedding.empty() && tracks[t].seconds >= options_.new_seconds &&
                            static_cast<int>(alive.size()) < options_.most_clusters;
    if (may_be_new) weights[t * columns + alive.size() + t] = kShift + options_.new_speaker;
  }
  const std::vector<int> chosen =
      MaximumWeightAssignment(weights, static_cast<int>(tracks.size()), static_cast<int>(columns));
  std::vector<int> result(tracks.size(), -1);
  for (size_t t = 0; t < tracks.size(); ++t) {
    if (chosen[t] < 0) continue;
    const auto column = static_cast<size_t>(chosen[t]);
    const LiveTrack& track = tracks[t];
    if (column >= alive.size()) {
      Cluster cluster;
      cluster.seconds = track.seconds;
      for (const float value : track.embedding) cluster.sum.push_back(static_cast<float>(track.seconds * value));
      result[t] = size();
      clusters_.push_back(std::move(cluster));
      continue;
    }
    const auto c = static_cast<size_t>(alive[column]);
    if (track.embedding.empty()) {
      const double agreement = c < track.agreement.size() ? track.agreement[c] : 0;
      if (agreement < options_.least_agreement) continue;
    }
    result[t] = alive[column];
    Cluster& cluster = clusters_[c];
    if (track.embedding.empty() || similarity[t][column] < options_.update_similarity ||
        cluster.seconds >= options_.anchor_seconds) {
      continue;
    }
    const double seconds = std::min(track.seconds, options_.update_seconds);
    for (size_t d = 0; d < cluster.sum.size(); ++d) cluster.sum[d] += static_cast<float>(seconds * track.embedding[d]);
    cluster.seconds += seconds;
  }
  return result;
}

std::vector<std::pair<int, int>> OnlineClusters::Merge() {
  std::vector<std::pair<int, int>> merged;
  for (size_t a = 0; a < clusters_.size(); ++a) {
    for (size_t b = a + 1; b < clusters_.size(); ++b) {
      if (clusters_[a].gone || clusters_[b].gone) continue;
      if (Cosine(clusters_[a].sum, clusters_[b].sum) <= options_.merge_similarity) continue;
      const size_t stays = clusters_[b].seconds > clusters_[a].seconds ? b : a;
      const size_t gone = stays == a ? b : a;
      for (size_t d = 0; d < clusters_[stays].sum.size(); ++d) clusters_[stays].sum[d] += clusters_[gone].sum[d];
      clusters_[stays].seconds += clusters_[gone].seconds;
      clusters_[gone].gone = true;
      // A day has many clusters: what is gone keeps no numbers.
      clusters_[gone].sum = {};
      merged.push_back({static_cast<int>(gone), static_cast<int>(stays)});
    }
  }
  return merged;
}

}  // namespace diarflow
