#include "bench/senko_answer.h"

#include <cmath>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"

namespace diarflow {
namespace {

using Json = nlohmann::json;

bool HasNumber(const Json& json, const char* key) { return json.contains(key) && json[key].is_number(); }

bool IsTurn(const Json& json) {
  return json.is_array() && json.size() == 3 && json[0].is_number() && json[1].is_number() && json[2].is_string();
}

int64_t Microseconds(const Json& seconds) { return std::llround(kMicrosecondsPerSecond * seconds.get<double>()); }

}  // namespace

absl::StatusOr<SenkoAnswer> ParseSenkoAnswer(const std::string& line) {
  const auto error = [&line] { return absl::DataLossError(absl::StrCat("the peer said: ", line)); };
  const Json json = Json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!HasNumber(json, "seconds") || !HasNumber(json, "memory_kb") || !json.contains("turns")) return error();
  SenkoAnswer answer;
  answer.seconds = json["seconds"].get<double>();
  answer.memory_mb = json["memory_kb"].get<double>() / 1024;
  if (!json["turns"].is_array()) return error();
  for (const Json& turn : json["turns"]) {
    if (!IsTurn(turn)) return error();
    const int64_t start = Microseconds(turn[0]);
    const int64_t end = Microseconds(turn[1]);
    if (end > start) answer.turns.push_back({start, end - start, turn[2].get<std::string>()});
  }
  return answer;
}

}  // namespace diarflow
