#include "nodes/cached_encode.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace diarflow {
namespace {

// Padding costs as much as audio: what is encoded together differs in length by this at most.
constexpr double kLongestToShortest = 1.1;

// The samples of `audio` in groups of similar length: indices, longest first.
std::vector<std::vector<size_t>> GroupByLength(absl::Span<const Audio* const> audio, std::vector<size_t> indices) {
  std::stable_sort(indices.begin(), indices.end(),
                   [&](size_t a, size_t b) { return audio[a]->samples.size() > audio[b]->samples.size(); });
  std::vector<std::vector<size_t>> groups;
  for (const size_t index : indices) {
    const auto length = static_cast<double>(audio[index]->samples.size());
    if (groups.empty() ||
        static_cast<double>(audio[groups.back().front()]->samples.size()) > kLongestToShortest * length) {
      groups.emplace_back();
    }
    groups.back().push_back(index);
  }
  return groups;
}

}  // namespace

absl::StatusOr<std::vector<FloatArray>> EncodeWithCache(const FrameCacheResource* cache, const CachedStage& stage,
                                                        absl::Span<ItemContext* const> items,
                                                        absl::Span<const Audio* const> audio,
                                                        const EncodeBatch& encode) {
  const bool use_cache = cache != nullptr && cache->cache.has_value();
  std::vector<FloatArray> results(audio.size());
  std::vector<std::string> keys(audio.size());
  std::vector<size_t> missing;
  for (size_t i = 0; i < audio.size(); ++i) {
    items[i]->AddMediaTime(audio[i]->seconds());
    if (use_cache) {
      keys[i] = CacheKey(stage, audio[i]->samples, audio[i]->sample_rate);
      ASSIGN_OR_RETURN(std::optional<FloatArray> kept, cache->cache->Get(keys[i]));
      if (kept.has_value()) {
        items[i]->AddCachedMediaTime(audio[i]->seconds());
        results[i] = *std::move(kept);
        continue;
      }
    }
    missing.push_back(i);
  }
  for (const std::vector<size_t>& group : GroupByLength(audio, std::move(missing))) {
    std::vector<FloatArray> samples;
    for (const size_t i : group) samples.push_back(audio[i]->samples);
    ASSIGN_OR_RETURN(std::vector<FloatArray> encoded, encode(samples));
    if (encoded.size() != group.size()) {
      return absl::InternalError(
          absl::StrCat(stage.name, " made ", encoded.size(), " results of ", group.size(), " items"));
    }
    for (size_t k = 0; k < group.size(); ++k) {
      if (use_cache) cache->Keep(keys[group[k]], encoded[k]);
      results[group[k]] = std::move(encoded[k]);
    }
  }
  return results;
}

}  // namespace diarflow
