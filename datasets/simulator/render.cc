#include "datasets/simulator/render.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "audio/decode.h"
#include "audio/resample.h"
#include "base/status_macros.h"
#include "diarization/turns.h"

namespace diarflow {
namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr double kMissingSeconds = 0.1;

// The rising half of a window of 2 * length samples, symmetric as scientific libraries have it.
std::vector<float> RisingWindow(ConversationOptions::WindowShape shape, int64_t length) {
  std::vector<float> window(static_cast<size_t>(length));
  for (int64_t i = 0; i < length; ++i) {
    const double phase = static_cast<double>(i) / static_cast<double>(2 * length - 1);
    double value = 0;
    switch (shape) {
      case ConversationOptions::HAMMING: value = 0.54 - 0.46 * std::cos(2 * kPi * phase); break;
      case ConversationOptions::HANN: value = 0.5 - 0.5 * std::cos(2 * kPi * phase); break;
      case ConversationOptions::COSINE:
        value = std::sin(kPi * (static_cast<double>(i) + 0.5) / static_cast<double>(2 * length));
        break;
    }
    window[static_cast<size_t>(i)] = static_cast<float>(value);
  }
  return window;
}

void Fade(const SentencePiece& piece, ConversationOptions::WindowShape shape, float* samples) {
  const std::vector<float> in = RisingWindow(shape, piece.fade_in);
  for (int64_t i = 0; i < piece.fade_in; ++i) samples[i] *= in[static_cast<size_t>(i)];
  const std::vector<float> out = RisingWindow(shape, piece.fade_out);
  for (int64_t i = 0; i < piece.fade_out; ++i) samples[piece.length - 1 - i] *= out[static_cast<size_t>(i)];
}

// To a root mean square of 1 over the turns; silence stays as it is.
void Normalize(const Sentence& sentence, FloatArray* sound) {
  float* samples = sound->mutable_data();
  double power = 0;
  int64_t count = 0;
  for (const SampleSpan& turn : sentence.turns) {
    for (int64_t i = turn.begin; i < turn.end; ++i) power += static_cast<double>(samples[i]) * samples[i];
    count += turn.end - turn.begin;
  }
  if (power <= 0) return;
  const auto factor = static_cast<float>(std::sqrt(static_cast<double>(count) / power));
  for (int64_t i = 0; i < sound->size(); ++i) samples[i] *= factor;
}

}  // namespace

absl::StatusOr<FloatArray> ReadPiece(const SourceUtterance& utterance, int64_t begin, int64_t length, int sample_rate) {
  ASSIGN_OR_RETURN(const AudioInfo info, ReadAudioInfo(utterance.audio));
  // The utterance in the file, at the file's rate: nearest samples, as DecodeAudio() has them.
  const auto sample = [&info](int64_t microseconds) {
    return (microseconds * info.sample_rate + kMicrosecondsPerSecond / 2) / kMicrosecondsPerSecond;
  };
  const bool same_rate = info.sample_rate == sample_rate;
  const int64_t first = sample(utterance.offset) + (same_rate ? begin : 0);
  const int64_t last = same_rate ? first + length : sample(utterance.offset + utterance.duration);
  DecodeOptions options;
  options.start_sample = std::min(first, info.num_samples);
  options.num_samples = std::max<int64_t>(0, std::min(last, info.num_samples) - *options.start_sample);
  FloatArray samples = FloatArray::Zeros({0});
  if (*options.num_samples > 0) {
    ASSIGN_OR_RETURN(const Waveform waveform, DecodeAudio(utterance.audio, options));
    ASSIGN_OR_RETURN(samples, Resample(waveform.samples, info.sample_rate, sample_rate));
  }
  const int64_t skip = same_rate ? 0 : begin;
  const int64_t have = std::clamp<int64_t>(samples.size() - skip, 0, length);
  if (static_cast<double>(length - have) > kMissingSeconds * sample_rate) {
    return absl::DataLossError(absl::StrCat(utterance.audio, ": the file ends ",
                                            static_cast<double>(length - have) / sample_rate,
                                            " s before what the manifest says of it (utterance ", utterance.name, ")"));
  }
  FloatArray piece = FloatArray::Zeros({length});
  if (have > 0) std::memcpy(piece.mutable_data(), samples.data() + skip, static_cast<size_t>(have) * sizeof(float));
  return piece;
}

absl::StatusOr<FloatArray> RenderSentence(const SourceSpeaker& speaker, const Sentence& sentence,
                                          const ConversationOptions& options, const PieceReader& read) {
  FloatArray sound = FloatArray::Zeros({sentence.length});
  float* next = sound.mutable_data();
  for (const SentencePiece& piece : sentence.pieces) {
    const SourceUtterance& utterance = speaker.utterances[static_cast<size_t>(piece.utterance)];
    ASSIGN_OR_RETURN(const FloatArray samples,
                     read(utterance, piece.source_begin, piece.length, options.sample_rate()));
    if (samples.size() != piece.length) {
      return absl::InternalError(
          absl::StrCat(utterance.name, ": ", samples.size(), " samples were read instead of ", piece.length));
    }
    std::memcpy(next, samples.data(), samples.byte_size());
    Fade(piece, options.window_shape(), next);
    next += piece.length;
  }
  Normalize(sentence, &sound);
  return sound;
}

absl::StatusOr<FloatArray> MixConversation(const ConversationPlan& plan, const SpeechSource& source,
                                           const ConversationOptions& options, const PieceReader& read,
                                           const SentenceEffect& effect) {
  FloatArray session = FloatArray::Zeros({plan.num_samples});
  float* samples = session.mutable_data();
  for (const PlannedSentence& planned : plan.sentences) {
    const auto speaker = static_cast<size_t>(planned.speaker);
    const SourceSpeaker& voice = source.speakers()[static_cast<size_t>(plan.speakers[speaker].speaker)];
    ASSIGN_OR_RETURN(FloatArray sound, RenderSentence(voice, planned.sentence, options, read));
    if (effect != nullptr) {
      ASSIGN_OR_RETURN(sound, effect(planned, std::move(sound)));
    }
    const auto volume = static_cast<float>(plan.volumes[speaker]);
    const int64_t length = std::min(sound.size(), plan.num_samples - planned.start);
    float* to = samples + planned.start;
    for (int64_t i = 0; i < length; ++i) to[i] += volume * sound[i];
  }
  return session;
}

}  // namespace diarflow
