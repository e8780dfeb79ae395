// The plain network as an engine, on any device.
#ifndef DIARFLOW_MODELS_MIMI_PLAIN_ENGINE_H_
#define DIARFLOW_MODELS_MIMI_PLAIN_ENGINE_H_

#include <memory>

#include "models/device/device.h"
#include "models/mimi/mimi_config.pb.h"
#include "models/mimi/mimi_engine.h"
#include "models/mimi/mimi_weights.h"

namespace diarflow {

// REQUIRES: a filled configuration, and the weights of it.
std::unique_ptr<MimiEngine> MakePlainMimiEngine(const MimiConfig& config, const MimiWeights& weights,
                                                const ModelDevice& device);

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_MIMI_PLAIN_ENGINE_H_
