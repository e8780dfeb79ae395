// The resource AdapterModel: a diarization adapter, loaded once and shared.
#ifndef DIARFLOW_NODES_ADAPTER_MODEL_H_
#define DIARFLOW_NODES_ADAPTER_MODEL_H_

#include <memory>

#include "absl/status/statusor.h"
#include "graph/registry.h"
#include "models/adapter/adapter.h"

namespace diarflow {

struct AdapterModelResource {
  static constexpr char kResourceName[] = "AdapterModel";
  static void Contract(ContractBuilder& contract);
  static absl::StatusOr<std::shared_ptr<const AdapterModelResource>> Load(const ResourceContext& context);

  Adapter::Ptr adapter;
};

}  // namespace diarflow

#endif  // DIARFLOW_NODES_ADAPTER_MODEL_H_
