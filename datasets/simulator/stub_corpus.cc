#include "datasets/simulator/stub_corpus.h"

#include <cmath>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/random.h"

namespace diarflow {
namespace {

constexpr double kMillisecondsPerSecond = 1000;

int64_t RoundedMicroseconds(double seconds) {
  return 1000 * static_cast<int64_t>(std::round(seconds * kMillisecondsPerSecond));
}

int64_t PhraseWords(Random* random) { return 2 + random->Below(9); }

ManifestEntry StubEntry(const StubCorpusOptions& options, int speaker, int number, Random* random) {
  ManifestEntry entry;
  entry.speaker = absl::StrFormat("spk%02d", speaker);
  entry.utterance = absl::StrFormat("%s-%03d", entry.speaker, number);
  entry.audio = absl::StrCat("/stub/", entry.utterance, ".wav");
  entry.session = absl::StrCat("session", number % options.num_sessions);
  const double length = random->Uniform(5, 16);
  double time = random->Uniform(0.1, 0.4);
  entry.tokens.push_back({"", RoundedMicroseconds(time)});
  std::string text;
  int64_t left = PhraseWords(random);
  for (int word = 0; time < length; ++word) {
    time += options.word_median * std::exp(options.word_sigma * random->Normal());
    entry.tokens.push_back({absl::StrCat("w", word), RoundedMicroseconds(time)});
    absl::StrAppend(&text, "w", word, " ");
    if (--left > 0) continue;
    left = PhraseWords(random);
    time += random->Uniform(0.15, 0.6);
    entry.tokens.push_back({"", RoundedMicroseconds(time)});
  }
  entry.duration = entry.tokens.back().end;
  if (!options.pauses) entry.tokens = EvenlySpacedTokens(text, *entry.duration);
  return entry;
}

}  // namespace

std::vector<ManifestEntry> StubManifest(const StubCorpusOptions& options) {
  Random random(options.seed);
  std::vector<ManifestEntry> entries;
  for (int speaker = 0; speaker < options.num_speakers; ++speaker) {
    for (int number = 0; number < options.utterances_per_speaker; ++number) {
      entries.push_back(StubEntry(options, speaker, number, &random));
    }
  }
  return entries;
}

SpeechSource StubCorpus(const StubCorpusOptions& options) { return *SpeechSource::FromManifest(StubManifest(options)); }

}  // namespace diarflow
