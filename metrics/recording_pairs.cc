#include "metrics/recording_pairs.h"

#include <cstddef>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/suggest.h"

namespace diarflow {
namespace {

absl::Status GivenTwice(absl::string_view what, const std::string& uri) {
  return absl::InvalidArgumentError(absl::StrCat("there are two ", what, " of the recording \"", uri, "\""));
}

}  // namespace

absl::StatusOr<std::vector<RecordingPair>> PairRecordings(std::vector<Recording> references,
                                                          std::vector<Recording> hypotheses,
                                                          std::optional<std::vector<EvaluationRegion>> regions) {
  std::vector<RecordingPair> pairs;
  std::vector<std::string> uris;
  absl::flat_hash_map<std::string, size_t> place;
  const auto add = [&](Recording reference) {
    const bool is_new = place.try_emplace(reference.uri, pairs.size()).second;
    if (!is_new) return false;
    uris.push_back(reference.uri);
    pairs.emplace_back();
    pairs.back().hypothesis.uri = reference.uri;
    pairs.back().reference = std::move(reference);
    return true;
  };
  for (Recording& reference : references) {
    const std::string uri = reference.uri;
    if (!add(std::move(reference))) return GivenTwice("references", uri);
  }
  if (regions.has_value()) {
    for (EvaluationRegion& region : *regions) {
      add({region.uri, {}});
      std::optional<std::vector<TimeSpan>>& spans = pairs[place[region.uri]].region;
      if (spans.has_value()) return GivenTwice("regions", region.uri);
      spans = std::move(region.spans);
    }
    for (const RecordingPair& pair : pairs) {
      if (pair.region.has_value()) continue;
      return absl::NotFoundError(absl::StrCat("the evaluation regions leave out the recording \"", pair.reference.uri,
                                              "\" of the reference; give it a line, or take it out of the reference"));
    }
  }
  for (Recording& hypothesis : hypotheses) {
    const auto found = place.find(hypothesis.uri);
    if (found == place.end()) {
      return absl::NotFoundError(absl::StrCat("the hypothesis names the recording \"", hypothesis.uri,
                                              "\", which the reference does not know",
                                              DidYouMean(hypothesis.uri, uris)));
    }
    RecordingPair& pair = pairs[found->second];
    if (pair.has_hypothesis) return GivenTwice("hypotheses", hypothesis.uri);
    pair.has_hypothesis = true;
    pair.hypothesis = std::move(hypothesis);
  }
  return pairs;
}

}  // namespace diarflow
