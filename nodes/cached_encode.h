// What every encoder node does around its model: ask the cache, compute what is missing, keep it.
#ifndef DIARFLOW_NODES_CACHED_ENCODE_H_
#define DIARFLOW_NODES_CACHED_ENCODE_H_

#include <functional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/float_array.h"
#include "graph/node.h"
#include "nodes/frame_cache.h"
#include "nodes/payloads.h"

namespace diarflow {

// One call of the model: samples of several items to one array each, in the same order.
using EncodeBatch = std::function<absl::StatusOr<std::vector<FloatArray>>(absl::Span<const FloatArray>)>;

// Encodes the audio of a batch: `items` and their `audio` stand in the same order, and so do the results. What the
// cache holds is taken from there and counted as cached media time. The rest is computed and kept: in calls of `encode`
// for audio of similar length, as what a model pads costs as much as audio. With `cache` null, or switched off,
// everything is computed. `stage` is all that the numbers depend on besides the samples.
// An entry that cannot be written costs the next run its time, not this one its result: one warning says so.
absl::StatusOr<std::vector<FloatArray>> EncodeWithCache(const FrameCacheResource* cache, const CachedStage& stage,
                                                        absl::Span<ItemContext* const> items,
                                                        absl::Span<const Audio* const> audio,
                                                        const EncodeBatch& encode);

}  // namespace diarflow

#endif  // DIARFLOW_NODES_CACHED_ENCODE_H_
