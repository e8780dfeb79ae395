#include "datasets/simulator/conversation.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "datasets/simulator/coverage.h"

namespace diarflow {
namespace {

constexpr int kNobody = -1;
// Samples squared: a standard deviation of 30 samples, whatever the mean.
constexpr double kNarrowVariance = 900;
// From this share of the session on silences and overlaps do not vary.
constexpr double kSteadyFrom = 0.9;
// Room that a speaker who has not spoken yet needs, seconds: some words, and the silence in front.
constexpr double kReservedSeconds = 3;
constexpr int kAttempts = 20;

// The mean itself where nothing varies.
double DrawShare(double mean, double variance, Random* random) {
  if (variance <= 0 || mean <= 0) return mean;
  return random->Beta(mean * mean * (1 - mean) / variance - mean,
                      mean * (1 - mean) * (1 - mean) / variance - (1 - mean));
}

class Planner {
 public:
  Planner(const SpeechSource& source, const ConversationOptions& options, Random random, ConversationPlan* plan)
      : source_(source), options_(options), quirks_(options.quirks()), random_(random), plan_(*plan) {
    plan_.sample_rate = options.sample_rate();
    length_ = static_cast<int64_t>(options.session_length() * options.sample_rate());
    own_end_.assign(plan_.speakers.size(), 0);
    has_spoken_.assign(plan_.speakers.size(), false);
  }

  // False when a speaker found no room.
  bool Plan() {
    const std::vector<double> dominance = DrawDominance();
    DrawVolumes();
    const double enforce_point = random_.Uniform(options_.enforce_from(), options_.enforce_to());
    plan_.target_silence = DrawShare(options_.mean_silence(), options_.silence_variance(), &random_);
    plan_.target_overlap = DrawShare(options_.mean_overlap(), options_.overlap_variance(), &random_);
    int factor = 2;
    int last = kNobody;
    while (cursor_ < length_ || (enforcing_ && quirks_.stretch_session())) {
      std::vector<double> weights = dominance;
      if (enforcing_ && static_cast<double>(cursor_) > enforce_point * static_cast<double>(length_)) {
        enforcing_ = Boost(factor++, &weights);
      }
      const int64_t budget = enforcing_ && quirks_.stretch_session() ? kNoBudget : length_ - cursor_;
      if (budget < Samples(options_.end_buffer())) break;
      const int speaker = NextSpeaker(last, weights);
      if (!AddSentence(speaker, last, budget)) break;
      last = speaker;
    }
    plan_.num_samples = std::max(length_, cursor_);
    return Waiting() == 0;
  }

  // By which share of the session, or of its speech, silence or overlap misses what the session was to have; the larger
  // of the two. REQUIRES: Plan() has been called.
  double DistanceFromTargets() const {
    const auto covered = static_cast<double>(coverage_.covered());
    const double silence = 1 - covered / static_cast<double>(plan_.num_samples);
    const double overlap = static_cast<double>(coverage_.overlapped()) / std::max(covered, 1.0);
    // One speaker does not overlap.
    const double overlap_error = NumSpeakers() == 1 ? 0 : std::abs(overlap - plan_.target_overlap);
    return std::max(std::abs(silence - plan_.target_silence), overlap_error);
  }

 private:
  int64_t Samples(double seconds) const { return static_cast<int64_t>(seconds * options_.sample_rate()); }
  size_t NumSpeakers() const { return plan_.speakers.size(); }
  int64_t Waiting() const { return std::count(has_spoken_.begin(), has_spoken_.end(), false); }

  std::vector<double> DrawDominance() {
    const auto count = static_cast<double>(NumSpeakers());
    std::vector<double> shares(NumSpeakers());
    double sum = 0;
    for (double& share : shares) {
      share = std::max(0.0, 1 / count + options_.dominance_sd() * random_.Normal());
      sum += share;
    }
    for (double& share : shares) {
      share = (sum > 0 ? share / sum : 1 / count) * (1 - options_.min_dominance() * count) + options_.min_dominance();
    }
    return shares;
  }

  void DrawVolumes() {
    for (size_t i = 0; i < NumSpeakers(); ++i) plan_.volumes.push_back(DrawVolume(options_, &random_));
  }

  // Makes those who have not spoken more likely; false when everybody has.
  bool Boost(int factor, std::vector<double>* weights) const {
    for (size_t i = 0; i < NumSpeakers(); ++i) {
      if (!has_spoken_[i]) (*weights)[i] *= factor;
    }
    return Waiting() > 0;
  }

  int NextSpeaker(int last, std::vector<double> weights) {
    if (NumSpeakers() == 1) return 0;
    // Who has not spoken yet must, before the room gets too small for all of them.
    const int64_t waiting = Waiting();
    const bool hurry =
        !quirks_.stretch_session() && waiting > 0 && length_ - cursor_ < (waiting + 1) * Samples(kReservedSeconds);
    if (hurry) {
      for (size_t i = 0; i < NumSpeakers(); ++i) weights[i] = has_spoken_[i] ? 0 : 1;
    } else if (last != kNobody && random_.Uniform() > options_.turn_probability()) {
      return last;
    }
    if (last != kNobody) weights[static_cast<size_t>(last)] = 0;
    double sum = 0;
    for (const double weight : weights) sum += weight;
    double drawn = random_.Uniform() * sum;
    int speaker = 0;
    for (size_t i = 0; i < NumSpeakers(); ++i) {
      if (weights[i] <= 0) continue;
      speaker = static_cast<int>(i);
      if (drawn < weights[i]) break;
      drawn -= weights[i];
    }
    return speaker;
  }

  // What others who have not spoken yet are to find at the end of the session.
  int64_t Reserved(int speaker) const {
    if (quirks_.stretch_session()) return 0;
    const int64_t others = Waiting() - (has_spoken_[static_cast<size_t>(speaker)] ? 0 : 1);
    return others * Samples(kReservedSeconds);
  }

  bool AddSentence(int speaker, int last, int64_t budget) {
    const SessionSpeaker& who = plan_.speakers[static_cast<size_t>(speaker)];
    int64_t allowed = budget;
    if (budget != kNoBudget) allowed = std::max(budget / 2, budget - Reserved(speaker));
    PlannedSentence planned;
    planned.speaker = speaker;
    planned.sentence = BuildSentence(source_.speakers()[static_cast<size_t>(who.speaker)], who.utterances, options_,
                                     allowed, &random_);
    if (planned.sentence.turns.empty()) return false;
    planned.start = Place(speaker, last, planned.sentence);
    for (const SampleSpan& turn : planned.sentence.turns) {
      coverage_.Add(planned.start + turn.begin, planned.start + turn.end);
    }
    cursor_ = std::max(cursor_, planned.end());
    last_length_ = planned.sentence.length;
    own_end_[static_cast<size_t>(speaker)] = quirks_.furthest_of_all() ? cursor_ : planned.end();
    has_spoken_[static_cast<size_t>(speaker)] = true;
    plan_.sentences.push_back(std::move(planned));
    return true;
  }

  // The sentence's first sample.
  int64_t Place(int speaker, int last, const Sentence& sentence) {
    const int64_t spoken = sentence.turns.back().end - sentence.turns.front().begin;
    const auto run = static_cast<double>(cursor_ + sentence.length);
    const auto speech = static_cast<double>(coverage_.covered() + spoken);
    const auto silence = static_cast<double>(cursor_ - coverage_.covered());
    const double overlap = Overlapped();
    // Shares of what there is with the sentence right behind the cursor.
    const double silence_share =
        (run - speech + (quirks_.sentence_as_silence() ? static_cast<double>(spoken) : 0)) / run;
    const double overlap_share = overlap / speech;
    const bool overlaps = last != kNobody && speaker != last &&
                          overlap_share - plan_.target_overlap < silence_share - plan_.target_silence;
    if (overlaps) {
      const double mean = (plan_.target_overlap * speech - overlap) / (1 + plan_.target_overlap);
      const int64_t amount = DrawAmount(mean, options_.min_single_overlap(), options_.max_single_overlap());
      return quirks_.credit_last_sentence_only() ? PlaceBack(speaker, amount, sentence)
                                                 : PlaceOver(speaker, amount, sentence);
    }
    const double mean = (plan_.target_silence * run - silence) / (1 - plan_.target_silence);
    const int64_t amount = DrawAmount(mean, options_.min_single_silence(), options_.max_single_silence());
    if (enforcing_ && quirks_.stretch_session()) return cursor_ + amount;
    return std::max(cursor_, std::min(cursor_ + amount, length_ - sentence.length));
  }

  double Overlapped() const {
    return static_cast<double>(quirks_.credit_last_sentence_only() ? credited_ : coverage_.overlapped());
  }

  int64_t DrawAmount(double mean, double minimum, double maximum) {
    const double lowest = options_.sample_rate() * minimum;
    // The length is rounded down to a sample; a minimum as long as the session is not.
    const double highest =
        std::max(lowest, maximum > 0 ? options_.sample_rate() * maximum : static_cast<double>(length_));
    mean = std::max(lowest, std::min(std::max(mean, 0.0), highest));
    if (mean <= 0) return 0;
    double variance = kNarrowVariance;
    if (!quirks_.narrow_gaps()) {
      const bool steady = static_cast<double>(cursor_) > kSteadyFrom * static_cast<double>(length_);
      variance = steady ? 0 : std::pow(options_.gap_variation() * mean, 2);
    }
    if (variance <= 0) return static_cast<int64_t>(mean);
    return static_cast<int64_t>(std::clamp(random_.Gamma(mean * mean / variance, variance / mean), lowest, highest));
  }

  // Just so far back, whatever sounds there; what falls on the last sentence counts.
  int64_t PlaceBack(int speaker, int64_t amount, const Sentence& sentence) {
    const int64_t start = std::max({cursor_ - amount, int64_t{0}, own_end_[static_cast<size_t>(speaker)]});
    const int64_t begin = std::max(start, cursor_ - last_length_);
    credited_ += std::max<int64_t>(0, std::min(start + sentence.length, cursor_) - begin);
    return start;
  }

  // Back until so much of what sounds is covered.
  int64_t PlaceOver(int speaker, int64_t amount, const Sentence& sentence) {
    const SampleSpan speech = {sentence.turns.front().begin, sentence.turns.back().end};
    const int64_t earliest = own_end_[static_cast<size_t>(speaker)];
    // The turn may begin as soon as its sentence's first sample may.
    const int64_t start =
        coverage_.LatestStart(earliest + speech.begin, cursor_ + speech.begin, speech.end - speech.begin, amount);
    return start - speech.begin;
  }

  const SpeechSource& source_;
  const ConversationOptions& options_;
  const ConversationOptions::Quirks& quirks_;
  Random random_;
  ConversationPlan& plan_;
  int64_t length_ = 0;  // asked for
  // The end of all that sounds so far.
  int64_t cursor_ = 0;
  int64_t last_length_ = 0;
  Coverage coverage_;
  int64_t credited_ = 0;
  // No sentence of a speaker may begin before.
  std::vector<int64_t> own_end_;
  std::vector<bool> has_spoken_;
  // Until it has been seen, behind a certain point, that everybody has spoken.
  bool enforcing_ = true;
};

}  // namespace

double DrawVolume(const ConversationOptions& options, Random* random) {
  const double volume = 1 + options.volume_sd() * random->Normal();
  return options.volume_sd() > 0 ? std::clamp(volume, 0.75, 1.25) : 1;
}

absl::StatusOr<ConversationPlan> PlanConversation(const SpeechSource& source, const ConversationOptions& options,
                                                  uint64_t seed, int64_t session,
                                                  const std::vector<SessionSpeaker>& speakers) {
  std::optional<ConversationPlan> best;
  double nearest = std::numeric_limits<double>::infinity();
  for (int attempt = 0; attempt < kAttempts && nearest > options.share_tolerance(); ++attempt) {
    ConversationPlan plan;
    plan.session = session;
    plan.speakers = speakers;
    for (const SessionSpeaker& speaker : speakers) {
      plan.speaker_names.push_back(source.speakers()[static_cast<size_t>(speaker.speaker)].name);
    }
    const auto stream = static_cast<uint64_t>(session * kAttempts + attempt);
    Planner planner(source, options, Random(seed, stream), &plan);
    if (!planner.Plan()) continue;
    const double distance = options.quirks().first_attempt() ? 0 : planner.DistanceFromTargets();
    if (distance < nearest) best = std::move(plan);
    nearest = std::min(nearest, distance);
  }
  if (best.has_value()) return *std::move(best);
  return absl::FailedPreconditionError(absl::StrCat("session ", session, ": ", options.session_length(),
                                                    " s are too short for ", speakers.size(), " speakers: in ",
                                                    kAttempts, " attempts one of them found no room for a word"));
}

Recording TurnsOf(const ConversationPlan& plan, const std::string& uri) {
  Recording recording;
  recording.uri = uri;
  for (const PlannedSentence& planned : plan.sentences) {
    for (const SampleSpan& turn : planned.sentence.turns) {
      const int64_t start = MicrosecondsFromSamples(planned.start + turn.begin, plan.sample_rate);
      const int64_t end = MicrosecondsFromSamples(planned.start + turn.end, plan.sample_rate);
      recording.turns.push_back({start, end - start, plan.speaker_names[static_cast<size_t>(planned.speaker)]});
    }
  }
  std::sort(recording.turns.begin(), recording.turns.end());
  return recording;
}

Transcript WordsOf(const ConversationPlan& plan, const std::string& uri) {
  Transcript transcript;
  transcript.uri = uri;
  for (const PlannedSentence& planned : plan.sentences) {
    for (const SentenceWord& word : planned.sentence.words) {
      TimedWord timed;
      timed.start = MicrosecondsFromSamples(planned.start + word.begin, plan.sample_rate);
      timed.duration = MicrosecondsFromSamples(planned.start + word.end, plan.sample_rate) - timed.start;
      timed.word = word.word;
      timed.speaker = plan.speaker_names[static_cast<size_t>(planned.speaker)];
      transcript.words.push_back(std::move(timed));
    }
  }
  return transcript;
}

}  // namespace diarflow
