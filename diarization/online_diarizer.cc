#include "diarization/online_diarizer.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "diarization/track_pieces.h"
#include "diarization/turns.h"
#include "diarization/vote.h"

namespace diarflow {
namespace {

constexpr int kRate = 16000;
constexpr int64_t kWindow = 10 * kRate;
// Steps of a second; of half a second where decisions must come sooner.
constexpr double kLongStep = 1, kShortStep = 0.5, kShortLatency = 2;

// Of a voice: clean frames of the last 4 s, .5 s at least; the latest 3 s of the window are taken.
constexpr int kRecentFrames = 240, kLeastCleanFrames = 30, kVoiceFrames = 178;
// A local speaker is one from this activity on.
constexpr float kActive = 0.5f;
// Agreement is only looked at over more than .2 s of activity.
constexpr double kLeastSeenSeconds = 0.2;
// Weights within a window and thresholds are those of whole recordings.
constexpr VoteOptions kVote;

double StepSeconds(const OnlineOptions& options) { return options.latency <= kShortLatency ? kShortStep : kLongStep; }

// What a cluster takes up in a second does not depend on the step.
OnlineClusterOptions WithStep(const OnlineOptions& options) {
  OnlineClusterOptions clusters = options.clusters;
  clusters.update_seconds *= StepSeconds(options);
  return clusters;
}

}  // namespace

absl::Status CheckOnlineOptions(const OnlineOptions& options) {
  if (!(options.latency >= 0.5 && options.latency <= 10)) {
    return absl::InvalidArgumentError(
        absl::StrCat("latency is ", options.latency, " s; it must lie between 0.5 and 10"));
  }
  if (!(options.least_turn >= 0 && options.least_turn <= 10) || !(options.least_vote >= 0 && options.least_vote <= 1) ||
      !(options.overlap_bias >= -20 && options.overlap_bias <= 20)) {
    return absl::InvalidArgumentError(
        "least_turn must lie between 0 and 10 s, least_vote between 0 and 1, "
        "overlap_bias between -20 and 20");
  }
  return absl::OkStatus();
}

OnlineDiarizer::OnlineDiarizer(SegmentationModel::Ptr segmentation, std::shared_ptr<const VoiceEncoder> voices,
                               const OnlineOptions& options)
    : segmentation_(std::move(segmentation)),
      voices_(std::move(voices)),
      options_(options),
      clusters_(WithStep(options)),
      window_(kWindow, 0) {
  const double step = StepSeconds(options);
  step_ = static_cast<int64_t>(step * kRate);
  // A frame waits for the next step, then for the rest of the latency.
  delay_ = static_cast<int64_t>((options.latency - step) * kRate);
}

absl::StatusOr<std::vector<LiveRecord>> OnlineDiarizer::Push(const FloatArray& samples) {
  if (samples.shape().size() != 1 || samples.FirstNotFinite() >= 0) {
    return absl::InvalidArgumentError(absl::StrCat("live diarization: finite samples [N] are taken; here is ",
                                                   samples.ShapeString(), " at sample ", position_, " of the stream"));
  }
  std::vector<LiveRecord> records;
  for (int64_t taken = 0; taken < samples.size();) {
    const int64_t count = std::min(step_ - since_step_, samples.size() - taken);
    window_.insert(window_.end(), samples.data() + taken, samples.data() + taken + count);
    window_.erase(window_.begin(), window_.begin() + count);
    taken += count;
    position_ += count;
    since_step_ += count;
    if (since_step_ < step_) continue;
    since_step_ = 0;
    RETURN_IF_ERROR(Step(position_, &records));
    Decide(FirstFrameOf(std::max(stretch_start_, position_ - delay_) - kFrameBegin), &records);
  }
  return records;
}

absl::Status OnlineDiarizer::Step(int64_t end, std::vector<LiveRecord>* records) {
  const FloatArray samples = FloatArray::Copy({kWindow}, window_);
  ASSIGN_OR_RETURN(const std::vector<FloatArray> classes, segmentation_->Classify({samples}));
  ASSIGN_OR_RETURN(WindowScores scores, ScoreWindow(classes[0], options_.overlap_bias, classes[0].dim(0)));
  const int64_t start = end - kWindow;
  // Frames before the stretch is silence of our own making.
  for (int64_t f = 0; f < scores.frames() && start + kFrameCentre + kFrameHop * f < stretch_start_; ++f) {
    const auto index = static_cast<size_t>(f);
    scores.speaker[index] = {};
    scores.somebody[index] = scores.two[index] = 0;
    scores.likeliest[index] = 0;
  }
  const int64_t first_frame = FirstFrameOf(start);
  std::vector<int> local;
  std::vector<LiveTrack> tracks = TracksOf(scores, first_frame, &local);
  FloatArray features;
  for (size_t t = 0; t < tracks.size(); ++t) {
    ASSIGN_OR_RETURN(tracks[t].embedding, VoiceOf(scores, local[t], &features, &tracks[t].seconds));
  }
  const std::vector<int> cluster = clusters_.Assign(tracks);
  Vote(scores, first_frame, local, cluster);
  for (const auto& [gone, stays] : clusters_.Merge()) {
    for (Frame& frame : frames_) {
      const auto found = frame.speaker.find(gone);
      if (found == frame.speaker.end()) continue;
      frame.speaker[stays] += found->second;
      frame.speaker.erase(found);
    }
    Close(gone, records);
    // Who never had a turn is nobody's news.
    if (names_.count(gone) == 0) continue;
    if (names_.count(stays) == 0) {
      names_[stays] = names_[gone];
    } else {
      LiveRecord revised;
      revised.kind = LiveRecord::kRevised;
      revised.speaker = names_[gone];
      revised.other = names_[stays];
      revised.start = revised.end = MicrosecondsFromSamples(end, kRate);
      records->push_back(std::move(revised));
    }
    names_.erase(gone);
  }
  return absl::OkStatus();
}

std::vector<LiveTrack> OnlineDiarizer::TracksOf(const WindowScores& scores, int64_t first_frame,
                                                std::vector<int>* local) const {
  std::vector<LiveTrack> tracks;
  for (int k = 0; k < kLocalSpeakers; ++k) {
    float most = 0;
    for (const auto& speaker : scores.speaker) most = std::max(most, speaker[static_cast<size_t>(k)]);
    if (most <= kActive) continue;
    LiveTrack track;
    track.agreement.assign(static_cast<size_t>(clusters_.size()), 0);
    double seen = 0;
    for (int64_t f = 0; f < scores.frames(); ++f) {
      const int64_t place = first_frame + f - first_frame_;
      if (place < 0 || place >= static_cast<int64_t>(frames_.size())) continue;
      const Frame& frame = frames_[static_cast<size_t>(place)];
      if (frame.weight <= 0) continue;
      const double active = scores.speaker[static_cast<size_t>(f)][static_cast<size_t>(k)];
      seen += active;
      for (const auto& [cluster, votes] : frame.speaker) {
        track.agreement[static_cast<size_t>(cluster)] += active * votes / frame.weight;
      }
    }
    for (double& agreement : track.agreement)
      agreement = seen * kFrameSeconds < kLeastSeenSeconds ? 0 : agreement / seen;
    tracks.push_back(std::move(track));
    local->push_back(k);
  }
  return tracks;
}

absl::StatusOr<std::vector<float>> OnlineDiarizer::VoiceOf(const WindowScores& scores, int speaker,
                                                           FloatArray* features, double* seconds) const {
  const auto alone = static_cast<uint8_t>(1 << speaker);
  const int64_t frames = scores.frames();
  int recent = 0, clean = 0;
  int64_t first = frames;
  for (int64_t f = frames - 1; f >= 0 && clean < kVoiceFrames; --f) {
    if (scores.likeliest[static_cast<size_t>(f)] != alone) continue;
    ++clean;
    recent += f >= frames - kRecentFrames;
    first = f;
  }
  if (recent < kLeastCleanFrames) return std::vector<float>();
  if (features->empty()) {
    ASSIGN_OR_RETURN(*features, voices_->Features(FloatArray::Copy({kWindow}, window_)));
  }
  std::vector<int> chosen;
  for (int i = 0; i < features->dim(0); ++i) {
    const int frame = SegmentationFrameOf(i);
    if (frame >= first && frame < frames && scores.likeliest[static_cast<size_t>(frame)] == alone) chosen.push_back(i);
  }
  *seconds = clean * kFrameSeconds;
  return EmbedFrames(*voices_, *features, chosen);
}

void OnlineDiarizer::Vote(const WindowScores& scores, int64_t first_frame, const std::vector<int>& local,
                          const std::vector<int>& cluster) {
  const int64_t frames = scores.frames();
  for (int64_t f = 0; f < frames; ++f) {
    const int64_t number = first_frame + f;
    if (number < 0 || number < first_frame_) continue;
    while (first_frame_ + static_cast<int64_t>(frames_.size()) <= number) frames_.emplace_back();
    Frame& frame = frames_[static_cast<size_t>(number - first_frame_)];
    const auto index = static_cast<size_t>(f);
    const double weight = FrameWeight(f, frames, kVote);
    frame.weight += weight;
    frame.somebody += weight * scores.somebody[index];
    frame.two += weight * scores.two[index];
    for (size_t t = 0; t < local.size(); ++t) {
      const double active = scores.speaker[index][static_cast<size_t>(local[t])];
      if (cluster[t] >= 0 && active > 0) frame.speaker[cluster[t]] += weight * active;
    }
  }
  // Frames before the window are only needed until they are decided.
  while (!frames_.empty() && first_frame_ < std::min(first_frame, decided_)) {
    frames_.pop_front();
    ++first_frame_;
  }
}

void OnlineDiarizer::Decide(int64_t end_frame, std::vector<LiveRecord>* records) {
  for (; decided_ < end_frame; ++decided_) {
    const int64_t place = decided_ - first_frame_;
    const bool known = place >= 0 && place < static_cast<int64_t>(frames_.size());
    DecideFrame(decided_, known ? frames_[static_cast<size_t>(place)] : Frame(), records);
  }
}

void OnlineDiarizer::DecideFrame(int64_t number, const Frame& frame, std::vector<LiveRecord>* records) {
  std::vector<std::pair<double, int>> ranked;
  if (frame.weight > 0 && frame.somebody > kVote.speech_threshold * frame.weight) {
    for (const auto& [cluster, votes] : frame.speaker) {
      if (votes > options_.least_vote * frame.weight) ranked.push_back({-votes, cluster});
    }
    std::sort(ranked.begin(), ranked.end());
    const size_t count = frame.two > kVote.overlap_threshold * frame.weight ? 2 : 1;
    if (ranked.size() > count) ranked.resize(count);
  }
  const auto least_frames = static_cast<int64_t>(std::floor(options_.least_turn / kFrameSeconds + 0.5));
  for (const auto& [votes, cluster] : ranked) {
    Open& open = open_.try_emplace(cluster, Open{number, number, false}).first->second;
    open.last = number;
    if (open.told || open.last - open.first + 1 <= least_frames) continue;
    open.told = true;
    const TimeSpan span = SpanOfFrames(open.first, open.last, position_);
    LiveRecord started;
    started.speaker = NameOf(cluster);
    started.start = span.start;
    started.end = span.end;
    records->push_back(std::move(started));
  }
  std::vector<int> over;
  for (const auto& [cluster, open] : open_) {
    if (open.last < number) over.push_back(cluster);
  }
  for (const int cluster : over) Close(cluster, records);
}

void OnlineDiarizer::Close(int cluster, std::vector<LiveRecord>* records) {
  const auto found = open_.find(cluster);
  if (found == open_.end()) return;
  if (found->second.told) {
    const TimeSpan span = SpanOfFrames(found->second.first, found->second.last, position_);
    LiveRecord ended;
    ended.kind = LiveRecord::kEnded;
    ended.speaker = NameOf(cluster);
    ended.start = span.start;
    ended.end = span.end;
    records->push_back(std::move(ended));
  }
  open_.erase(found);
}

const std::string& OnlineDiarizer::NameOf(int cluster) {
  const auto found = names_.find(cluster);
  if (found != names_.end()) return found->second;
  next_name_ += 1;
  return names_[cluster] = absl::StrCat("speaker", next_name_);
}

absl::Status OnlineDiarizer::FinishStretch(std::vector<LiveRecord>* records) {
  // What has come since the last step is seen by a window that ends with it.
  if (since_step_ > 0) RETURN_IF_ERROR(Step(position_, records));
  since_step_ = 0;
  Decide(FirstFrameOf(position_), records);
  while (!open_.empty()) Close(open_.begin()->first, records);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<LiveRecord>> OnlineDiarizer::Flush() {
  std::vector<LiveRecord> records;
  RETURN_IF_ERROR(FinishStretch(&records));
  return records;
}

absl::StatusOr<std::vector<LiveRecord>> OnlineDiarizer::Gap(int64_t samples) {
  if (samples < 0) return absl::InvalidArgumentError("live diarization: a gap of negative length");
  std::vector<LiveRecord> records;
  RETURN_IF_ERROR(FinishStretch(&records));
  position_ += samples;
  stretch_start_ = position_;
  std::fill(window_.begin(), window_.end(), 0.0f);
  frames_.clear();
  first_frame_ = decided_ = FirstFrameOf(position_);
  return records;
}

}  // namespace diarflow
