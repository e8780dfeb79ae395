// Speakers of a stream: found as they come, with names that stay.
//
// A cluster's direction is the sum of its embeddings until it has heard enough; then it is an anchor that no longer
// moves. Local speakers of a window get clusters by voice, and a little by being active when the cluster was.
#ifndef DIARFLOW_DIARIZATION_ONLINE_CLUSTERS_H_
#define DIARFLOW_DIARIZATION_ONLINE_CLUSTERS_H_

#include <cstdint>
#include <utility>
#include <vector>

namespace diarflow {

struct OnlineClusterOptions {
  // What a new cluster scores against the cosines of those that are there, and how much clean speech it takes, seconds.
  double new_speaker = 0.40;
  double new_seconds = 0.8;
  // What agreement with the activity so far adds at most; a speaker without a voice needs at least this much of it.
  double agreement_weight = 0.1;
  double least_agreement = 0.35;
  // A cluster takes up an embedding with at least this cosine, at most so many seconds of it, until it has so many.
  double update_similarity = 0.45;
  double update_seconds = 1;
  double anchor_seconds = 20;
  // Clusters with a greater cosine become one.
  double merge_similarity = 0.65;
  // No more clusters than these.
  int most_clusters = 64;
};

// A local speaker of a window.
struct LiveTrack {
  std::vector<float> embedding;  // of length 1; empty: not enough clean speech
  double seconds = 0;            // of clean speech in the embedding
  // Share of its activity, in frames seen before, in which each cluster was active: [clusters].
  std::vector<double> agreement;
};

class OnlineClusters {
 public:
  explicit OnlineClusters(const OnlineClusterOptions& options) : options_(options) {}

  // The cluster of each track, all different; -1: nobody yet. Clusters are numbered 0, 1, ... and never renumbered.
  // May make new ones.
  std::vector<int> Assign(const std::vector<LiveTrack>& tracks);

  // Joins clusters that have become alike: (gone, stays) for each, the one with more speech stays.
  std::vector<std::pair<int, int>> Merge();

  // All that were ever made; those that are gone too.
  int size() const { return static_cast<int>(clusters_.size()); }

 private:
  struct Cluster {
    std::vector<float> sum;
    double seconds = 0;
    bool gone = false;
  };

  OnlineClusterOptions options_;
  std::vector<Cluster> clusters_;
};

}  // namespace diarflow

#endif  // DIARFLOW_DIARIZATION_ONLINE_CLUSTERS_H_
