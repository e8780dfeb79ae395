#include "nodes/cached_encode.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace diarflow {

absl::StatusOr<std::vector<FloatArray>> EncodeWithCache(const FrameCacheResource* cache, const CachedStage& stage,
                                                        absl::Span<ItemContext* const> items,
                                                        absl::Span<const Audio* const> audio,
                                                        const EncodeBatch& encode) {
  const bool use_cache = cache != nullptr && cache->cache.has_value();
  std::vector<FloatArray> results(audio.size());
  std::vector<std::string> keys(audio.size());
  std::vector<size_t> missing;
  std::vector<FloatArray> samples;
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
    samples.push_back(audio[i]->samples);
  }
  if (missing.empty()) return results;
  ASSIGN_OR_RETURN(std::vector<FloatArray> encoded, encode(samples));
  if (encoded.size() != missing.size()) {
    return absl::InternalError(
        absl::StrCat(stage.name, " made ", encoded.size(), " results of ", missing.size(), " items"));
  }
  for (size_t i = 0; i < missing.size(); ++i) {
    if (use_cache) RETURN_IF_ERROR(cache->cache->Put(keys[missing[i]], encoded[i]));
    results[missing[i]] = std::move(encoded[i]);
  }
  return results;
}

}  // namespace diarflow
