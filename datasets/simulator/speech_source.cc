#include "datasets/simulator/speech_source.h"

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "datasets/simulator/energy_tokens.h"

namespace diarflow {
namespace {

// Silences joined, one in front, none without its word; empty when there is no word of some length.
std::vector<AlignedToken> Normalized(const std::vector<AlignedToken>& tokens) {
  std::vector<AlignedToken> normalized = {{"", 0}};
  bool has_words = false;
  for (const AlignedToken& token : tokens) {
    if (token.word.empty() && normalized.back().word.empty()) {
      normalized.back().end = token.end;
    } else if (token.end > normalized.back().end) {
      normalized.push_back(token);
      has_words |= !token.word.empty();
    }
  }
  if (!has_words) normalized.clear();
  return normalized;
}

}  // namespace

absl::StatusOr<SpeechSource> SpeechSource::FromManifest(const std::vector<ManifestEntry>& entries) {
  SpeechSource source;
  std::map<std::string, SourceSpeaker> speakers;
  for (const ManifestEntry& entry : entries) {
    if (entry.speaker.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat(entry.name(), ": the entry has no speaker_id; conversations need to know who speaks"));
    }
    if (!entry.duration.has_value()) {
      return absl::InvalidArgumentError(absl::StrCat(entry.name(), ": the entry has no duration"));
    }
    SourceUtterance utterance;
    utterance.audio = entry.audio;
    utterance.offset = entry.offset;
    utterance.duration = *entry.duration;
    utterance.name = entry.name();
    utterance.session = entry.session;
    utterance.tokens = Normalized(entry.tokens);
    if (entry.tokens.empty()) {
      utterance.tokens = {{"", 0}, {std::string(kSpeechToken), utterance.duration}};
    }
    if (utterance.tokens.empty()) {
      ++source.without_words_;
      continue;
    }
    SourceSpeaker& speaker = speakers[entry.speaker];
    speaker.name = entry.speaker;
    speaker.utterances.push_back(std::move(utterance));
  }
  for (auto& [name, speaker] : speakers) source.speakers_.push_back(std::move(speaker));
  if (source.speakers_.empty()) {
    return absl::FailedPreconditionError(
        "the manifest has no utterance with a word: there is nothing to simulate with");
  }
  return source;
}

std::vector<AlignedToken> EvenlySpacedTokens(const std::string& text, int64_t duration) {
  const std::vector<std::string> words = absl::StrSplit(text, absl::ByAnyChar(" \t\r\n"), absl::SkipEmpty());
  std::vector<AlignedToken> tokens;
  const auto count = static_cast<int64_t>(words.size());
  for (int64_t i = 0; i < count; ++i) tokens.push_back({words[static_cast<size_t>(i)], duration * (i + 1) / count});
  return tokens;
}

}  // namespace diarflow
