// What the nodes of Mimi have in common: where the frames are taken.
#ifndef DIARFLOW_NODES_MIMI_TAPS_H_
#define DIARFLOW_NODES_MIMI_TAPS_H_

#include "graph/registry.h"
#include "models/mimi/mimi.h"
#include "nodes/mimi_encode.pb.h"

namespace diarflow {

struct MimiTapInfo {
  MimiTap tap;
  const char* name;
};

inline MimiTapInfo InfoOf(options::MimiEncode::Tap tap) {
  switch (tap) {
    case options::MimiEncode::SEANET: return {MimiTap::kSeanet, "25 Hz SEANet output"};
    case options::MimiEncode::TRANSFORMER: return {MimiTap::kTransformer25, "25 Hz transformer output"};
    case options::MimiEncode::LATENT: break;
  }
  return {MimiTap::kLatent12, "12.5 Hz latent"};
}

inline StreamRules MimiRules(MimiTap tap) {
  StreamRules rules;
  rules.takes = {{static_cast<int>(kMimiSampleRate), {}, {}}};
  rules.gives = {{{}, FrameRate::Of(kMimiSampleRate, MimiTapFrameSamples(tap)), {}}};
  return rules;
}

}  // namespace diarflow

#endif  // DIARFLOW_NODES_MIMI_TAPS_H_
