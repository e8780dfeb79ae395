#include "diarization/name_speakers.h"

#include <algorithm>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "diarization/linkage.h"
#include "diarization/speaker_mapping.h"

namespace diarflow {

absl::Status CheckVoiceName(const std::string& name) {
  if (name.empty()) return absl::InvalidArgumentError("a voice has no name");
  if (std::any_of(name.begin(), name.end(), [](unsigned char c) { return absl::ascii_isspace(c); })) {
    return absl::InvalidArgumentError(
        absl::StrCat("the name \"", name, "\" holds a blank, which RTTM files cannot: write it with \"_\""));
  }
  absl::string_view number = name;
  if (absl::ConsumePrefix(&number, "speaker") && !number.empty() &&
      std::all_of(number.begin(), number.end(), [](unsigned char c) { return absl::ascii_isdigit(c); })) {
    return absl::InvalidArgumentError(absl::StrCat("\"", name, "\" is a name for people who are not known"));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<float>> MeanDirection(const std::vector<std::vector<float>>& embeddings) {
  if (embeddings.empty()) return absl::InvalidArgumentError("a voice without embeddings has no direction");
  std::vector<float> sum(embeddings[0].size(), 0);
  for (std::vector<float> embedding : embeddings) {
    if (embedding.size() != sum.size()) {
      return absl::InvalidArgumentError(
          absl::StrCat("embeddings of one voice have ", sum.size(), " and ", embedding.size(), " numbers"));
    }
    if (!Normalize(&embedding)) {
      return absl::InvalidArgumentError("an embedding has no direction: it is 0 or not finite");
    }
    for (size_t i = 0; i < sum.size(); ++i) sum[i] += embedding[i];
  }
  if (!Normalize(&sum)) return absl::InvalidArgumentError("the embeddings of a voice cancel each other out");
  return sum;
}

std::vector<int> MatchVoices(const std::vector<DiarizedSpeaker>& speakers, const std::vector<KnownVoice>& voices,
                             double threshold) {
  std::vector<double> weights;
  for (const DiarizedSpeaker& speaker : speakers) {
    for (const KnownVoice& voice : voices) {
      const bool comparable = speaker.direction.size() == voice.direction.size();
      const double cosine = comparable ? Cosine(speaker.direction, voice.direction) : 0;
      weights.push_back(cosine >= threshold ? cosine : 0);
    }
  }
  return MaximumWeightAssignment(weights, static_cast<int>(speakers.size()), static_cast<int>(voices.size()));
}

Diarization NameSpeakers(Diarization diarization, const std::vector<KnownVoice>& voices, double threshold) {
  const std::vector<int> match = MatchVoices(diarization.speakers, voices, threshold);
  std::map<std::string, std::string> names;
  for (size_t i = 0; i < match.size(); ++i) {
    DiarizedSpeaker& speaker = diarization.speakers[i];
    if (match[i] < 0) continue;
    const std::string& name = voices[static_cast<size_t>(match[i])].name;
    names[speaker.name] = name;
    speaker.name = name;
  }
  for (DiarizedTurn& turn : diarization.turns) {
    const auto found = names.find(turn.turn.speaker);
    if (found != names.end()) turn.turn.speaker = found->second;
  }
  // Turns of one instant are in the order of names.
  std::stable_sort(diarization.turns.begin(), diarization.turns.end(),
                   [](const DiarizedTurn& a, const DiarizedTurn& b) { return a.turn < b.turn; });
  return diarization;
}

}  // namespace diarflow
