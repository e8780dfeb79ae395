// Names for the speakers of a recording whose voices are known from elsewhere.
//
// A speaker gets the name of a voice when the cosine of their directions is at least a threshold. Every name is given
// once at most: so that the sum of the cosines is the greatest (speaker_mapping.h).
#ifndef DIARFLOW_DIARIZATION_NAME_SPEAKERS_H_
#define DIARFLOW_DIARIZATION_NAME_SPEAKERS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "diarization/diarize.h"

namespace diarflow {

struct KnownVoice {
  std::string name;
  std::vector<float> direction;  // of any length but 0
};

// The cosine at which CAM++ confuses as many pairs of one speaker as of two, over the council's trials.
inline constexpr double kSameVoiceCosine = 0.41;

// OK when `name` may stand for a speaker: kInvalidArgument when it is empty, holds white space (RTTM has none in names)
// or is one that Diarize() gives by itself ("speaker1").
absl::Status CheckVoiceName(const std::string& name);

// The mean direction of several embeddings of one voice, each with the same weight. kInvalidArgument: none, of
// different sizes, or one that is 0 or not finite.
absl::StatusOr<std::vector<float>> MeanDirection(const std::vector<std::vector<float>>& embeddings);

// For each speaker the index of a voice, or -1. `threshold` lies above 0. Directions of different sizes have nothing in
// common.
std::vector<int> MatchVoices(const std::vector<DiarizedSpeaker>& speakers, const std::vector<KnownVoice>& voices,
                             double threshold);

// The same diarization under the names of known voices; who is not known keeps his name. REQUIRES: names of voices that
// pass CheckVoiceName(), no two the same.
Diarization NameSpeakers(Diarization diarization, const std::vector<KnownVoice>& voices, double threshold);

}  // namespace diarflow

#endif  // DIARFLOW_DIARIZATION_NAME_SPEAKERS_H_
