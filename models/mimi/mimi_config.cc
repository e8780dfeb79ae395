#include "models/mimi/mimi_config.h"

#include <cmath>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/message_differencer.h"

namespace diarflow {
namespace {

using google::protobuf::FieldDescriptor;

// 24,000 samples a second to 25 frames a second.
constexpr int64_t kSamplesPerSeanetFrame = 960;
// Larger than any network; keeps every product of two sizes far from overflow.
constexpr int32_t kMaxSize = 1 << 20;

}  // namespace

MimiConfig ReleasedMimiConfig() { return FillMimiConfig(MimiConfig()); }

absl::StatusOr<MimiConfig> MimiConfigOf(const TensorTable& weights) {
  const auto text = weights.metadata().find(kMimiConfigKey);
  if (text == weights.metadata().end()) return ReleasedMimiConfig();
  MimiConfig config;
  if (google::protobuf::TextFormat::ParseFromString(text->second, &config)) return config;
  return absl::DataLossError(absl::StrCat(weights.source(), ": its ", kMimiConfigKey, " makes no sense"));
}

MimiConfig SmallMimiConfig() {
  MimiConfig config;
  config.set_n_filters(16);
  config.set_dimension(128);
  config.set_num_heads(4);
  config.set_num_layers(2);
  config.set_feed_forward(512);
  config.set_codebook_dimension(64);
  config.set_codebook_size(64);
  config.set_num_codebooks(8);
  return FillMimiConfig(config);
}

MimiConfig FillMimiConfig(const MimiConfig& config) {
  MimiConfig filled = config;
  if (filled.ratios().empty()) {
    for (const int ratio : {4, 5, 6, 8}) filled.add_ratios(ratio);
  }
  const auto* reflection = filled.GetReflection();
  for (int i = 0; i < filled.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = filled.GetDescriptor()->field(i);
    if (field->is_repeated() || reflection->HasField(filled, field)) continue;
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_INT32) {
      reflection->SetInt32(&filled, field, field->default_value_int32());
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE) {
      reflection->SetDouble(&filled, field, field->default_value_double());
    }
  }
  return filled;
}

absl::Status CheckMimiConfig(const MimiConfig& config) {
  const MimiConfig filled = FillMimiConfig(config);
  const auto* reflection = filled.GetReflection();
  for (int i = 0; i < filled.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = filled.GetDescriptor()->field(i);
    if (field->is_repeated()) continue;
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_INT32) {
      const int32_t value = reflection->GetInt32(filled, field);
      if (value > 0 && value <= kMaxSize) continue;
      return absl::InvalidArgumentError(
          absl::StrCat("MimiConfig: ", field->name(), " is ", value, "; it must be 1 to ", kMaxSize));
    }
    const double value = reflection->GetDouble(filled, field);
    if (std::isfinite(value) && value > 0) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("MimiConfig: ", field->name(), " is ", value, "; it must be above 0"));
  }
  int64_t product = 1;
  for (const int32_t ratio : filled.ratios()) {
    if (ratio < 2 || ratio > kSamplesPerSeanetFrame) {
      return absl::InvalidArgumentError(absl::StrCat("MimiConfig: a ratio is ", ratio, "; each must be 2 to 960"));
    }
    product *= ratio;
    if (product > kSamplesPerSeanetFrame) break;
  }
  if (product != kSamplesPerSeanetFrame) {
    return absl::InvalidArgumentError(
        "MimiConfig: the product of the ratios must be 960, so that 24 kHz audio gives 25 frames a second");
  }
  if (filled.n_filters() % filled.compress() != 0) {
    return absl::InvalidArgumentError(absl::StrCat("MimiConfig: n_filters (", filled.n_filters(),
                                                   ") must be a multiple of compress (", filled.compress(), ")"));
  }
  if (filled.dimension() % (2 * filled.num_heads()) != 0) {
    return absl::InvalidArgumentError(absl::StrCat("MimiConfig: dimension (", filled.dimension(),
                                                   ") must be a multiple of 2 * num_heads (", 2 * filled.num_heads(),
                                                   "): each head turns its numbers in pairs"));
  }
  if (filled.num_codebooks() < 2) {
    return absl::InvalidArgumentError("MimiConfig: num_codebooks must be at least 2: the semantic one and others");
  }
  return absl::OkStatus();
}

std::string MimiSizeName(const MimiConfig& config) {
  const MimiConfig filled = FillMimiConfig(config);
  using google::protobuf::util::MessageDifferencer;
  if (MessageDifferencer::Equals(filled, ReleasedMimiConfig())) return "released size";
  if (MessageDifferencer::Equals(filled, SmallMimiConfig())) return "small";
  return absl::StrCat(filled.n_filters(), " filters, width ", filled.dimension(), ", ", filled.num_layers(), " layers");
}

}  // namespace diarflow
