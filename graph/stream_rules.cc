#include "graph/stream_rules.h"

#include <string>

#include "absl/strings/str_cat.h"

namespace diarflow {
namespace {

std::string Hertz(int rate) { return absl::StrCat(rate, " Hz"); }

std::string Hertz(const FrameRate& rate) {
  return rate.den == 1 ? absl::StrCat(rate.num, " Hz") : absl::StrCat(rate.num, "/", rate.den, " Hz");
}

std::string Plain(int width) { return absl::StrCat(width); }

struct Mismatch {
  std::string has;
  std::string takes;
};

std::vector<Mismatch> Compare(const StreamProperties& stream, const StreamProperties& taken) {
  std::vector<Mismatch> mismatches;
  const auto compare = [&](const char* what, const auto& has, const auto& takes, const auto& print) {
    if (!has || !takes || *has == *takes) return;
    mismatches.push_back({absl::StrCat("a ", what, " of ", print(*has)), print(*takes)});
  };
  compare("sample rate", stream.sample_rate, taken.sample_rate, [](int rate) { return Hertz(rate); });
  compare("frame rate", stream.frame_rate, taken.frame_rate, [](const FrameRate& rate) { return Hertz(rate); });
  compare("width", stream.width, taken.width, &Plain);
  return mismatches;
}

}  // namespace

void CheckStreamRules(const std::vector<int>& original_index, Plan* plan, ConfigErrors* errors) {
  for (size_t n = 0; n < plan->nodes.size(); ++n) {
    const PlannedNode& node = plan->nodes[n];
    if (!node.contract.stream_rules || node.options == nullptr) continue;
    std::vector<StreamProperties> inputs(node.inputs.size());
    for (size_t p = 0; p < inputs.size(); ++p) {
      if (node.inputs[p] >= 0) inputs[p] = plan->streams[node.inputs[p]].properties;
    }
    StreamRules rules = node.contract.stream_rules(*node.options, inputs);
    rules.takes.resize(inputs.size());
    rules.gives.resize(node.outputs.size());
    for (size_t p = 0; p < inputs.size(); ++p) {
      if (node.inputs[p] < 0) continue;
      const PlannedStream& stream = plan->streams[node.inputs[p]];
      for (const Mismatch& mismatch : Compare(inputs[p], rules.takes[p])) {
        errors->AddForNode(original_index[n], "", -1,
                           absl::StrCat("stream \"", stream.name, "\" has ", mismatch.has, " (from node \"",
                                        plan->nodes[stream.producer].name, "\"), but ", node.contract.inputs[p].name,
                                        " takes ", mismatch.takes));
      }
    }
    for (size_t p = 0; p < node.outputs.size(); ++p) {
      if (node.outputs[p] >= 0) plan->streams[node.outputs[p]].properties = rules.gives[p];
    }
  }
}

}  // namespace diarflow
