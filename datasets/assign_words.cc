#include "datasets/assign_words.h"

#include <algorithm>
#include <limits>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace diarflow {
namespace {

struct Closeness {
  int64_t common = 0;
  int64_t distance = std::numeric_limits<int64_t>::max();

  bool Beats(const Closeness& other) const {
    return common != other.common ? common > other.common : distance < other.distance;
  }
};

Closeness ClosenessOf(const TimeSpan& word, const std::vector<TimeSpan>& spans) {
  Closeness closeness;
  // The first that ends behind the word's start; the one before it is the nearest on the left.
  auto span = std::upper_bound(spans.begin(), spans.end(), word.start,
                               [](int64_t time, const TimeSpan& one) { return time < one.end; });
  if (span != spans.begin()) closeness.distance = word.start - std::prev(span)->end;
  if (span != spans.end())
    closeness.distance = std::min(closeness.distance, std::max<int64_t>(0, span->start - word.end));
  for (; span != spans.end() && span->start < word.end; ++span) {
    closeness.common += std::min(span->end, word.end) - std::max(span->start, word.start);
  }
  return closeness;
}

}  // namespace

std::vector<std::string> AssignWords(const std::vector<TimedWord>& words, const std::vector<Turn>& turns,
                                     const AssignWordsOptions& options) {
  std::map<std::string, std::vector<TimeSpan>> speakers;
  for (const Turn& turn : turns) {
    if (turn.duration > 0) speakers[turn.speaker].push_back({turn.start, turn.end()});
  }
  for (auto& [name, spans] : speakers) spans = JoinSpans(std::move(spans));
  std::vector<std::string> assigned;
  for (const TimedWord& word : words) {
    const TimeSpan span = {word.start, std::max(word.end(), word.start + 1)};
    Closeness best;
    const std::string* who = nullptr;
    for (const auto& [name, spans] : speakers) {
      const Closeness closeness = ClosenessOf(span, spans);
      if (!closeness.Beats(best)) continue;
      best = closeness;
      who = &name;
    }
    const bool near = who != nullptr && (best.common > 0 || best.distance <= options.reach);
    assigned.push_back(near ? *who : "");
  }
  return assigned;
}

std::string FormatSpokenText(const std::vector<TimedWord>& words) {
  std::vector<const TimedWord*> order;
  for (const TimedWord& word : words) order.push_back(&word);
  std::stable_sort(order.begin(), order.end(),
                   [](const TimedWord* a, const TimedWord* b) { return a->start < b->start; });
  std::string text;
  const TimedWord* before = nullptr;
  for (const TimedWord* word : order) {
    if (before == nullptr || before->speaker != word->speaker) {
      const int64_t seconds = word->start / kMicrosecondsPerSecond;
      absl::StrAppend(&text, before == nullptr ? "" : "\n",
                      absl::StrFormat("[%d:%02d:%02d] ", seconds / 3600, seconds / 60 % 60, seconds % 60),
                      word->speaker.empty() ? "?" : word->speaker, ":");
    }
    absl::StrAppend(&text, " ", word->word);
    before = word;
  }
  if (!text.empty()) text += "\n";
  return text;
}

}  // namespace diarflow
