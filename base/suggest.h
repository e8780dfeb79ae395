// Near names for error messages: "did you mean ...?".
#ifndef DIARFLOW_BASE_SUGGEST_H_
#define DIARFLOW_BASE_SUGGEST_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace diarflow {

// Damerau-Levenshtein distance (optimal string alignment): insertions, deletions, substitutions and swaps of
// neighbours.
int EditDistance(absl::string_view a, absl::string_view b);

// The nearest of `known`, when it is near enough to be meant: case apart, at most a third of its letters differ,
// or one begins with the other. Empty when none is. Among equals the first in byte order.
std::string NearestName(absl::string_view name, const std::vector<std::string>& known);

// "; did you mean \"X\"?" or "".
std::string DidYouMean(absl::string_view name, const std::vector<std::string>& known);

}  // namespace diarflow

#endif  // DIARFLOW_BASE_SUGGEST_H_
