#include "bench/model_answer.h"

#include <cmath>
#include <cstddef>
#include <limits>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"

namespace diarflow {
namespace {

using Json = nlohmann::json;

absl::Status Unknown(const std::string& line) {
  return absl::DataLossError(absl::StrCat("the peer said: ", line.substr(0, 200)));
}

bool IsString(const Json& json, const char* key) { return json.contains(key) && json[key].is_string(); }

}  // namespace

absl::StatusOr<ModelAnswer> ParseModelAnswer(const std::string& line) {
  const Json json = Json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (IsString(json, "error")) return absl::UnavailableError(json["error"].get<std::string>());
  if (!json.contains("seconds") || !json["seconds"].is_number()) return Unknown(line);
  if (!json.contains("numbers") || !json["numbers"].is_array()) return Unknown(line);
  ModelAnswer answer;
  answer.seconds = json["seconds"].get<double>();
  for (const Json& number : json["numbers"]) {
    if (!number.is_number()) return Unknown(line);
    answer.numbers.push_back(number.get<float>());
  }
  return answer;
}

absl::StatusOr<std::string> ParseModelVersion(const std::string& line) {
  const Json json = Json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!IsString(json, "version")) return Unknown(line);
  return json["version"].get<std::string>();
}

double RelativeDistance(const std::vector<float>& a, const std::vector<float>& b) {
  double apart = 0, length = 0;
  for (size_t i = 0; i < b.size() && a.size() == b.size(); ++i) {
    apart += std::pow(static_cast<double>(a[i]) - b[i], 2);
    length += std::pow(static_cast<double>(b[i]), 2);
  }
  const double distance = std::sqrt(apart / length);
  return a.size() == b.size() && std::isfinite(distance) ? distance : std::numeric_limits<double>::infinity();
}

}  // namespace diarflow
