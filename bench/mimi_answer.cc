#include "bench/mimi_answer.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "models/mimi/mimi_config.h"
#include "models/mimi/mimi_tap.h"
#include "nlohmann/json.hpp"

namespace diarflow {
namespace {

using nlohmann::json;

template <typename T>
bool ReadNumbers(const json& answer, const char* name, std::vector<T>* numbers) {
  if (!answer.contains(name)) return true;
  if (!answer[name].is_array()) return false;
  for (const json& number : answer[name]) {
    if (!number.is_number()) return false;
    numbers->push_back(number.get<T>());
  }
  return true;
}

}  // namespace

absl::StatusOr<MimiAnswer> ParseMimiAnswer(const std::string& line) {
  const json answer = json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (answer.is_object() && answer.contains("error") && answer["error"].is_string()) {
    return absl::UnavailableError(answer["error"].get<std::string>());
  }
  MimiAnswer result;
  const bool timed =
      answer.is_object() && ((answer.contains("seconds") && answer["seconds"].is_number()) || answer.contains("steps"));
  if (!timed || !ReadNumbers(answer, "steps", &result.steps) || !ReadNumbers(answer, "latent", &result.latent)) {
    return absl::DataLossError(absl::StrCat("the peer answers \"", line, "\", which is no measurement"));
  }
  if (answer.contains("seconds")) result.seconds = answer["seconds"].get<double>();
  if (answer.contains("memory_kb") && answer["memory_kb"].is_number()) {
    result.memory_mb = answer["memory_kb"].get<double>() / 1024;
  }
  return result;
}

double MimiOperationsPerSecond(const MimiConfig& config) {
  const MimiConfig filled = FillMimiConfig(config);
  double frames = kMimiSampleRate, channels = filled.n_filters();
  double products = frames * filled.kernel_size() * channels;
  for (const int ratio : filled.ratios()) {
    const double inner = channels / filled.compress();
    products += frames * (filled.residual_kernel_size() * channels * inner + inner * channels);
    frames /= ratio;
    products += frames * 2 * ratio * channels * 2 * channels;
    channels *= 2;
  }
  const double width = filled.dimension();
  products += frames * filled.last_kernel_size() * channels * width;
  const double layer =
      4 * width * width + 2 * width * filled.feed_forward() + 2 * static_cast<double>(filled.context()) * width;
  products += frames * filled.num_layers() * layer;
  products += frames / 2 * 4 * width * width;
  return 2 * products;
}

}  // namespace diarflow
