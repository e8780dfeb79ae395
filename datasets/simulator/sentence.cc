#include "datasets/simulator/sentence.h"

#include <algorithm>
#include <cmath>

#include "datasets/simulator/energy_tokens.h"
#include "diarization/turns.h"

namespace diarflow {
namespace {

// How much of a stretch of sound whose words nobody knows counts as one word: three words a second.
constexpr double kUnknownWordSeconds = 1.0 / 3;
// A source of nothing but words that do not fit must end some time.
constexpr int kMaxPieces = 10000;

class Builder {
 public:
  Builder(const SourceSpeaker& speaker, const ConversationOptions& options, int64_t budget, Random* random)
      : speaker_(speaker), options_(options), quirks_(options.quirks()), budget_(budget), random_(random) {}

  Sentence Build(const std::vector<int>& utterances) {
    const int64_t wanted = random_->NegativeBinomial(options_.sentence_length_r(), options_.sentence_length_p()) + 1;
    for (int pieces = 0; num_words_ < wanted && sentence_.length < budget_ && pieces < kMaxPieces; ++pieces) {
      auto choices = static_cast<int64_t>(utterances.size());
      if (quirks_.skip_last_utterance()) choices = std::max<int64_t>(choices - 1, 1);
      const int utterance = utterances[static_cast<size_t>(random_->Below(choices))];
      if (!AddPiece(utterance, wanted)) break;
    }
    AddTurns();
    return std::move(sentence_);
  }

 private:
  int64_t Samples(double seconds) const { return static_cast<int64_t>(seconds * options_.sample_rate()); }
  // Where token i of the utterance ends.
  int64_t End(const SourceUtterance& utterance, size_t i) const {
    return utterance.tokens[i].end * options_.sample_rate() / kMicrosecondsPerSecond;
  }

  // The silence after which a piece begins, and the token behind the last one that it may take.
  struct Stretch {
    size_t silence = 0;
    size_t end = 0;
  };

  Stretch ChooseStretch(const SourceUtterance& utterance) {
    std::vector<size_t> silences;
    for (size_t i = 0; i < utterance.tokens.size(); ++i) {
      if (utterance.tokens[i].word.empty()) silences.push_back(i);
    }
    if (quirks_.start_at_beginning()) return NemoStretch(utterance, silences);
    // A silence at the very end has no word behind it.
    if (silences.back() + 1 == utterance.tokens.size()) silences.pop_back();
    const int64_t drawn = random_->Below(static_cast<int64_t>(silences.size()));
    return {silences[static_cast<size_t>(drawn)], utterance.tokens.size()};
  }

  Stretch NemoStretch(const SourceUtterance& utterance, const std::vector<size_t>& silences) {
    const std::vector<AlignedToken>& tokens = utterance.tokens;
    const auto limit = static_cast<int64_t>(options_.max_source_seconds() * kMicrosecondsPerSecond);
    Stretch stretch;
    if (silences.size() > 2 && tokens.back().end - tokens.front().end >= limit) {
      // The last silences leave less than the limit behind them: a bisection among all but the last two.
      int64_t left = 0;
      auto right = static_cast<int64_t>(silences.size()) - 2;
      while (left < right) {
        const int64_t middle = left + (right - left) / 2;
        const int64_t behind = tokens[tokens.size() - 2].end - tokens[silences[static_cast<size_t>(middle)]].end;
        if (behind == limit) break;
        if (behind < limit) right = middle - 1;
        if (behind > limit) left = middle + 1;
      }
      const int64_t choices = std::max<int64_t>(left + (right - left) / 2, 1);
      stretch.silence = silences[static_cast<size_t>(random_->Below(choices))];
    }
    stretch.end = stretch.silence + 1;
    const int64_t origin = tokens[stretch.silence].end;
    while (stretch.end < tokens.size() && tokens[stretch.end].end - origin < limit) ++stretch.end;
    return stretch;
  }

  int64_t NumWords(const AlignedToken& token, int64_t samples) const {
    if (token.word != kSpeechToken) return 1;
    return std::max<int64_t>(1, std::lround(static_cast<double>(samples) / Samples(kUnknownWordSeconds)));
  }

  // Takes the words between two pauses, until the sentence has those that are wanted. False when none fits.
  bool AddPiece(int index, int64_t wanted) {
    const SourceUtterance& utterance = speaker_.utterances[static_cast<size_t>(index)];
    const Stretch stretch = ChooseStretch(utterance);
    SentencePiece piece;
    piece.utterance = index;
    piece.source_begin = End(utterance, stretch.silence);
    if (!quirks_.no_lead()) {
      const int64_t silence = piece.source_begin - (stretch.silence == 0 ? 0 : End(utterance, stretch.silence - 1));
      const int64_t lead = std::min(Samples(options_.lead()), silence);
      piece.fade_in = std::min(Samples(options_.window()), silence - lead);
      piece.source_begin -= lead + piece.fade_in;
    }
    const int64_t room = budget_ - sentence_.length;
    size_t next = stretch.silence + 1;
    int64_t sum = 0;
    int64_t reached = 0;
    for (; num_words_ < wanted && reached < room && next < stretch.end; ++next) {
      const int64_t begin = End(utterance, next - 1) - piece.source_begin;
      const int64_t end = End(utterance, next) - piece.source_begin;
      if (utterance.tokens[next].word.empty() || end > room - (quirks_.crowded_end() ? sum : 0)) break;
      sentence_.words.push_back({utterance.tokens[next].word, sentence_.length + begin, sentence_.length + end});
      num_words_ += NumWords(utterance.tokens[next], end - begin);
      reached = end;
      sum += end;
    }
    if (reached == 0 && !quirks_.crowded_end()) return false;
    piece.length = reached;
    AddRelease(utterance, stretch, next, room, &piece);
    sentence_.length += piece.length;
    if (piece.length > 0) sentence_.pieces.push_back(piece);
    return true;
  }

  // `next` is the token behind the last word taken.
  void AddRelease(const SourceUtterance& utterance, const Stretch& stretch, size_t next, int64_t room,
                  SentencePiece* piece) {
    const int64_t reached = piece->source_begin + piece->length;
    const bool more = next < stretch.end;
    int64_t release = Samples(options_.release());
    int64_t fade = Samples(options_.window());
    int64_t available = 0;
    if (quirks_.release_into_words()) {
      // All that was read, which ends with the last token; nothing behind the last word.
      available = more ? End(utterance, stretch.end - 1) - reached : 0;
    } else if (more && !utterance.tokens[next].word.empty()) {
      release = 0;
      fade = std::min(fade, Samples(kCutFadeSeconds));
      available = End(utterance, next) - reached;
    } else {
      const int64_t whole = utterance.duration * options_.sample_rate() / kMicrosecondsPerSecond;
      available = (more ? End(utterance, next) : whole) - reached;
    }
    available = std::min(available, room - piece->length);
    release = std::min(release, available);
    piece->fade_out = std::min(fade, available - release);
    piece->length += release + piece->fade_out;
  }

  void AddTurns() {
    if (quirks_.labels_with_margins()) {
      if (sentence_.length > 0) sentence_.turns.push_back({0, sentence_.length});
      return;
    }
    sentence_.turns = TurnsOfWords(sentence_.words, Samples(options_.bridged_pause()));
  }

  const SourceSpeaker& speaker_;
  const ConversationOptions& options_;
  const ConversationOptions::Quirks& quirks_;
  const int64_t budget_;
  Random* random_;
  Sentence sentence_;
  int64_t num_words_ = 0;
};

}  // namespace

std::vector<SampleSpan> TurnsOfWords(const std::vector<SentenceWord>& words, int64_t bridged) {
  std::vector<SampleSpan> turns;
  for (const SentenceWord& word : words) {
    if (!turns.empty() && word.begin - turns.back().end <= bridged) {
      turns.back().end = word.end;
    } else {
      turns.push_back({word.begin, word.end});
    }
  }
  return turns;
}

Sentence BuildSentence(const SourceSpeaker& speaker, const std::vector<int>& utterances,
                       const ConversationOptions& options, int64_t budget, Random* random) {
  return Builder(speaker, options, budget, random).Build(utterances);
}

}  // namespace diarflow
