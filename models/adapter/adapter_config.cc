#include "models/adapter/adapter_config.h"

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"

namespace diarflow {
namespace {

// Larger than any adapter; a matrix of two such sizes still fits into memory.
constexpr int32_t kMaxSize = 1 << 14;
constexpr int32_t kMaxLayers = 256;

absl::Status CheckSize(const char* name, int32_t value, int32_t most) {
  if (value > 0 && value <= most) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("AdapterConfig: ", name, " is ", value, "; it must be 1 to ", most));
}

}  // namespace

AdapterConfig ProofOfConceptAdapterConfig() {
  AdapterConfig config;
  config.set_width(512);
  config.set_num_heads(8);
  config.set_feed_forward(1024);
  config.set_input_projection(false);
  return config;
}

AdapterConfig SmallAdapterConfig(int input_width) {
  AdapterConfig config;
  config.set_input_width(input_width);
  config.set_width(16);
  config.set_num_heads(2);
  config.set_feed_forward(32);
  config.set_num_layers(2);
  return config;
}

absl::Status CheckAdapterConfig(const AdapterConfig& config) {
  for (const absl::Status& status :
       {CheckSize("input_width", config.input_width(), kMaxSize), CheckSize("width", config.width(), kMaxSize),
        CheckSize("num_heads", config.num_heads(), kMaxSize),
        CheckSize("feed_forward", config.feed_forward(), kMaxSize),
        CheckSize("num_layers", config.num_layers(), kMaxLayers),
        CheckSize("num_speakers", config.num_speakers(), kMaxSize)}) {
    if (!status.ok()) return status;
  }
  if (config.width() % 2 != 0) {
    return absl::InvalidArgumentError(absl::StrCat("AdapterConfig: width is ", config.width(),
                                                   "; it must be even, as positions are pairs of sine and cosine"));
  }
  if (config.width() % config.num_heads() != 0) {
    return absl::InvalidArgumentError(absl::StrCat("AdapterConfig: width (", config.width(),
                                                   ") must be a multiple of num_heads (", config.num_heads(), ")"));
  }
  if (!config.input_projection() && config.input_width() != config.width()) {
    return absl::InvalidArgumentError(absl::StrCat("AdapterConfig: without input_projection, input_width (",
                                                   config.input_width(), ") and width (", config.width(),
                                                   ") must be the same"));
  }
  return absl::OkStatus();
}

}  // namespace diarflow
