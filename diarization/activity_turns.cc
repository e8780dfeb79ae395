#include "diarization/activity_turns.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "diarization/turns.h"

namespace diarflow {
namespace {

constexpr int kMostMedianFrames = 10001;

}  // namespace

absl::Status CheckActivityTurnOptions(const ActivityTurnOptions& options) {
  if (!(options.threshold > 0 && options.threshold < 1)) {
    return absl::InvalidArgumentError(
        absl::StrCat("threshold is ", options.threshold, "; it must lie between 0 and 1"));
  }
  if (options.median_frames < 1 || options.median_frames > kMostMedianFrames || options.median_frames % 2 == 0) {
    return absl::InvalidArgumentError(absl::StrCat("median_frames is ", options.median_frames,
                                                   "; it may be an odd number from 1 to ", kMostMedianFrames));
  }
  if (!(options.least_turn >= 0 && options.least_turn <= 3600)) {
    return absl::InvalidArgumentError(
        absl::StrCat("least_turn is ", options.least_turn, "; it may be 0 to 3600 seconds"));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<LiveRecord>> ActivityTurns::Push(const FloatArray& activity, const FrameGrid& grid) {
  const auto width = static_cast<int64_t>(speakers_.size());
  if (activity.shape().size() != 2 || activity.dim(1) != width || activity.FirstNotFinite() >= 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("activities are finite numbers [T, ", width, "]; here is ", activity.ShapeString()));
  }
  std::vector<LiveRecord> records;
  if (activity.dim(0) == 0) return records;
  RETURN_IF_ERROR(CheckGrid("activities", grid));
  if (grid.first_sample < 0) {
    return absl::InvalidArgumentError(absl::StrCat("activities from sample ", grid.first_sample, " on"));
  }
  const int64_t room = kMaxMicroseconds / kMicrosecondsPerSecond * grid.sample_rate - grid.first_sample;
  if (room < 0 || activity.dim(0) > room / grid.hop) {
    return absl::InvalidArgumentError(absl::StrCat(activity.dim(0), " activities, one every ", grid.hop,
                                                   " samples from sample ", grid.first_sample,
                                                   " on, that end after 10^9 seconds"));
  }
  if (!started_) {
    grid_ = grid;
    started_ = true;
  }
  if (grid.sample_rate != grid_.sample_rate || grid.hop != grid_.hop || grid.first_sample < grid_.Begin(pushed_)) {
    return absl::InvalidArgumentError(absl::StrCat("activities from sample ", grid.first_sample,
                                                   " on do not follow those up to ", grid_.Begin(pushed_)));
  }
  if (grid.first_sample > grid_.Begin(pushed_)) {
    EndAll(&records);
    grid_ = grid;
    pushed_ = decided_ = 0;
    for (Speaker& speaker : speakers_) speaker.window.clear();
  }
  for (int64_t t = 0; t < activity.dim(0); ++t) {
    ++pushed_;
    Frame(activity.data() + t * width, &records);
  }
  return records;
}

std::vector<LiveRecord> ActivityTurns::Flush(int64_t end) {
  std::vector<LiveRecord> records;
  latest_ = end;
  EndAll(&records);
  return records;
}

void ActivityTurns::EndAll(std::vector<LiveRecord>* records) {
  const std::vector<float> silence(speakers_.size(), 0);
  while (decided_ < pushed_) Frame(silence.data(), records);
  for (Speaker& speaker : speakers_) {
    if (speaker.active) End(speaker, decided_, records);
  }
}

int64_t ActivityTurns::position() const { return started_ ? TimeOf(decided_) : 0; }

void ActivityTurns::Frame(const float* activity, std::vector<LiveRecord>* records) {
  const auto size = static_cast<size_t>(options_.median_frames);
  const size_t half = size / 2;
  // The frame in the middle of the last ones is decided.
  bool decides = false;
  for (size_t s = 0; s < speakers_.size(); ++s) {
    Speaker& speaker = speakers_[s];
    if (speaker.window.empty()) speaker.window.assign(half, 0);
    speaker.window.push_back(activity[s]);
    if (speaker.window.size() < size) continue;
    decides = true;
    std::vector<float> sorted(speaker.window.begin(), speaker.window.end());
    std::nth_element(sorted.begin(), sorted.begin() + static_cast<int64_t>(half), sorted.end());
    const bool active = sorted[half] > options_.threshold;
    if (!active && speaker.active) End(speaker, decided_, records);
    if (active && !speaker.active) {
      speaker.active = true;
      speaker.said = false;
      speaker.begin = decided_;
      speaker.sum = 0;
    }
    if (active) speaker.sum += speaker.window[half];
    speaker.window.pop_front();
    if (!speaker.active || speaker.said) continue;
    const int64_t start = TimeOf(speaker.begin), known = std::min(TimeOf(decided_ + 1), latest_);
    if (static_cast<double>(known - start) < options_.least_turn * kMicrosecondsPerSecond || known <= start) continue;
    if (speaker.name.empty()) speaker.name = absl::StrCat("speaker", ++named_);
    speaker.said = true;
    records->push_back({LiveRecord::kStarted, speaker.name, "", start, known});
  }
  if (decides) ++decided_;
}

void ActivityTurns::End(Speaker& speaker, int64_t frame, std::vector<LiveRecord>* records) {
  speaker.active = false;
  // What was too short to be said to have begun.
  if (!speaker.said) return;
  LiveRecord record{LiveRecord::kEnded, speaker.name, "", TimeOf(speaker.begin), std::min(TimeOf(frame), latest_)};
  record.confidence = speaker.sum / static_cast<double>(frame - speaker.begin);
  records->push_back(record);
}

int64_t ActivityTurns::TimeOf(int64_t frame) const {
  return MicrosecondsFromSamples(grid_.Begin(frame), grid_.sample_rate);
}

}  // namespace diarflow
