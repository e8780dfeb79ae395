// What a simulated conversation sounds like: its voices in their room, with noise, through a channel.
//
// The order is that of nature: gain of the sentence, room, sum of all, noise, band limits, level, and last the codec,
// which clips.
// Everything that is drawn comes from the simulation's seed and the session's number, apart from the plan's draws: the
// same conversation can be heard in any room.
#ifndef DIARFLOW_DATASETS_SIMULATOR_SOUND_H_
#define DIARFLOW_DATASETS_SIMULATOR_SOUND_H_

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/float_array.h"
#include "base/random.h"
#include "datasets/manifest.h"
#include "datasets/simulator/conversation.h"
#include "datasets/simulator/render.h"
#include "datasets/simulator/sound_options.pb.h"
#include "datasets/simulator/speech_source.h"

namespace diarflow {

// kInvalidArgument, naming the option: a value out of its range.
absl::Status CheckSoundOptions(const SoundOptions& options);

class ConversationSound {
 public:
  // Reads the manifest of noises, where one is named. Errors of CheckSoundOptions() and ReadManifest().
  static absl::StatusOr<std::shared_ptr<const ConversationSound>> Create(const SoundOptions& options);

  // [plan.num_samples], full scale 1. Errors of MixConversation(), and those of room, noise, band limits and
  // codec, which do not name the session. Thread-safe.
  absl::StatusOr<FloatArray> Render(const ConversationPlan& plan, const SpeechSource& source,
                                    const ConversationOptions& options, uint64_t seed, const PieceReader& read) const;

 private:
  ConversationSound(SoundOptions options, std::vector<ManifestEntry> noises)
      : options_(std::move(options)), noises_(std::move(noises)) {}

  absl::StatusOr<FloatArray> AddNoise(FloatArray session, const ConversationPlan& plan,
                                      const ConversationOptions& options, Random* random) const;

  SoundOptions options_;
  std::vector<ManifestEntry> noises_;
};

}  // namespace diarflow

#endif  // DIARFLOW_DATASETS_SIMULATOR_SOUND_H_
