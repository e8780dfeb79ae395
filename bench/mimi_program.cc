#include "bench/mimi_program.h"

#include <chrono>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "bench/peak_memory.h"
#include "models/mimi/mimi.h"
#include "models/mimi/mimi_config.h"
#include "models/torch_threads.h"
#include "nlohmann/json.hpp"

namespace diarflow {
namespace {

using nlohmann::json;

constexpr int64_t kStepsBefore = 10;
constexpr int64_t kFramesShown = 5;

double Now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

absl::StatusOr<json> Whole(const MimiEncoder& encoder, int64_t batch) {
  const std::vector<FloatArray> audio(static_cast<size_t>(batch), MimiBenchNoise(kMimiBenchSeconds * kMimiSampleRate));
  const double began = Now();
  ASSIGN_OR_RETURN(const std::vector<FloatArray> latents, encoder.Encode(audio, MimiTap::kLatent12));
  const double seconds = Now() - began;
  const FloatArray& first = latents[0];
  const std::vector<float> shown(first.begin(), first.begin() + kFramesShown * first.dim(1));
  return json{{"seconds", seconds}, {"latent", shown}};
}

absl::StatusOr<json> Steps(const MimiEncoder& encoder, int64_t streams, int64_t count) {
  const std::vector<FloatArray> audio(static_cast<size_t>(streams), MimiBenchNoise(kMimiFrameSamples));
  ASSIGN_OR_RETURN(MimiState state, encoder.NewState(streams, MimiTap::kLatent12));
  std::vector<double> seconds;
  for (int64_t step = -kStepsBefore; step < count; ++step) {
    const double began = Now();
    RETURN_IF_ERROR(encoder.Step(state, audio).status());
    if (step >= 0) seconds.push_back(Now() - began);
  }
  return json{{"steps", seconds}};
}

absl::StatusOr<json> Answer(const MimiEncoder& encoder, const std::string& line) {
  const json asked = json::parse(line, nullptr, /*allow_exceptions=*/false);
  const auto number = [&](const char* name) {
    if (!asked.contains(name)) return int64_t{1};
    return asked[name].is_number_unsigned() ? asked[name].get<int64_t>() : 0;
  };
  const bool whole = asked.is_object() && asked.contains("do") && asked["do"] == "whole";
  const bool steps = asked.is_object() && asked.contains("do") && asked["do"] == "steps";
  if ((!whole && !steps) || number("threads") < 1 || number("batch") < 1 || number("streams") < 1 ||
      number("steps") < 1) {
    return absl::InvalidArgumentError(absl::StrCat("no question: ", line));
  }
  SetModelThreads(static_cast<int>(number("threads")));
  return whole ? Whole(encoder, number("batch")) : Steps(encoder, number("streams"), number("steps"));
}

}  // namespace

FloatArray MimiBenchNoise(int64_t samples) {
  FloatArray audio = FloatArray::Zeros({samples});
  uint32_t state = 1;
  for (int64_t i = 0; i < samples; ++i) {
    state = state * 1664525u + 1013904223u;
    audio.mutable_data()[i] = static_cast<float>(state) * 0x1p-33f - 0.25f;
  }
  return audio;
}

absl::Status RunMimiProgram(MimiPrecision precision) {
  ASSIGN_OR_RETURN(const MimiEncoder::Ptr encoder,
                   MimiEncoder::Random(ReleasedMimiConfig(), kMimiBenchSeed, precision));
  std::cout << json{{"version", "diarflow"}, {"parameters", encoder->parameter_count()}} << std::endl;
  std::map<std::string, double> memory_kb;
  for (std::string line; std::getline(std::cin, line);) {
    if (memory_kb.count(line) == 0) {
      ResetPeakMemory();
      Answer(*encoder, line).status().IgnoreError();
      memory_kb[line] = PeakMemoryMb() * 1024;
    }
    absl::StatusOr<json> answer = Answer(*encoder, line);
    if (answer.ok())
      (*answer)["memory_kb"] = memory_kb[line];
    else
      answer = json{{"error", std::string(answer.status().message())}};
    std::cout << *answer << std::endl;
  }
  return absl::OkStatus();
}

}  // namespace diarflow
