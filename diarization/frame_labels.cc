#include "diarization/frame_labels.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"

namespace diarflow {
namespace {

__extension__ using Int128 = __int128;

constexpr int64_t kMaxLabels = int64_t{1} << 28;
constexpr int kMaxSpeakers = 1000;

// Time in ticks: a microsecond is rate.num() of them and a frame rate.den() * 10^6, so that both are whole numbers.
struct TickGrid {
  explicit TickGrid(const Rational& rate)
      : per_microsecond(rate.num()), per_frame(Int128{rate.den()} * kMicrosecondsPerSecond) {}

  Int128 Ticks(int64_t microseconds) const { return per_microsecond * microseconds; }
  // The frame that an instant, microseconds from the start of the crop, lies in; negative before it.
  int64_t FrameAt(int64_t microseconds) const {
    const Int128 ticks = Ticks(microseconds);
    const Int128 quotient = ticks / per_frame;
    return static_cast<int64_t>(quotient * per_frame > ticks ? quotient - 1 : quotient);
  }
  // The microsecond nearest to where a frame begins, at most `limit`.
  int64_t FrameBegin(int64_t frame, int64_t limit) const {
    const Int128 twice = 2 * per_frame * frame;
    return static_cast<int64_t>(std::min<Int128>(limit, (twice + per_microsecond) / (2 * per_microsecond)));
  }

  Int128 per_microsecond;
  Int128 per_frame;
};

// One speaker of a recording, times from the start of the crop.
struct Speaker {
  std::string name;
  std::vector<TimeSpan> spans;  // of the whole recording: sorted, apart from each other
  std::vector<float> labels;    // [T]; empty when all are 0
  bool labelled = false;
  // By what the crop's speakers are sorted: the first frame, and the start of the first turn that is in the crop.
  std::pair<int64_t, int64_t> arrival;
};

absl::Status CheckRate(const Rational& rate) {
  if (rate > 0 && rate <= kMicrosecondsPerSecond) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("a frame rate of ", rate.ToString(), " per second: it must be above 0 and at most 1000000"));
}

absl::Status CheckCrop(const std::string& uri, const TimeSpan& crop) {
  if (crop.start >= 0 && crop.start < crop.end && crop.end <= kMaxMicroseconds) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("the recording \"", uri, "\": a crop from ", crop.start, " to ",
                                                 crop.end,
                                                 " microseconds; it must start at 0 or later and end behind "
                                                 "its start, at most at ",
                                                 kMaxMicroseconds));
}

absl::Status CheckOptions(int64_t num_frames, const FrameLabelOptions& options) {
  RETURN_IF_ERROR(CheckRate(options.frame_rate));
  if (options.num_speakers < 1 || options.num_speakers > kMaxSpeakers) {
    return absl::InvalidArgumentError(
        absl::StrCat("labels of ", options.num_speakers, " speakers: it must be 1 to ", kMaxSpeakers));
  }
  if (num_frames < 0 || num_frames > kMaxLabels / options.num_speakers) {
    return absl::InvalidArgumentError(absl::StrCat("labels of ", num_frames, " frames of ", options.num_speakers,
                                                   " speakers: there must be 0 to ", kMaxLabels, " labels"));
  }
  return absl::OkStatus();
}

// Speakers in byte order of their names.
std::vector<Speaker> SpeakersOf(const Recording& recording, int64_t crop_start) {
  std::map<std::string, std::vector<TimeSpan>> spans_of;
  for (const Turn& turn : recording.turns) {
    spans_of[turn.speaker].push_back({turn.start - crop_start, turn.end() - crop_start});
  }
  std::vector<Speaker> speakers;
  for (auto& [name, spans] : spans_of) {
    Speaker& speaker = speakers.emplace_back();
    speaker.name = name;
    speaker.spans = JoinSpans(std::move(spans));
  }
  return speakers;
}

// The ticks in which each frame is active, from spans cut to the crop's [0, length).
std::vector<Int128> ActiveTicks(const Speaker& speaker, int64_t length, int64_t num_frames, const TickGrid& grid) {
  std::vector<Int128> active(static_cast<size_t>(num_frames), 0);
  for (const TimeSpan& span : speaker.spans) {
    const int64_t on = std::max<int64_t>(span.start, 0);
    const int64_t off = std::min(span.end, length);
    if (on >= off) continue;
    const int64_t last = std::min(grid.FrameAt(off), num_frames - 1);
    for (int64_t i = grid.FrameAt(on); i <= last; ++i) {
      const Int128 begin = std::max(grid.per_frame * i, grid.Ticks(on));
      const Int128 end = std::min(grid.per_frame * (i + 1), grid.Ticks(off));
      active[static_cast<size_t>(i)] += end - begin;
    }
  }
  return active;
}

void LabelOuter(int64_t length, int64_t num_frames, const TickGrid& grid, Speaker* speaker) {
  for (const TimeSpan& span : speaker->spans) {
    if (span.end < 0 || span.start >= length) continue;
    const int64_t last = std::min(grid.FrameAt(std::min(span.end, length)), num_frames - 1);
    for (int64_t i = std::max<int64_t>(grid.FrameAt(span.start), 0); i <= last; ++i) {
      speaker->labels[static_cast<size_t>(i)] = 1;
    }
  }
}

void LabelSpeaker(int64_t length, int64_t num_frames, FrameLabelRule rule, const TickGrid& grid, Speaker* speaker) {
  speaker->labels.assign(static_cast<size_t>(num_frames), 0);
  if (rule == FrameLabelRule::kOuter) {
    LabelOuter(length, num_frames, grid, speaker);
  } else {
    const std::vector<Int128> active = ActiveTicks(*speaker, length, num_frames, grid);
    for (size_t i = 0; i < active.size(); ++i) {
      if (rule == FrameLabelRule::kMajority) {
        speaker->labels[i] = 2 * active[i] > grid.per_frame ? 1 : 0;
      } else {
        speaker->labels[i] = static_cast<float>(static_cast<double>(active[i]) / static_cast<double>(grid.per_frame));
      }
    }
  }
  const auto first =
      std::find_if(speaker->labels.begin(), speaker->labels.end(), [](float label) { return label > 0; });
  speaker->labelled = first != speaker->labels.end();
  // kOuter: a turn that ends where the crop starts has no activity in it, but a frame.
  const auto span = std::find_if(speaker->spans.begin(), speaker->spans.end(), [&](const TimeSpan& candidate) {
    return rule == FrameLabelRule::kOuter ? candidate.end >= 0 : candidate.end > 0;
  });
  if (!speaker->labelled) {
    speaker->labels.clear();
    return;
  }
  speaker->arrival = {first - speaker->labels.begin(), span->start};
}

std::vector<Speaker> InOrder(std::vector<Speaker> speakers, SpeakerOrder order) {
  if (order == SpeakerOrder::kCropArrival) {
    speakers.erase(
        std::remove_if(speakers.begin(), speakers.end(), [](const Speaker& speaker) { return !speaker.labelled; }),
        speakers.end());
  }
  // They come in byte order, and stay so where nothing else decides.
  std::stable_sort(speakers.begin(), speakers.end(), [order](const Speaker& a, const Speaker& b) {
    if (order == SpeakerOrder::kCropArrival) return a.arrival < b.arrival;
    return a.spans.front().start < b.spans.front().start;
  });
  return speakers;
}

}  // namespace

FrameLabelOptions FrameLabelOptionsOf(ProtocolRules rules) {
  FrameLabelOptions options;
  if (rules == ProtocolRules::kOriginal) {
    options.rule = FrameLabelRule::kOuter;
    options.order = SpeakerOrder::kSessionArrival;
  }
  return options;
}

int64_t WholeFrames(int64_t length, const Rational& frame_rate) { return TickGrid(frame_rate).FrameAt(length); }

int64_t TouchedFrames(int64_t length, const Rational& frame_rate) { return -TickGrid(frame_rate).FrameAt(-length); }

absl::StatusOr<FrameLabels> LabelFrames(const Recording& recording, const TimeSpan& crop, int64_t num_frames,
                                        const FrameLabelOptions& options) {
  RETURN_IF_ERROR(CheckTurns(recording));
  RETURN_IF_ERROR(CheckCrop(recording.uri, crop));
  RETURN_IF_ERROR(CheckOptions(num_frames, options));
  const TickGrid grid(options.frame_rate);
  std::vector<Speaker> speakers = SpeakersOf(recording, crop.start);
  for (Speaker& speaker : speakers) LabelSpeaker(crop.length(), num_frames, options.rule, grid, &speaker);
  speakers = InOrder(std::move(speakers), options.order);

  FrameLabels labels;
  labels.values = FloatArray::Zeros({num_frames, options.num_speakers});
  float* const values = labels.values.mutable_data();
  for (size_t k = 0; k < speakers.size(); ++k) {
    if (k >= static_cast<size_t>(options.num_speakers)) {
      labels.dropped.push_back(speakers[k].name);
      continue;
    }
    labels.speakers.push_back(speakers[k].name);
    float* to = values + k;
    for (const float label : speakers[k].labels) {
      *to = label;
      to += options.num_speakers;
    }
  }
  if (!labels.dropped.empty() && options.surplus == SurplusSpeakers::kError) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the recording \"", recording.uri, "\" from ", crop.start, " to ", crop.end, " microseconds has ",
        speakers.size(), " speakers, and labels hold ", options.num_speakers, "; without labels would be ",
        absl::StrJoin(labels.dropped, ", "), "; take more columns, or let the latest arrivals be dropped"));
  }
  return labels;
}

absl::StatusOr<Recording> TurnsFromFrameLabels(const std::string& uri, const FrameLabels& labels, const TimeSpan& crop,
                                               const Rational& frame_rate) {
  RETURN_IF_ERROR(CheckRate(frame_rate));
  RETURN_IF_ERROR(CheckCrop(uri, crop));
  const FloatArray& values = labels.values;
  if (values.shape().size() != 2 || values.FirstNotFinite() >= 0) {
    return absl::InvalidArgumentError(absl::StrCat("the recording \"", uri, "\": labels of shape ",
                                                   values.ShapeString(), "; they must be [frames, speakers], finite"));
  }
  const int64_t num_frames = values.dim(0);
  const int64_t num_speakers = values.dim(1);
  if (static_cast<int64_t>(labels.speakers.size()) > num_speakers) {
    return absl::InvalidArgumentError(absl::StrCat("the recording \"", uri, "\": ", labels.speakers.size(),
                                                   " names for labels of ", num_speakers, " speakers"));
  }
  const TickGrid grid(frame_rate);
  Recording recording;
  recording.uri = uri;
  for (int64_t k = 0; k < num_speakers; ++k) {
    const size_t column = static_cast<size_t>(k);
    const std::string name = column < labels.speakers.size() ? labels.speakers[column] : absl::StrCat("speaker", k + 1);
    for (int64_t i = 0; i < num_frames; ++i) {
      const int64_t first = i;
      while (i < num_frames && values[i * num_speakers + k] > 0.5f) ++i;
      const int64_t begin = grid.FrameBegin(first, crop.length());
      const int64_t end = grid.FrameBegin(i, crop.length());
      if (begin < end) recording.turns.push_back({crop.start + begin, end - begin, name});
    }
  }
  std::sort(recording.turns.begin(), recording.turns.end());
  return recording;
}

}  // namespace diarflow
