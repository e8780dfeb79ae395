// The resource SegmentationModel: the segmentation network, loaded once and shared.
#ifndef DIARFLOW_NODES_SEGMENTATION_MODEL_H_
#define DIARFLOW_NODES_SEGMENTATION_MODEL_H_

#include <memory>

#include "absl/status/statusor.h"
#include "graph/registry.h"
#include "models/segmentation/segmentation.h"

namespace diarflow {

struct SegmentationModelResource {
  static constexpr char kResourceName[] = "SegmentationModel";
  static void Contract(ContractBuilder& contract);
  static absl::StatusOr<std::shared_ptr<const SegmentationModelResource>> Load(const ResourceContext& context);

  SegmentationModel::Ptr model;
};

}  // namespace diarflow

#endif  // DIARFLOW_NODES_SEGMENTATION_MODEL_H_
