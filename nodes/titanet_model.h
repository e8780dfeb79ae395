// The resource TitanetModel: a TitaNet speaker encoder, loaded once and shared.
#ifndef DIARFLOW_NODES_TITANET_MODEL_H_
#define DIARFLOW_NODES_TITANET_MODEL_H_

#include <memory>

#include "absl/status/statusor.h"
#include "graph/registry.h"
#include "models/titanet/titanet.h"

namespace diarflow {

namespace options {
class TitanetModel;
}

// The network that the options name. The number of LibTorch's threads is the caller's to set.
absl::StatusOr<TitanetEncoder::Ptr> LoadTitanet(const options::TitanetModel& options);

struct TitanetModelResource {
  static constexpr char kResourceName[] = "TitanetModel";
  static void Contract(ContractBuilder& contract);
  static absl::StatusOr<std::shared_ptr<const TitanetModelResource>> Load(const ResourceContext& context);

  TitanetEncoder::Ptr encoder;
};

}  // namespace diarflow

#endif  // DIARFLOW_NODES_TITANET_MODEL_H_
