// Powerset classes: one class for each set of speakers that may speak at once, and back to the speakers.
//
// The sets stand by size, then in the order of their speakers: for 3 speakers, at most 2 at once,
//   {}  {1}  {2}  {3}  {1,2}  {1,3}  {2,3}
// as Plaquet and Bredin, "Powerset multi-class cross entropy loss for neural speaker diarization" (2023).
#ifndef DIARFLOW_DIARIZATION_POWERSET_H_
#define DIARFLOW_DIARIZATION_POWERSET_H_

#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "base/float_array.h"

namespace diarflow {

class Powerset {
 public:
  // kInvalidArgument unless 1 <= at_once <= speakers <= 20.
  static absl::StatusOr<Powerset> Create(int speakers, int at_once);

  int speakers() const { return speakers_; }
  // The speakers of each class, counted from 0, ascending.
  const std::vector<std::vector<int>>& classes() const { return classes_; }

  // Log-probabilities [T, classes] to activities [T, speakers]: 1 for the speakers of the likeliest class (of equal
  // ones the first), 0 for the others. kInvalidArgument for another shape.
  absl::StatusOr<FloatArray> HardActivity(const FloatArray& log_probabilities) const;

  // The same, the probability that the speaker is one of those that speak: the sum over the classes with it, 0 to 1.
  absl::StatusOr<FloatArray> SoftActivity(const FloatArray& log_probabilities) const;

 private:
  Powerset(int speakers, std::vector<std::vector<int>> classes) : speakers_(speakers), classes_(std::move(classes)) {}

  int speakers_;
  std::vector<std::vector<int>> classes_;
};

}  // namespace diarflow

#endif  // DIARFLOW_DIARIZATION_POWERSET_H_
