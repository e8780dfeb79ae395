#include "base/suggest.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace diarflow {
namespace {

// Nobody misspells a longer name; and the distance takes quadratic time.
constexpr size_t kMaxLength = 200;

}  // namespace

int EditDistance(absl::string_view a, absl::string_view b) {
  const size_t width = b.size() + 1;
  std::vector<int> before_last(width), last(width), row(width);
  for (size_t j = 0; j < width; ++j) last[j] = static_cast<int>(j);
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = static_cast<int>(i);
    for (size_t j = 1; j < width; ++j) {
      const int substitution = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({substitution, last[j] + 1, row[j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before_last[j - 2] + 1);
      }
    }
    before_last.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

std::string NearestName(absl::string_view name, const std::vector<std::string>& known) {
  if (name.size() > kMaxLength) return "";
  const std::string lower = absl::AsciiStrToLower(name);
  std::string best;
  int best_distance = 0;
  for (const std::string& candidate : known) {
    if (candidate.size() > kMaxLength) continue;
    const std::string candidate_lower = absl::AsciiStrToLower(candidate);
    const int distance = EditDistance(lower, candidate_lower);
    const int allowed = std::max<int>(1, static_cast<int>(std::max(lower.size(), candidate_lower.size()) / 3));
    const bool prefix = lower.size() >= 3 && candidate_lower.size() >= 3 &&
                        (absl::StartsWith(candidate_lower, lower) || absl::StartsWith(lower, candidate_lower));
    if (distance > allowed && !prefix) continue;
    if (best.empty() || distance < best_distance || (distance == best_distance && candidate < best)) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

std::string DidYouMean(absl::string_view name, const std::vector<std::string>& known) {
  const std::string nearest = NearestName(name, known);
  return nearest.empty() ? "" : absl::StrCat("; did you mean \"", nearest, "\"?");
}

}  // namespace diarflow
