#include "nodes/frame_cache.h"

#include <cstdio>
#include <string>
#include <utility>

#include "base/files.h"
#include "base/status_macros.h"
#include "nodes/frame_cache.pb.h"

namespace diarflow {

void FrameCacheResource::Contract(ContractBuilder& contract) {
  contract.Summary("Keeps on disk what encoders made of audio.").Options<options::FrameCache>();
}

absl::StatusOr<std::shared_ptr<const FrameCacheResource>> FrameCacheResource::Load(const ResourceContext& context) {
  auto resource = std::make_shared<FrameCacheResource>();
  const std::string& folder = context.options<options::FrameCache>().folder();
  if (!folder.empty()) {
    ASSIGN_OR_RETURN(const std::string path, ResolvePath(folder));
    ASSIGN_OR_RETURN(resource->cache, FrameCache::Open(path));
  }
  return resource;
}

void FrameCacheResource::Keep(const std::string& key, const FloatArray& array) const {
  const absl::Status status = cache->Put(key, array);
  if (status.ok()) return;
  std::call_once(warned_, [&status] {
    std::fprintf(stderr, "warning: the cache keeps not everything, the next run will compute it again: %s\n",
                 std::string(status.message()).c_str());
  });
}

DIARFLOW_REGISTER_RESOURCE("FrameCache", FrameCacheResource);

}  // namespace diarflow
