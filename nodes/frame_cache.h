// The resource FrameCache: what encoders made of audio, kept on disk for the next run.
#ifndef DIARFLOW_NODES_FRAME_CACHE_H_
#define DIARFLOW_NODES_FRAME_CACHE_H_

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "datasets/frame_cache.h"
#include "graph/registry.h"

namespace diarflow {

struct FrameCacheResource {
  static constexpr char kResourceName[] = "FrameCache";
  static void Contract(ContractBuilder& contract);
  static absl::StatusOr<std::shared_ptr<const FrameCacheResource>> Load(const ResourceContext& context);

  // Keeps an array if it can; when it cannot, one warning a run on standard error. REQUIRES: cache.
  void Keep(const std::string& key, const FloatArray& array) const;

  // Nothing when the cache is switched off.
  std::optional<FrameCache> cache;

 private:
  mutable std::once_flag warned_;
};

}  // namespace diarflow

#endif  // DIARFLOW_NODES_FRAME_CACHE_H_
