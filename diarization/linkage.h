// The directions of vectors, and two ways of putting vectors into groups by them, both agglomerative: begin with each
// alone, and join the most similar groups until none are similar enough.
#ifndef DIARFLOW_DIARIZATION_LINKAGE_H_
#define DIARFLOW_DIARIZATION_LINKAGE_H_

#include <cstdint>
#include <functional>
#include <vector>

namespace diarflow {

// Vectors [n][d]; their lengths say nothing, and one of length 0 is like no other (cosine 0).
using Vectors = std::vector<std::vector<float>>;

// To length 1. False for a vector that has no direction, whose length is 0 or not finite: it stays as it is.
bool Normalize(std::vector<float>* vector);

double Cosine(const std::vector<float>& a, const std::vector<float>& b);

// The similarity of two groups is the mean cosine of their pairs (average linkage); stops below `least`. The group of
// each vector: 0, 1, ... in the order of their first members. O(n^3) time: for the few pieces of one track.
std::vector<int> AverageLinkage(const Vectors& vectors, double least);

// Whether two vectors should rather not be of one group.
using CannotLink = std::function<bool(size_t i, size_t j)>;

// The similarity of two groups is the cosine of the sums of their vectors, minus `penalty` when any pair of theirs
// cannot be linked; stops below `least`. Groups as above. O(n^2) memory and, but for degenerate input, O(n^2 d) time.
std::vector<int> DirectionLinkage(const Vectors& vectors, const CannotLink& cannot_link, double penalty, double least);

}  // namespace diarflow

#endif  // DIARFLOW_DIARIZATION_LINKAGE_H_
