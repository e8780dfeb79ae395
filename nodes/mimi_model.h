// The resource MimiModel: a Mimi encoder, loaded once and shared.
#ifndef DIARFLOW_NODES_MIMI_MODEL_H_
#define DIARFLOW_NODES_MIMI_MODEL_H_

#include <memory>

#include "absl/status/statusor.h"
#include "graph/registry.h"
#include "models/mimi/mimi.h"

namespace diarflow {

struct MimiModelResource {
  static constexpr char kResourceName[] = "MimiModel";
  static void Contract(ContractBuilder& contract);
  static absl::StatusOr<std::shared_ptr<const MimiModelResource>> Load(const ResourceContext& context);

  MimiEncoder::Ptr encoder;
};

}  // namespace diarflow

#endif  // DIARFLOW_NODES_MIMI_MODEL_H_
