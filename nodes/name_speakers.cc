// NameSpeakers: the speakers of a recording under the names of known voices.
#include "diarization/name_speakers.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "audio/decode.h"
#include "audio/resample.h"
#include "base/files.h"
#include "base/status_macros.h"
#include "graph/registry.h"
#include "nodes/diarization.h"
#include "nodes/name_speakers.pb.h"
#include "nodes/voice_model.h"

namespace diarflow {
namespace {

constexpr int64_t kMostSeconds = 30;
constexpr int64_t kLeastSeconds = 1;

struct Enrolment {
  std::string name, path;
};

absl::StatusOr<Enrolment> ParseEnrolment(const std::string& text) {
  const size_t equals = text.find('=');
  if (equals == std::string::npos || equals + 1 == text.size()) {
    return absl::InvalidArgumentError(absl::StrCat("enroll \"", text, "\": write NAME=FILE"));
  }
  const absl::Status status = CheckVoiceName(text.substr(0, equals));
  if (!status.ok()) return absl::Status(status.code(), absl::StrCat("enroll \"", text, "\": ", status.message()));
  return Enrolment{text.substr(0, equals), text.substr(equals + 1)};
}

absl::Status CheckNameSpeakers(const options::NameSpeakers& options) {
  for (const std::string& enroll : options.enroll()) RETURN_IF_ERROR(ParseEnrolment(enroll).status());
  if (options.threshold() > 0 && options.threshold() <= 1) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("threshold is ", options.threshold(), "; a cosine above 0, up to 1, is needed"));
}

// The beginning of a file at the rate of the speaker networks.
absl::StatusOr<FloatArray> ReadVoice(const std::string& path) {
  ASSIGN_OR_RETURN(const AudioInfo info, ReadAudioInfo(path));
  const int64_t rate = info.sample_rate;
  if (info.num_samples < kLeastSeconds * rate) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": ", static_cast<double>(info.num_samples) / rate,
                                                   " s; a voice is known from ", kLeastSeconds, " s on, better 10"));
  }
  DecodeOptions beginning;
  beginning.start_sample = 0;
  beginning.num_samples = std::min(info.num_samples, kMostSeconds * rate);
  ASSIGN_OR_RETURN(const Waveform file, DecodeAudio(path, beginning));
  if (std::all_of(file.samples.begin(), file.samples.end(), [](float x) { return std::abs(x) < 1e-4f; })) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": nothing is to be heard in its first ", kMostSeconds, " s"));
  }
  return Resample(file.samples, file.sample_rate, kVoiceSampleRate);
}

class NameSpeakersNode : public MapNode {
 public:
  static constexpr In<DiarizedRecording> kDiarization{"DIARIZATION"};
  static constexpr Uses<VoiceModelResource> kModel{"MODEL"};
  static constexpr Out<DiarizedRecording> kNamed{"NAMED"};

  static void Contract(ContractBuilder& contract) {
    contract.Summary("Speakers whose voices are known get their names; without known voices nothing changes.")
        .Input(kDiarization)
        .Resource(kModel)
        .Output(kNamed)
        .Options<options::NameSpeakers>(&CheckNameSpeakers)
        .Concurrent();
  }

  absl::Status Open(OpenContext& context) override {
    const auto& options = context.options<options::NameSpeakers>();
    threshold_ = options.threshold();
    std::map<std::string, std::vector<std::vector<float>>> embeddings;
    for (const std::string& enroll : options.enroll()) {
      ASSIGN_OR_RETURN(const Enrolment enrolment, ParseEnrolment(enroll));
      ASSIGN_OR_RETURN(const std::string path, ResolvePath(enrolment.path));
      ASSIGN_OR_RETURN(const FloatArray voice, ReadVoice(path));
      ASSIGN_OR_RETURN(const std::vector<FloatArray> embedding, context.Get(kModel)->encoder->Embed({voice}));
      embeddings[enrolment.name].emplace_back(embedding[0].begin(), embedding[0].end());
    }
    for (const auto& [name, all] : embeddings) {
      ASSIGN_OR_RETURN(std::vector<float> direction, MeanDirection(all));
      voices_.push_back({name, std::move(direction)});
    }
    return absl::OkStatus();
  }

  absl::Status Process(ItemContext& item) const override {
    DiarizedRecording recording = item.Get(kDiarization);
    recording.result = NameSpeakers(std::move(recording.result), voices_, threshold_);
    item.Set(kNamed, std::move(recording));
    return absl::OkStatus();
  }

 private:
  double threshold_ = kSameVoiceCosine;
  std::vector<KnownVoice> voices_;
};

DIARFLOW_REGISTER_NODE("NameSpeakers", NameSpeakersNode);

}  // namespace
}  // namespace diarflow
