#include "metrics/slow_der.h"

#include <algorithm>
#include <cstddef>
#include <set>

namespace diarflow {
namespace {

std::vector<std::string> NamesOf(const Recording& recording) {
  std::set<std::string> names;
  for (const Turn& turn : recording.turns) names.insert(turn.speaker);
  return {names.begin(), names.end()};
}

bool Covers(int64_t start, int64_t end, int64_t time) { return start <= time && time < end; }

int64_t CountOf(const std::map<std::string, int64_t>& turns, const std::string& speaker) {
  const auto found = turns.find(speaker);
  return found == turns.end() ? 0 : found->second;
}

}  // namespace

std::vector<SpeakerMap> AllMappings(const Recording& reference, const Recording& hypothesis) {
  std::vector<SpeakerMap> mappings = {{}};
  for (const std::string& speaker : NamesOf(reference)) {
    const size_t known = mappings.size();
    for (size_t i = 0; i < known; ++i) {
      std::set<std::string> taken;
      for (const auto& [from, to] : mappings[i]) taken.insert(to);
      for (const std::string& other : NamesOf(hypothesis)) {
        if (taken.count(other) > 0) continue;
        SpeakerMap longer = mappings[i];
        longer[speaker] = other;
        mappings.push_back(longer);
      }
    }
  }
  return mappings;
}

SpeakerMap NamedMapping(const FileDer& file) {
  SpeakerMap names;
  for (size_t i = 0; i < file.mapping.size(); ++i) {
    if (file.mapping[i] >= 0) names[file.reference_speakers[i]] = file.hypothesis_speakers[file.mapping[i]];
  }
  return names;
}

SlowDer::SlowDer(const Recording& reference, const Recording& hypothesis,
                 const std::optional<std::vector<TimeSpan>>& region, const DerOptions& options, int64_t cell)
    : convention_(options.convention), length_(cell) {
  int64_t first = INT64_MAX;
  int64_t last = 0;
  for (const Recording* recording : {&reference, &hypothesis}) {
    if (recording == &hypothesis && convention_ == DerConvention::kMdEval) continue;
    for (const Turn& turn : recording->turns) {
      first = std::min(first, turn.start);
      last = std::max(last, turn.end());
    }
  }
  const std::vector<TimeSpan> spans = region.has_value() ? *region : std::vector<TimeSpan>{{first, last}};
  int64_t end = 0;
  for (const TimeSpan& span : spans) end = std::max(end, span.end);
  for (int64_t time = 0; time < end; time += cell) {
    if (std::none_of(spans.begin(), spans.end(),
                     [time](const TimeSpan& span) { return Covers(span.start, span.end, time); })) {
      continue;
    }
    Cell made;
    int64_t turns = 0;
    for (const Turn& turn : reference.turns) {
      for (const int64_t boundary : {turn.start, turn.end()}) {
        if (Covers(boundary - options.collar, boundary + options.collar, time)) made.scored = false;
      }
      if (!Covers(turn.start, turn.end(), time)) continue;
      ++turns;
      ++made.reference[turn.speaker];
    }
    for (const Turn& turn : hypothesis.turns) made.hypothesis[turn.speaker] += Covers(turn.start, turn.end(), time);
    if (options.skip_overlap && turns > 1) made.scored = false;
    if (convention_ == DerConvention::kMdEval) {
      for (auto* side : {&made.reference, &made.hypothesis}) {
        for (auto& [speaker, count] : *side) count = std::min<int64_t>(count, 1);
      }
    }
    cells_.push_back(made);
  }
}

DerComponents SlowDer::Count(const SpeakerMap& mapping) const {
  DerComponents sum;
  for (const Cell& cell : cells_) {
    if (!cell.scored) continue;
    int64_t reference = 0;
    int64_t hypothesis = 0;
    int64_t correct = 0;
    for (const auto& [speaker, count] : cell.reference) reference += count;
    for (const auto& [speaker, count] : cell.hypothesis) hypothesis += count;
    for (const auto& [from, to] : mapping) {
      correct += std::min(CountOf(cell.reference, from), CountOf(cell.hypothesis, to));
    }
    sum.total += length_ * reference;
    if (reference > hypothesis) sum.missed += length_ * (reference - hypothesis);
    if (hypothesis > reference) sum.false_alarm += length_ * (hypothesis - reference);
    sum.confusion += length_ * (std::min(reference, hypothesis) - correct);
  }
  return sum;
}

int64_t SlowDer::CommonTime(const SpeakerMap& mapping) const {
  int64_t sum = 0;
  for (const Cell& cell : cells_) {
    if (!cell.scored && convention_ == DerConvention::kPyannote) continue;
    for (const auto& [from, to] : mapping) {
      sum += length_ * CountOf(cell.reference, from) * CountOf(cell.hypothesis, to);
    }
  }
  return sum;
}

double SlowDer::Jaccard(const std::string& speaker, const SpeakerMap& mapping) const {
  const auto mapped = mapping.find(speaker);
  int64_t active = 0;
  int64_t both = 0;
  int64_t either = 0;
  for (const Cell& cell : cells_) {
    if (!cell.scored) continue;
    const bool speaks = CountOf(cell.reference, speaker) > 0;
    const bool found = mapped != mapping.end() && CountOf(cell.hypothesis, mapped->second) > 0;
    active += speaks;
    both += speaks && found;
    either += speaks || found;
  }
  if (active == 0) return -1;
  return 1 - static_cast<double>(both) / static_cast<double>(either);
}

}  // namespace diarflow
