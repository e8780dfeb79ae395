#include "diarization/campplus_voice.h"

#include <string>
#include <utility>

#include "audio/fbank.h"
#include "base/status_macros.h"

namespace diarflow {
namespace {

class Voice : public VoiceEncoder {
 public:
  Voice(CampplusEncoder::Ptr encoder, Fbank fbank) : encoder_(std::move(encoder)), fbank_(std::move(fbank)) {}

  absl::StatusOr<FloatArray> Features(const FloatArray& samples) const override { return fbank_.Compute(samples); }
  absl::StatusOr<FloatArray> Columns(const FloatArray& features) const override { return encoder_->Columns(features); }
  absl::StatusOr<FloatArray> Pool(const FloatArray& columns, absl::Span<const int> chosen) const override {
    return encoder_->PoolColumns(columns, chosen);
  }
  const std::string& Description() const override { return encoder_->Description(); }

 private:
  CampplusEncoder::Ptr encoder_;
  Fbank fbank_;
};

}  // namespace

absl::StatusOr<std::shared_ptr<const VoiceEncoder>> CampplusVoice(CampplusEncoder::Ptr encoder) {
  ASSIGN_OR_RETURN(Fbank fbank, Fbank::Create());
  return std::shared_ptr<const VoiceEncoder>(std::make_shared<Voice>(std::move(encoder), std::move(fbank)));
}

}  // namespace diarflow
