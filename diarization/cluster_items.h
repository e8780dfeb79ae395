// Which voices of a recording are one speaker's: homogeneous parts of local tracks (items) to clusters.
//
// Greedy agglomeration of directions, in which local speakers of one window, who by the segmentation are different
// people, are joined only where their voices are very alike; then clusters that are too small to be believed go, and
// every item to the nearest of those that stay.
#ifndef DIARFLOW_DIARIZATION_CLUSTER_ITEMS_H_
#define DIARFLOW_DIARIZATION_CLUSTER_ITEMS_H_

#include <cstdint>
#include <vector>

#include "diarization/linkage.h"

namespace diarflow {

struct ClusterOptions {
  // Clusters are joined while the cosine of their directions is at least this. Below .45 recordings with many speakers
  // fall into one.
  double least_similarity = 0.46;
  // What the cosine loses where a pair of items are different local speakers of one window.
  double cannot_link_penalty = 0.15;
  // Clusters with less speech than this, and less than this share of all, go.
  double least_seconds = 3;
  double least_share = 0.02;
  // How many clusters there may be; 0: any number. Both equal: exactly so many, as long as there are as many items.
  int min_speakers = 0;
  int max_speakers = 0;
  // More items than these are joined block by block first, with this similarity.
  int max_items = 3000;
  double block_similarity = 0.7;
};

// A part of a local track that holds one voice.
struct ClusterItem {
  std::vector<float> embedding;
  int64_t window = 0;
  int speaker = 0;     // local, in its window
  double seconds = 0;  // of speech
};

// The directions of the speakers: normalised sums of embeddings, those with more speech first. No items give none.
// REQUIRES: embeddings of one size; options that CheckDiarizeOptions() (diarize.h) passes.
Vectors ClusterItems(const std::vector<ClusterItem>& items, const ClusterOptions& options);

}  // namespace diarflow

#endif  // DIARFLOW_DIARIZATION_CLUSTER_ITEMS_H_
