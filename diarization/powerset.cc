#include "diarization/powerset.h"

#include <algorithm>
#include <cmath>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace diarflow {
namespace {

constexpr int kMaxSpeakers = 20;

// The sets of `size` speakers from `first` on, each behind `begin`.
void AddSets(std::vector<int> begin, int first, int size, int speakers, std::vector<std::vector<int>>* sets) {
  if (size == 0) {
    sets->push_back(std::move(begin));
    return;
  }
  for (int speaker = first; speaker + size <= speakers; ++speaker) {
    std::vector<int> next = begin;
    next.push_back(speaker);
    AddSets(std::move(next), speaker + 1, size - 1, speakers, sets);
  }
}

absl::Status CheckShape(const FloatArray& log_probabilities, size_t classes) {
  const bool fits = log_probabilities.shape().size() == 2 && log_probabilities.dim(1) == static_cast<int64_t>(classes);
  return fits ? absl::OkStatus()
              : absl::InvalidArgumentError(absl::StrCat("the powerset has ", classes, " classes, the numbers are ",
                                                        log_probabilities.ShapeString(), ", not [T, ", classes, "]"));
}

}  // namespace

absl::StatusOr<Powerset> Powerset::Create(int speakers, int at_once) {
  if (speakers < 1 || speakers > kMaxSpeakers || at_once < 1 || at_once > speakers) {
    return absl::InvalidArgumentError(absl::StrCat("a powerset of ", speakers, " speakers, ", at_once,
                                                   " at once; it takes 1 to ", kMaxSpeakers,
                                                   " speakers and at most all of them at once"));
  }
  std::vector<std::vector<int>> classes;
  for (int size = 0; size <= at_once; ++size) AddSets({}, 0, size, speakers, &classes);
  return Powerset(speakers, std::move(classes));
}

absl::StatusOr<FloatArray> Powerset::HardActivity(const FloatArray& log_probabilities) const {
  if (absl::Status status = CheckShape(log_probabilities, classes_.size()); !status.ok()) return status;
  FloatArray activity = FloatArray::Zeros({log_probabilities.dim(0), speakers_});
  const float* row = log_probabilities.data();
  float* out = activity.mutable_data();
  for (int64_t t = 0; t < activity.dim(0); ++t, row += classes_.size(), out += speakers_) {
    const auto likeliest = static_cast<size_t>(std::max_element(row, row + classes_.size()) - row);
    for (const int speaker : classes_[likeliest]) out[speaker] = 1;
  }
  return activity;
}

absl::StatusOr<FloatArray> Powerset::SoftActivity(const FloatArray& log_probabilities) const {
  if (absl::Status status = CheckShape(log_probabilities, classes_.size()); !status.ok()) return status;
  FloatArray activity = FloatArray::Zeros({log_probabilities.dim(0), speakers_});
  const float* row = log_probabilities.data();
  float* out = activity.mutable_data();
  for (int64_t t = 0; t < activity.dim(0); ++t, row += classes_.size(), out += speakers_) {
    for (size_t c = 0; c < classes_.size(); ++c) {
      for (const int speaker : classes_[c]) out[speaker] += std::exp(row[c]);
    }
    // Sums of rounded probabilities may exceed 1.
    for (int speaker = 0; speaker < speakers_; ++speaker) out[speaker] = std::min(out[speaker], 1.0f);
  }
  return activity;
}

}  // namespace diarflow
