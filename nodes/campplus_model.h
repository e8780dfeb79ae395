// The resource CampplusModel: a CAM++ speaker encoder, loaded once and shared.
#ifndef DIARFLOW_NODES_CAMPPLUS_MODEL_H_
#define DIARFLOW_NODES_CAMPPLUS_MODEL_H_

#include <memory>

#include "absl/status/statusor.h"
#include "graph/registry.h"
#include "models/campplus/campplus.h"

namespace diarflow {

namespace options {
class CampplusModel;
}

// The network that the options name. The number of LibTorch's threads is the caller's to set.
absl::StatusOr<CampplusEncoder::Ptr> LoadCampplus(const options::CampplusModel& options);

struct CampplusModelResource {
  static constexpr char kResourceName[] = "CampplusModel";
  static void Contract(ContractBuilder& contract);
  static absl::StatusOr<std::shared_ptr<const CampplusModelResource>> Load(const ResourceContext& context);

  CampplusEncoder::Ptr encoder;
};

}  // namespace diarflow

#endif  // DIARFLOW_NODES_CAMPPLUS_MODEL_H_
