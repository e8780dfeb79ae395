#include "diarization/assign_tracks.h"

#include <algorithm>

#include "diarization/speaker_mapping.h"

namespace diarflow {
namespace {

// The cosines of a track's pieces to all clusters.
std::vector<std::vector<double>> PieceCosines(const TrackVoices& track, const Vectors& clusters) {
  std::vector<std::vector<double>> cosines;
  for (const VoicePiece& piece : track.pieces) {
    std::vector<double>& row = cosines.emplace_back();
    for (const std::vector<float>& cluster : clusters) row.push_back(Cosine(piece.embedding, cluster));
  }
  return cosines;
}

// Tracks as wholes, each its cluster or -1.
std::vector<int> MainClusters(const std::vector<TrackVoices>& tracks,
                              const std::vector<std::vector<std::vector<double>>>& cosines, size_t num_clusters) {
  std::vector<double> weights;
  for (size_t t = 0; t < tracks.size(); ++t) {
    double seconds = 0;
    std::vector<double> mean(num_clusters, 0);
    for (size_t p = 0; p < tracks[t].pieces.size(); ++p) {
      seconds += tracks[t].pieces[p].seconds;
      for (size_t c = 0; c < num_clusters; ++c) mean[c] += tracks[t].pieces[p].seconds * cosines[t][p][c];
    }
    // From 0 to 2: an assignment leaves pairs without weight out.
    for (const double sum : mean) weights.push_back(seconds > 0 ? 1 + sum / seconds : 0);
  }
  return MaximumWeightAssignment(weights, static_cast<int>(tracks.size()), static_cast<int>(num_clusters));
}

// The cluster of every frame of a track: [frames].
std::vector<int16_t> SplitTrack(const TrackVoices& track, const std::vector<std::vector<double>>& cosines,
                                const std::vector<double>& loss, int64_t frames) {
  const size_t num_clusters = loss.size();
  std::vector<int16_t> result(static_cast<size_t>(frames), -1);
  for (int64_t f = 0; f < frames; ++f) {
    std::vector<double> mean(num_clusters, 0);
    int covering = 0;
    for (size_t p = 0; p < track.pieces.size(); ++p) {
      if (f < track.pieces[p].first_frame || f > track.pieces[p].last_frame) continue;
      ++covering;
      for (size_t c = 0; c < num_clusters; ++c) mean[c] += cosines[p][c];
    }
    if (covering == 0) continue;
    size_t best = 0;
    for (size_t c = 0; c < num_clusters; ++c) {
      mean[c] = mean[c] / covering - loss[c];
      if (mean[c] > mean[best]) best = c;
    }
    result[static_cast<size_t>(f)] = static_cast<int16_t>(best);
  }
  return result;
}

// Frames that no piece covers follow the nearest that one does, the earlier of two.
void FillFromNearest(std::vector<int16_t>* clusters) {
  const std::vector<int16_t> covered = *clusters;
  const auto frames = static_cast<int64_t>(covered.size());
  std::vector<int64_t> before(covered.size(), -1), after(covered.size(), -1);
  int64_t last = -1;
  for (int64_t f = 0; f < frames; ++f) {
    if (covered[static_cast<size_t>(f)] >= 0) last = f;
    before[static_cast<size_t>(f)] = last;
  }
  last = -1;
  for (int64_t f = frames - 1; f >= 0; --f) {
    if (covered[static_cast<size_t>(f)] >= 0) last = f;
    after[static_cast<size_t>(f)] = last;
  }
  for (int64_t f = 0; f < frames; ++f) {
    const int64_t b = before[static_cast<size_t>(f)], a = after[static_cast<size_t>(f)];
    if (b < 0 && a < 0) return;
    const int64_t nearest = b < 0 || (a >= 0 && a - f < f - b) ? a : b;
    (*clusters)[static_cast<size_t>(f)] = covered[static_cast<size_t>(nearest)];
  }
}

WindowAssignment AssignByVoices(const DiarizationWindow& window, const Vectors& clusters,
                                const AssignOptions& options) {
  WindowAssignment assignment;
  std::vector<std::vector<std::vector<double>>> cosines;
  for (const TrackVoices& track : window.tracks) cosines.push_back(PieceCosines(track, clusters));
  const std::vector<int> main = MainClusters(window.tracks, cosines, clusters.size());
  for (size_t t = 0; t < window.tracks.size(); ++t) {
    if (main[t] < 0) continue;
    std::vector<double> loss(clusters.size(), options.other_cluster);
    for (size_t other = 0; other < main.size(); ++other) {
      if (other != t && main[other] >= 0) loss[static_cast<size_t>(main[other])] += options.taken_cluster;
    }
    loss[static_cast<size_t>(main[t])] = 0;
    const auto speaker = static_cast<size_t>(window.tracks[t].speaker);
    assignment.main[speaker] = main[t];
    assignment.cluster[speaker] = SplitTrack(window.tracks[t], cosines[t], loss, window.scores.frames());
    FillFromNearest(&assignment.cluster[speaker]);
  }
  return assignment;
}

// Adds to agreement [kLocalSpeakers, clusters] how much the window's speakers are active together with those of another
// window.
void AddAgreement(const DiarizationWindow& window, const DiarizationWindow& other, const WindowAssignment& assigned,
                  size_t num_clusters, int least_common_frames, std::vector<double>* agreement) {
  const int64_t shift = FirstFrameOf(other.start) - FirstFrameOf(window.start);
  const int64_t begin = std::max<int64_t>(0, shift);
  const int64_t end = std::min(window.scores.frames(), other.scores.frames() + shift);
  if (end - begin < least_common_frames) return;
  for (int64_t f = begin; f < end; ++f) {
    const auto& here = window.scores.speaker[static_cast<size_t>(f)];
    const auto& there = other.scores.speaker[static_cast<size_t>(f - shift)];
    for (size_t k = 0; k < kLocalSpeakers; ++k) {
      for (size_t l = 0; l < kLocalSpeakers; ++l) {
        if (assigned.main[l] < 0) continue;
        (*agreement)[k * num_clusters + static_cast<size_t>(assigned.main[l])] +=
            static_cast<double>(here[k]) * there[l];
      }
    }
  }
}

}  // namespace

std::vector<WindowAssignment> AssignTracks(const std::vector<DiarizationWindow>& windows, const Vectors& clusters,
                                           const AssignOptions& options) {
  std::vector<WindowAssignment> assignments(windows.size());
  if (clusters.empty()) return assignments;
  for (size_t w = 0; w < windows.size(); ++w) {
    if (windows[w].embedded) assignments[w] = AssignByVoices(windows[w], clusters, options);
  }
  size_t first = 0;
  for (size_t w = 0; w < windows.size(); ++w) {
    if (windows[w].embedded) continue;
    while (windows[first].start <= windows[w].start - options.agreement_reach) ++first;
    std::vector<double> agreement(kLocalSpeakers * clusters.size(), 0);
    for (size_t v = first; v < windows.size() && windows[v].start < windows[w].start + options.agreement_reach; ++v) {
      if (!windows[v].embedded) continue;
      AddAgreement(windows[w], windows[v], assignments[v], clusters.size(), options.least_common_frames, &agreement);
    }
    assignments[w].by_agreement = true;
    const std::vector<int> main = MaximumWeightAssignment(agreement, kLocalSpeakers, static_cast<int>(clusters.size()));
    for (size_t k = 0; k < kLocalSpeakers; ++k) {
      if (main[k] < 0) continue;
      assignments[w].main[k] = main[k];
      assignments[w].cluster[k].assign(static_cast<size_t>(windows[w].scores.frames()), static_cast<int16_t>(main[k]));
    }
  }
  return assignments;
}

}  // namespace diarflow
