#include "nodes/frame_cache.h"

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

DIARFLOW_REGISTER_RESOURCE("FrameCache", FrameCacheResource);

}  // namespace diarflow
