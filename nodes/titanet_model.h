// The resource TitanetModel: a TitaNet speaker encoder, loaded once and shared.
#ifndef DIARFLOW_NODES_TITANET_MODEL_H_
#define DIARFLOW_NODES_TITANET_MODEL_H_

#include <memory>

#include "absl/status/statusor.h"
#include "graph/registry.h"
#include "models/titanet/titanet.h"

namespace diarflow {

struct TitanetModelResource {
  static constexpr char kResourceName[] = "TitanetModel";
  static void Contract(ContractBuilder& contract);
  static absl::StatusOr<std::shared_ptr<const TitanetModelResource>> Load(const ResourceContext& context);

  TitanetEncoder::Ptr encoder;
};

}  // namespace diarflow

#endif  // DIARFLOW_NODES_TITANET_MODEL_H_
