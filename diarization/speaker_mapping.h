// Which hypothesis speaker is which reference speaker: the assignment problem, solved by the Hungarian method with
// potentials in O(r^2 c) for r rows and c columns, r <= c (Kuhn 1955; Jonker and Volgenant, "A shortest augmenting path
// algorithm for dense and sparse linear assignment problems", Computing 38, 1987).
//
// The maximum is exact for integer weights of any size. Where several assignments reach it, which one is returned
// depends on the order of rows and columns only.
#ifndef DIARFLOW_DIARIZATION_SPEAKER_MAPPING_H_
#define DIARFLOW_DIARIZATION_SPEAKER_MAPPING_H_

#include <cstdint>
#include <vector>

namespace diarflow {

// `weights` is [rows, columns], row-major, none negative. For each row its column, each column at most once, so that
// the sum of the weights is the greatest; -1 where a row has none. Pairs of weight 0 are left out.
// REQUIRES: weights.size() == rows * columns.
std::vector<int> MaximumWeightAssignment(const std::vector<int64_t>& weights, int rows, int columns);

// The same for weights that are no integers, such as Jaccard indexes: within rounding of the maximum.
std::vector<int> MaximumWeightAssignment(const std::vector<double>& weights, int rows, int columns);

}  // namespace diarflow

#endif  // DIARFLOW_DIARIZATION_SPEAKER_MAPPING_H_
