#include "diarization/vote.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <utility>

#include "diarization/window_scores.h"

namespace diarflow {
namespace {

constexpr int kSampleRate = 16000;

// What the windows have said of one frame so far.
struct FrameVotes {
  double weight = 0;
  double somebody = 0;
  double two = 0;
  std::vector<double> speaker;
};

// Frames in order to turns: opens, bridges gaps, closes.
class TurnWriter {
 public:
  TurnWriter(int num_clusters, const VoteOptions& options)
      : open_(static_cast<size_t>(num_clusters)),
        least_frames_(FramesOf(options.least_turn)),
        least_gap_(FramesOf(options.least_gap)) {}

  void Activate(int64_t frame, int cluster, double confidence) {
    Open& open = open_[static_cast<size_t>(cluster)];
    if (open.frames > 0 && frame - open.last - 1 > least_gap_) Close(cluster);
    if (open.frames == 0) open.first = frame;
    open.last = frame;
    ++open.frames;
    open.confidence += confidence;
  }

  std::vector<VotedTurn> Take() && {
    for (size_t c = 0; c < open_.size(); ++c) Close(static_cast<int>(c));
    std::sort(turns_.begin(), turns_.end(), [](const VotedTurn& a, const VotedTurn& b) {
      return a.first_frame != b.first_frame ? a.first_frame < b.first_frame : a.cluster < b.cluster;
    });
    return std::move(turns_);
  }

 private:
  struct Open {
    int64_t first = 0;
    int64_t last = 0;
    int64_t frames = 0;  // active ones
    double confidence = 0;
  };

  static int64_t FramesOf(double seconds) {
    return static_cast<int64_t>(std::floor(seconds * kSampleRate / kFrameHop + 0.5));
  }

  void Close(int cluster) {
    Open& open = open_[static_cast<size_t>(cluster)];
    if (open.last - open.first + 1 > least_frames_ && open.frames > 0) {
      turns_.push_back({cluster, open.first, open.last, open.confidence / static_cast<double>(open.frames)});
    }
    open = Open();
  }

  std::vector<Open> open_;
  std::vector<VotedTurn> turns_;
  int64_t least_frames_;
  int64_t least_gap_;
};

class Voter {
 public:
  Voter(int num_clusters, const VoteOptions& options)
      : num_clusters_(num_clusters), options_(options), writer_(num_clusters, options) {}

  void Add(const DiarizationWindow& window, const WindowAssignment& assignment) {
    const int64_t first = FirstFrameOf(window.start);
    Decide(first);
    const int64_t frames = window.scores.frames();
    for (int64_t f = 0; f < frames; ++f) AddFrame(window, assignment, f, frames, &VotesOf(first + f));
  }

  std::vector<VotedTurn> Finish() && {
    Decide(next_ + static_cast<int64_t>(waiting_.size()));
    return std::move(writer_).Take();
  }

 private:
  FrameVotes& VotesOf(int64_t frame) {
    if (waiting_.empty()) next_ = std::max(next_, frame);
    while (next_ + static_cast<int64_t>(waiting_.size()) <= frame) {
      waiting_.emplace_back();
      waiting_.back().speaker.assign(static_cast<size_t>(num_clusters_), 0);
    }
    return waiting_[static_cast<size_t>(frame - next_)];
  }

  void AddFrame(const DiarizationWindow& window, const WindowAssignment& assignment, int64_t f, int64_t frames,
                FrameVotes* votes) const {
    const auto index = static_cast<size_t>(f);
    const double weight = FrameWeight(f, frames, options_);
    votes->weight += weight;
    votes->somebody += weight * window.scores.somebody[index];
    votes->two += weight * window.scores.two[index];
    // Of several local speakers of one cluster the most active one.
    for (size_t k = 0; k < kLocalSpeakers; ++k) {
      if (assignment.main[k] < 0) continue;
      const int16_t cluster = assignment.cluster[k][index];
      float active = window.scores.speaker[index][k];
      bool first = true;
      for (size_t l = 0; l < kLocalSpeakers; ++l) {
        if (l == k || assignment.main[l] < 0 || assignment.cluster[l][index] != cluster) continue;
        first &= k < l;
        active = std::max(active, window.scores.speaker[index][l]);
      }
      if (!first) continue;
      votes->speaker[static_cast<size_t>(cluster)] +=
          weight * active * (assignment.by_agreement ? options_.agreement_weight : 1);
    }
  }

  // All frames before `end`, of which no further window speaks.
  void Decide(int64_t end) {
    while (!waiting_.empty() && next_ < end) {
      DecideFrame(waiting_.front());
      waiting_.pop_front();
      ++next_;
    }
  }

  void DecideFrame(const FrameVotes& votes) {
    if (votes.weight <= 0 || votes.somebody <= options_.speech_threshold * votes.weight) return;
    const int count = votes.two > options_.overlap_threshold * votes.weight ? 2 : 1;
    int chosen[2] = {-1, -1};
    for (int c = 0; c < num_clusters_; ++c) {
      const double vote = votes.speaker[static_cast<size_t>(c)];
      if (vote <= 0) continue;
      if (chosen[0] < 0 || vote > votes.speaker[static_cast<size_t>(chosen[0])]) {
        chosen[1] = chosen[0];
        chosen[0] = c;
      } else if (chosen[1] < 0 || vote > votes.speaker[static_cast<size_t>(chosen[1])]) {
        chosen[1] = c;
      }
    }
    for (int i = 0; i < count; ++i) {
      if (chosen[i] < 0) continue;
      writer_.Activate(next_, chosen[i], votes.speaker[static_cast<size_t>(chosen[i])] / votes.weight);
    }
  }

  int num_clusters_;
  VoteOptions options_;
  TurnWriter writer_;
  // Frames that are not decided yet, from number next_ on.
  std::deque<FrameVotes> waiting_;
  int64_t next_ = 0;
};

}  // namespace

double FrameWeight(int64_t frame, int64_t frames, const VoteOptions& options) {
  const auto edge = static_cast<double>(std::min(frame, frames - 1 - frame));
  return std::min(1.0, options.edge_weight + edge / options.edge_frames);
}

std::vector<VotedTurn> Vote(const std::vector<DiarizationWindow>& windows,
                            const std::vector<WindowAssignment>& assignments, int num_clusters,
                            const VoteOptions& options) {
  Voter voter(num_clusters, options);
  for (size_t w = 0; w < windows.size(); ++w) voter.Add(windows[w], assignments[w]);
  return std::move(voter).Finish();
}

TimeSpan SpanOfFrames(int64_t first_frame, int64_t last_frame, int64_t num_samples) {
  // The first frame of all stands for what lies before it too.
  const int64_t begin = first_frame == 0 ? 0 : first_frame * kFrameHop + kFrameBegin;
  const int64_t end = (last_frame + 1) * kFrameHop + kFrameBegin;
  return {MicrosecondsFromSamples(std::min(begin, num_samples), kSampleRate),
          MicrosecondsFromSamples(std::min(end, num_samples), kSampleRate)};
}

}  // namespace diarflow
