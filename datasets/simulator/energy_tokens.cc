#include "datasets/simulator/energy_tokens.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "audio/time_grid.h"
#include "base/status_macros.h"
#include "diarization/turns.h"

namespace diarflow {
namespace {

constexpr int64_t kFramesPerSecond = 100;
constexpr int64_t kFrameMicroseconds = kMicrosecondsPerSecond / kFramesPerSecond;
constexpr size_t kLoudFrames = 10;
constexpr double kMaxDecibels = 400;

absl::Status CheckOptions(const EnergyTokensOptions& options) {
  const struct {
    const char* name;
    double value;
  } kDecibels[] = {
      {"loud_range_db", options.loud_range_db},   {"least_range_db", options.least_range_db},
      {"above_noise_db", options.above_noise_db}, {"hysteresis_db", options.hysteresis_db},
      {"minus floor_dbfs", -options.floor_dbfs},
  };
  for (const auto& option : kDecibels) {
    if (option.value >= 0 && option.value <= kMaxDecibels) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("the option ", option.name, " is ", option.value, "; it must be 0 to ", kMaxDecibels));
  }
  if (std::min(options.min_silence, options.min_speech) < 0) {
    return absl::InvalidArgumentError("the options min_silence and min_speech are microseconds, 0 or more");
  }
  if (options.least_range_db <= options.loud_range_db) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("least_range_db is ", options.least_range_db,
                                                 ", more than loud_range_db, which is ", options.loud_range_db));
}

absl::Status CheckSound(const FloatArray& samples, int sample_rate) {
  if (samples.shape().size() != 1 || samples.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("samples of shape ", samples.ShapeString(), "; they must be [N] of one channel, one or more"));
  }
  if (sample_rate < kFramesPerSecond || sample_rate > kMaxSampleRate) {
    return absl::InvalidArgumentError(
        absl::StrCat("a sample rate of ", sample_rate, " Hz; it must be ", kFramesPerSecond, " to ", kMaxSampleRate));
  }
  if (const int64_t bad = samples.FirstNotFinite(); bad >= 0) {
    return absl::InvalidArgumentError(absl::StrCat("sample ", bad, " is not a finite number"));
  }
  return absl::OkStatus();
}

int64_t FirstSample(int64_t frame, int sample_rate) { return frame * sample_rate / kFramesPerSecond; }

// The mean of the squares of every frame; the last one may be short.
std::vector<double> FramePowers(const FloatArray& samples, int sample_rate) {
  std::vector<double> powers;
  int64_t end = 0;
  while (end < samples.size()) {
    const int64_t begin = end;
    end = std::min(FirstSample(static_cast<int64_t>(powers.size()) + 1, sample_rate), samples.size());
    double sum = 0;
    for (int64_t n = begin; n < end; ++n) sum += static_cast<double>(samples[n]) * samples[n];
    powers.push_back(sum / static_cast<double>(end - begin));
  }
  return powers;
}

double PowerRatio(double db) { return std::pow(10, db / 10); }

struct Thresholds {
  double on = 0;
  double off = 0;
};

// Step 1 and the levels of step 2. REQUIRES: `heard`, the powers that reach the floor, is not empty.
Thresholds FindThresholds(std::vector<double> heard, const EnergyTokensOptions& options) {
  std::sort(heard.begin(), heard.end(), std::greater<>());
  const size_t count = heard.size();
  const size_t loudest = std::min(std::max(kLoudFrames, count / 100), std::max<size_t>(1, count / 3));
  const double loud = heard[loudest - 1];
  const double noise = heard[count - 1 - count / 20];
  const double floor = PowerRatio(options.floor_dbfs);
  Thresholds thresholds;
  thresholds.on = std::max(noise * PowerRatio(options.above_noise_db), loud * PowerRatio(-options.loud_range_db));
  thresholds.on = std::max(floor, std::min(thresholds.on, loud * PowerRatio(-options.least_range_db)));
  thresholds.off = std::max(floor, thresholds.on * PowerRatio(-options.hysteresis_db));
  return thresholds;
}

// Frames [begin, end) that are all sound or all silence.
struct Run {
  size_t begin = 0;
  size_t end = 0;
  bool sound = false;
};

std::vector<Run> RunsOf(const std::vector<bool>& sound) {
  std::vector<Run> runs;
  for (size_t i = 0; i < sound.size(); ++i) {
    if (runs.empty() || runs.back().sound != sound[i]) runs.push_back({i, i, sound[i]});
    runs.back().end = i + 1;
  }
  return runs;
}

size_t WholeFrames(int64_t microseconds) {
  return static_cast<size_t>(microseconds / kFrameMicroseconds + (microseconds % kFrameMicroseconds > 0 ? 1 : 0));
}

// Runs of one kind that are shorter, become the other kind: those at the ends, or those inside, or both.
void FlipShortRuns(bool kind, size_t shortest, bool inside, bool ends, std::vector<bool>* sound) {
  for (const Run& run : RunsOf(*sound)) {
    const bool at_an_end = run.begin == 0 || run.end == sound->size();
    if (run.sound != kind || run.end - run.begin >= shortest || !(at_an_end ? ends : inside)) continue;
    // A recording that is all silence stays so.
    if (!kind && run.end - run.begin == sound->size()) continue;
    std::fill(sound->begin() + static_cast<std::ptrdiff_t>(run.begin),
              sound->begin() + static_cast<std::ptrdiff_t>(run.end), !kind);
  }
}

}  // namespace

absl::StatusOr<std::vector<AlignedToken>> EnergyTokens(const FloatArray& samples, int sample_rate,
                                                       const EnergyTokensOptions& options) {
  RETURN_IF_ERROR(CheckSound(samples, sample_rate));
  RETURN_IF_ERROR(CheckOptions(options));
  const std::vector<double> powers = FramePowers(samples, sample_rate);
  std::vector<double> heard;
  for (const double power : powers) {
    if (power >= PowerRatio(options.floor_dbfs)) heard.push_back(power);
  }
  std::vector<bool> sound(powers.size(), false);
  if (!heard.empty()) {
    const Thresholds thresholds = FindThresholds(heard, options);
    for (size_t i = 0; i < powers.size(); ++i) {
      sound[i] = powers[i] >= (i > 0 && sound[i - 1] ? thresholds.off : thresholds.on);
    }
  }
  FlipShortRuns(false, WholeFrames(options.min_silence), /*inside=*/true, /*ends=*/false, &sound);
  FlipShortRuns(true, WholeFrames(options.min_speech), /*inside=*/true, /*ends=*/true, &sound);
  FlipShortRuns(false, WholeFrames(options.min_silence), /*inside=*/false, /*ends=*/true, &sound);

  std::vector<AlignedToken> tokens;
  for (const Run& run : RunsOf(sound)) {
    const int64_t end = std::min(FirstSample(static_cast<int64_t>(run.end), sample_rate), samples.size());
    tokens.push_back({run.sound ? std::string(kSpeechToken) : "", MicrosecondsFromSamples(end, sample_rate)});
  }
  return tokens;
}

int64_t SpeechDuration(const std::vector<AlignedToken>& tokens) {
  int64_t duration = 0;
  int64_t begin = 0;
  for (const AlignedToken& token : tokens) {
    if (!token.word.empty()) duration += token.end - begin;
    begin = token.end;
  }
  return duration;
}

}  // namespace diarflow
