#include "datasets/simulator/mixture.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "datasets/simulator/energy_tokens.h"
#include "datasets/simulator/sentence.h"
#include "diarization/turns.h"

namespace diarflow {
namespace {

// Mixtures and conversations of one seed have nothing in common.
constexpr uint64_t kMixtureSeed = 0x6d69787475726573;
// No cut leaves less of a stretch of sound.
constexpr double kLeastCutSeconds = 0.1;

std::vector<int> Permutation(size_t count, Random* random) {
  std::vector<int> permutation(count);
  for (size_t i = 0; i < count; ++i) permutation[i] = static_cast<int>(i);
  random->Shuffle(&permutation);
  return permutation;
}

// An utterance of one speaker, as a sentence.
class Builder {
 public:
  Builder(const SourceSpeaker& speaker, const ConversationOptions& options, const MixtureOptions& mixture,
          Random* random)
      : speaker_(speaker), options_(options), mixture_(mixture), random_(random) {}

  // Without words when the speaker has none. `entries` receives those that are used.
  Sentence Build(std::vector<int>* entries) {
    for (const int entry : Permutation(speaker_.utterances.size(), random_)) {
      if (!sentence_.words.empty() && Extent() >= Samples(mixture_.min_utterance())) break;
      if (Room() < Samples(kLeastCutSeconds)) break;
      if (AddEntry(entry)) entries->push_back(entry);
    }
    sentence_.turns = TurnsOfWords(sentence_.words, Samples(options_.bridged_pause()));
    return std::move(sentence_);
  }

 private:
  // What lies between a position and the nearest border of words or pauses in front of it, or behind it.
  struct Surroundings {
    int64_t length = 0;
    bool silent = true;
  };
  struct Margin {
    int64_t kept = 0;
    int64_t fade = 0;

    int64_t length() const { return kept + fade; }
  };

  int64_t Samples(double seconds) const { return static_cast<int64_t>(seconds * options_.sample_rate()); }
  int64_t FromMicroseconds(int64_t time) const { return time * options_.sample_rate() / kMicrosecondsPerSecond; }
  // From the first word to the last one. REQUIRES: words.
  int64_t Extent() const { return sentence_.words.back().end - sentence_.words.front().begin; }

  // For the words of one more entry, behind what may sound in front of them.
  int64_t Room() const {
    if (mixture_.max_utterance() <= 0) return kNoBudget;
    const int64_t room = Samples(mixture_.max_utterance());
    if (sentence_.words.empty()) return room;
    const int64_t begun = sentence_.length - sentence_.words.front().begin;
    return room - begun - Samples(options_.lead()) - Samples(options_.window());
  }

  // Those of a sample or more, from the beginning of the entry.
  std::vector<SentenceWord> WordsOf(const SourceUtterance& utterance) const {
    std::vector<SentenceWord> words;
    int64_t begin = 0;
    for (const AlignedToken& token : utterance.tokens) {
      const int64_t end = FromMicroseconds(token.end);
      if (!token.word.empty() && end > begin) words.push_back({token.word, begin, end});
      begin = end;
    }
    return words;
  }

  // Of words that take more than `room` those that fit, from a place that is drawn. Behind another entry: from the
  // first one on, perhaps none.
  std::vector<SentenceWord> Cut(const std::vector<SentenceWord>& words, int64_t room) {
    const int64_t extent = words.back().end - words.front().begin;
    const int64_t first = words.front().begin + (sentence_.words.empty() ? random_->Below(extent - room + 1) : 0);
    const int64_t last = first + room;
    std::vector<SentenceWord> kept;
    for (SentenceWord word : words) {
      const bool whole = word.begin >= first && word.end <= last;
      word.begin = std::max(word.begin, first);
      word.end = std::min(word.end, last);
      const bool enough = word.word == kSpeechToken && word.end - word.begin >= Samples(kLeastCutSeconds);
      if (whole || enough) kept.push_back(word);
    }
    if (kept.empty() && sentence_.words.empty()) {
      // A long word, or a pause: the first word that ends behind the place.
      SentenceWord word = *std::find_if(words.begin(), words.end(), [first](const auto& w) { return w.end > first; });
      word.end = std::min(word.end, word.begin + room);
      kept.push_back(std::move(word));
    }
    return kept;
  }

  Surroundings InFront(const SourceUtterance& utterance, int64_t position) const {
    int64_t begin = 0;
    for (const AlignedToken& token : utterance.tokens) {
      const int64_t end = FromMicroseconds(token.end);
      if (begin < position && position <= end) return {position - begin, token.word.empty()};
      begin = end;
    }
    return {};
  }

  Surroundings Behind(const SourceUtterance& utterance, int64_t position) const {
    int64_t begin = 0;
    for (const AlignedToken& token : utterance.tokens) {
      const int64_t end = FromMicroseconds(token.end);
      if (begin <= position && position < end) return {end - position, token.word.empty()};
      begin = end;
    }
    return {FromMicroseconds(utterance.duration) - position, true};
  }

  Margin MarginIn(const Surroundings& place, double kept_seconds) const {
    Margin margin;
    margin.fade = Samples(options_.window());
    if (place.silent) {
      margin.kept = std::min(Samples(kept_seconds), place.length);
    } else {
      margin.fade = std::min(margin.fade, Samples(kCutFadeSeconds));
    }
    margin.fade = std::min(margin.fade, place.length - margin.kept);
    return margin;
  }

  // False when nothing of it sounds.
  bool AddEntry(int entry) {
    const SourceUtterance& utterance = speaker_.utterances[static_cast<size_t>(entry)];
    std::vector<SentenceWord> words = WordsOf(utterance);
    const int64_t room = Room();
    if (!words.empty() && words.back().end - words.front().begin > room) words = Cut(words, room);
    if (words.empty()) return false;
    const int64_t begin = words.front().begin;
    const int64_t end = words.back().end;
    const Margin lead = MarginIn(InFront(utterance, begin), options_.lead());
    const Margin release = MarginIn(Behind(utterance, end), options_.release());
    SentencePiece piece;
    piece.utterance = entry;
    piece.source_begin = begin - lead.length();
    piece.length = lead.length() + end - begin + release.length();
    piece.fade_in = lead.fade;
    piece.fade_out = release.fade;
    for (SentenceWord& word : words) {
      word.begin += sentence_.length - piece.source_begin;
      word.end += sentence_.length - piece.source_begin;
      sentence_.words.push_back(std::move(word));
    }
    sentence_.length += piece.length;
    sentence_.pieces.push_back(piece);
    return true;
  }

  const SourceSpeaker& speaker_;
  const ConversationOptions& options_;
  const MixtureOptions& mixture_;
  Random* random_;
  Sentence sentence_;
};

// Places the second of two sentences over the end of the first, the earlier of both at 0.
void Place(double ratio, ConversationPlan* plan) {
  PlannedSentence& first = plan->sentences[0];
  PlannedSentence& second = plan->sentences[1];
  const auto extent = [](const Sentence& sentence) { return sentence.words.back().end - sentence.words.front().begin; };
  const int64_t lengths[] = {extent(first.sentence), extent(second.sentence)};
  const double overlap = ratio * static_cast<double>(std::min(lengths[0], lengths[1]));
  plan->target_overlap = overlap / (static_cast<double>(lengths[0] + lengths[1]) - overlap);
  second.start = first.sentence.words.back().end - std::llround(overlap) - second.sentence.words.front().begin;
  // Where both begin to speak at nearly the same time, the sound in front of the second one's words may come first.
  const int64_t shift = -std::min<int64_t>(0, second.start);
  first.start += shift;
  second.start += shift;
  plan->num_samples = std::max(first.end(), second.end());
}

}  // namespace

absl::StatusOr<ConversationPlan> PlanMixture(const SpeechSource& source, const ConversationOptions& options,
                                             const MixtureOptions& mixture, uint64_t seed, int64_t session) {
  Random random(seed ^ kMixtureSeed, static_cast<uint64_t>(session));
  ConversationPlan plan;
  plan.session = session;
  plan.sample_rate = options.sample_rate();
  for (const int index : Permutation(source.speakers().size(), &random)) {
    const SourceSpeaker& voice = source.speakers()[static_cast<size_t>(index)];
    SessionSpeaker speaker;
    speaker.speaker = index;
    PlannedSentence planned;
    planned.speaker = static_cast<int>(plan.speakers.size());
    planned.sentence = Builder(voice, options, mixture, &random).Build(&speaker.utterances);
    if (planned.sentence.words.empty()) continue;
    plan.speakers.push_back(std::move(speaker));
    plan.speaker_names.push_back(voice.name);
    plan.volumes.push_back(DrawVolume(options, &random));
    plan.sentences.push_back(std::move(planned));
    if (plan.speakers.size() < 2) continue;
    Place(random.Uniform(mixture.min_overlap(), mixture.max_overlap()), &plan);
    return plan;
  }
  return absl::FailedPreconditionError(absl::StrCat(
      "a mixture takes utterances of 2 speakers, but those with words in the source are ", plan.speakers.size()));
}

}  // namespace diarflow
