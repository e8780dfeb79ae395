// The resource SpeechSource: single voices, of which conversations are made.
#ifndef DIARFLOW_NODES_SPEECH_SOURCE_H_
#define DIARFLOW_NODES_SPEECH_SOURCE_H_

#include <memory>

#include "absl/status/statusor.h"
#include "datasets/simulator/speech_source.h"
#include "graph/registry.h"

namespace diarflow {

struct SpeechSourceResource {
  static constexpr char kResourceName[] = "SpeechSource";
  static void Contract(ContractBuilder& contract);
  static absl::StatusOr<std::shared_ptr<const SpeechSourceResource>> Load(const ResourceContext& context);

  std::shared_ptr<const SpeechSource> source;
};

}  // namespace diarflow

#endif  // DIARFLOW_NODES_SPEECH_SOURCE_H_
