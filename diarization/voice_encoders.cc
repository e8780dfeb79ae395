#include "diarization/voice_encoders.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "audio/fbank.h"
#include "audio/nemo_log_mel.h"
#include "base/status_macros.h"
#include "models/windows.h"

namespace diarflow {
namespace {

// What both networks have by themselves.
template <typename Encoder>
class NetworkVoice : public VoiceEncoder {
 public:
  explicit NetworkVoice(typename Encoder::Ptr encoder) : encoder_(std::move(encoder)) {}

  absl::StatusOr<FloatArray> Columns(const FloatArray& features) const override { return encoder_->Columns(features); }
  absl::StatusOr<FloatArray> Pool(const FloatArray& columns, absl::Span<const int> chosen) const override {
    return encoder_->PoolColumns(columns, chosen);
  }
  absl::StatusOr<std::vector<FloatArray>> Embed(absl::Span<const FloatArray> audio) const override {
    return encoder_->Embed(audio);
  }
  absl::StatusOr<FloatArray> EmbedWindows(const FloatArray& audio, int64_t window, int64_t hop) const override {
    return encoder_->EmbedWindows(audio, window, hop);
  }
  const std::string& Fingerprint() const override { return encoder_->Fingerprint(); }
  const std::string& Description() const override { return encoder_->Description(); }

 private:
  typename Encoder::Ptr encoder_;
};

class Campplus : public NetworkVoice<CampplusEncoder> {
 public:
  Campplus(CampplusEncoder::Ptr encoder, Fbank fbank) : NetworkVoice(std::move(encoder)), fbank_(std::move(fbank)) {}

  absl::StatusOr<FloatArray> Features(const FloatArray& samples) const override { return fbank_.Compute(samples); }

 private:
  Fbank fbank_;
};

class Titanet : public NetworkVoice<TitanetEncoder> {
 public:
  explicit Titanet(const TitanetEncoder::Ptr& encoder) : NetworkVoice(encoder), log_mel_(encoder->form()) {}

  absl::StatusOr<FloatArray> Features(const FloatArray& samples) const override {
    if (samples.shape().size() != 1 || samples.size() < kFrameSamples) {
      return absl::OutOfRangeError(
          absl::StrCat("a frame needs samples [", kFrameSamples, "] or more; here are ", samples.ShapeString()));
    }
    ASSIGN_OR_RETURN(const FloatArray frames, log_mel_.LogMel(samples));
    // Frame i has its middle at sample 160 i; a frame of samples 160 i to 160 i + 399 has it at 160 i + 200.
    return Slice(frames, 1, 2 + (samples.size() - kFrameSamples) / kNemoMelHop);
  }

 private:
  static constexpr int64_t kFrameSamples = 400;  // 25 ms

  NemoLogMel log_mel_;
};

}  // namespace

absl::StatusOr<std::shared_ptr<const VoiceEncoder>> CampplusVoice(CampplusEncoder::Ptr encoder) {
  ASSIGN_OR_RETURN(Fbank fbank, Fbank::Create());
  return std::shared_ptr<const VoiceEncoder>(std::make_shared<Campplus>(std::move(encoder), std::move(fbank)));
}

std::shared_ptr<const VoiceEncoder> TitanetVoice(TitanetEncoder::Ptr encoder) {
  return std::make_shared<Titanet>(encoder);
}

}  // namespace diarflow
