#include "datasets/simulator/sound.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "audio/augment/band_limit.h"
#include "audio/augment/codec.h"
#include "audio/augment/convolve.h"
#include "audio/augment/draw_room.h"
#include "audio/augment/level.h"
#include "audio/augment/noise.h"
#include "audio/augment/room.h"
#include "audio/decode.h"
#include "audio/resample.h"
#include "base/files.h"
#include "base/random.h"
#include "base/status_macros.h"

namespace diarflow {
namespace {

// Sound draws from other numbers than plans do.
constexpr uint64_t kSoundSeed = 0x736f756e64;  // "sound"

struct NamedInterval {
  const char* name;
  const Interval& interval;
  double least, most;
};

double High(const Interval& interval) { return interval.has_high() ? interval.high() : interval.low(); }

double Draw(const Interval& interval, Random* random) { return random->Uniform(interval.low(), High(interval)); }

void SetRange(const Interval& interval, Range* range) {
  if (interval.has_low()) *range = {interval.low(), High(interval)};
}

RoomRanges RangesOf(const SoundOptions::Room& room) {
  RoomRanges ranges;
  SetRange(room.t60(), &ranges.t60);
  SetRange(room.width(), &ranges.size[0]);
  SetRange(room.length(), &ranges.size[1]);
  SetRange(room.height(), &ranges.size[2]);
  return ranges;
}

Codec CodecOf(SoundOptions::Codec codec) {
  switch (codec) {
    case SoundOptions::A_LAW: return Codec::kALaw;
    case SoundOptions::GSM: return Codec::kGsm610;
    case SoundOptions::IMA_ADPCM: return Codec::kImaAdpcm;
    case SoundOptions::VORBIS: return Codec::kVorbis;
    case SoundOptions::OPUS: return Codec::kOpus;
    case SoundOptions::MP3: return Codec::kMp3;
    case SoundOptions::MU_LAW:
    case SoundOptions::NONE: break;
  }
  return Codec::kMuLaw;
}

// The impulse response from each speaker's place, and when its direct path arrives.
absl::StatusOr<std::vector<RoomResponse>> DrawResponses(const SoundOptions::Room& options, size_t speakers, int rate,
                                                        Random* random) {
  ASSIGN_OR_RETURN(const DrawnRoom room,
                   DrawRoom(random->Next(), RangesOf(options), static_cast<int>(speakers), AbsorptionRule::kFitted));
  std::vector<RoomResponse> responses;
  for (size_t i = 0; i < speakers; ++i) {
    RoomOptions place = OptionsForSource(room, static_cast<int>(i));
    place.sample_rate = rate;
    ASSIGN_OR_RETURN(RoomResponse response, SimulateRoom(place));
    responses.push_back(std::move(response));
  }
  return responses;
}

// With its echo; what arrives first stays where it was said.
absl::StatusOr<FloatArray> InRoom(const FloatArray& sound, const RoomResponse& response) {
  ASSIGN_OR_RETURN(const FloatArray whole, Convolve(sound, response.samples));
  const auto delay = std::lround(response.direct_sample);
  FloatArray aligned = FloatArray::Zeros({whole.size() - delay});
  std::copy(whole.begin() + delay, whole.end(), aligned.mutable_data());
  return aligned;
}

std::vector<ActiveSpan> SpeechOf(const ConversationPlan& plan) {
  std::vector<ActiveSpan> spans;
  for (const PlannedSentence& planned : plan.sentences) {
    for (const SampleSpan& turn : planned.sentence.turns) {
      spans.push_back({planned.start + turn.begin, planned.start + turn.end});
    }
  }
  return spans;
}

absl::StatusOr<FloatArray> ReadNoise(const ManifestEntry& entry, int rate) {
  ASSIGN_OR_RETURN(const Waveform noise, DecodeAudio(entry.audio));
  return Resample(noise.samples, noise.sample_rate, rate);
}

}  // namespace

absl::Status CheckSoundOptions(const SoundOptions& options) {
  const NamedInterval kIntervals[] = {
      {"sentence_gain_db", options.sentence_gain_db(), -60, 60}, {"room.t60", options.room().t60(), 0, 20},
      {"room.width", options.room().width(), 0, 1000},           {"room.length", options.room().length(), 0, 1000},
      {"room.height", options.room().height(), 0, 1000},         {"noise.snr_db", options.noise().snr_db(), -100, 200},
  };
  for (const NamedInterval& named : kIntervals) {
    const double low = named.interval.low();
    const double high = High(named.interval);
    if (named.interval.has_high() && !named.interval.has_low()) {
      return absl::InvalidArgumentError(absl::StrCat(named.name, " has a high end, but no low one"));
    }
    if (!(low >= named.least && high <= named.most && low <= high)) {
      return absl::InvalidArgumentError(absl::StrCat(named.name, " goes from ", low, " to ", high,
                                                     "; it must lie within ", named.least, " and ", named.most,
                                                     ", the lower end first"));
    }
  }
  if (!(options.peak() > 0 && options.peak() <= 1)) {
    return absl::InvalidArgumentError(
        absl::StrCat("peak is ", options.peak(), "; it must lie above 0 and be at most 1"));
  }
  if (!(options.sentence_gain_probability() >= 0 && options.sentence_gain_probability() <= 1)) {
    return absl::InvalidArgumentError("sentence_gain_probability must lie between 0 and 1");
  }
  if (!(options.lowest_hz() >= 0 && options.highest_hz() >= 0)) {
    return absl::InvalidArgumentError("lowest_hz and highest_hz must not be negative");
  }
  if (options.has_noise() && !options.noise().snr_db().has_low()) {
    return absl::InvalidArgumentError("noise needs snr_db, the signal-to-noise ratio in dB");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const ConversationSound>> ConversationSound::Create(const SoundOptions& options) {
  RETURN_IF_ERROR(CheckSoundOptions(options));
  std::vector<ManifestEntry> noises;
  if (!options.noise().manifest().empty()) {
    ASSIGN_OR_RETURN(const std::string path, ResolvePath(options.noise().manifest()));
    ASSIGN_OR_RETURN(noises, ReadManifest(path));
    if (noises.empty()) return absl::InvalidArgumentError(absl::StrCat(path, ": the manifest of noises is empty"));
  }
  return std::shared_ptr<const ConversationSound>(new ConversationSound(options, std::move(noises)));
}

absl::StatusOr<FloatArray> ConversationSound::AddNoise(FloatArray session, const ConversationPlan& plan,
                                                       const ConversationOptions& options, Random* random) const {
  const double snr_db = Draw(options_.noise().snr_db(), random) * (options.quirks().half_snr() ? 0.5 : 1);
  const uint64_t seed = random->Next();
  FloatArray noise;
  if (!noises_.empty()) {
    const auto chosen = static_cast<size_t>(random->Below(static_cast<int64_t>(noises_.size())));
    ASSIGN_OR_RETURN(const FloatArray recorded, ReadNoise(noises_[chosen], plan.sample_rate));
    ASSIGN_OR_RETURN(noise, FitLength(recorded, seed, plan.num_samples));
  } else if (options_.noise().colour() == SoundOptions::Noise::WHITE) {
    ASSIGN_OR_RETURN(noise, WhiteNoise(seed, plan.num_samples));
  } else {
    ASSIGN_OR_RETURN(noise, PinkNoise(seed, plan.num_samples, plan.sample_rate));
  }
  return MixAtSnr(session, noise, snr_db, SpeechOf(plan));
}

absl::StatusOr<FloatArray> ConversationSound::Render(const ConversationPlan& plan, const SpeechSource& source,
                                                     const ConversationOptions& options, uint64_t seed,
                                                     const PieceReader& read) const {
  Random random(seed ^ kSoundSeed, static_cast<uint64_t>(plan.session));
  std::vector<RoomResponse> responses;
  if (options_.has_room()) {
    ASSIGN_OR_RETURN(responses, DrawResponses(options_.room(), plan.speakers.size(), plan.sample_rate, &random));
  }
  const SentenceEffect effect = [&](const PlannedSentence& planned, FloatArray sound) -> absl::StatusOr<FloatArray> {
    if (options_.has_sentence_gain_db() && random.Uniform() < options_.sentence_gain_probability()) {
      const double gain = Draw(options_.sentence_gain_db(), &random);
      RETURN_IF_ERROR(ApplyGainDb(gain, absl::MakeSpan(sound.mutable_data(), static_cast<size_t>(sound.size()))));
    }
    if (responses.empty()) return sound;
    return InRoom(sound, responses[static_cast<size_t>(planned.speaker)]);
  };
  ASSIGN_OR_RETURN(FloatArray session, MixConversation(plan, source, options, read, effect));
  if (options_.has_noise()) {
    ASSIGN_OR_RETURN(session, AddNoise(std::move(session), plan, options, &random));
  }
  if (options_.lowest_hz() > 0 || options_.highest_hz() > 0) {
    Band band;
    band.low_hz = options_.lowest_hz();
    band.high_hz = options_.highest_hz();
    ASSIGN_OR_RETURN(session, LimitBand(session, plan.sample_rate, band));
  }
  // Before the codec, which clips.
  const absl::Span<float> samples(session.mutable_data(), static_cast<size_t>(session.size()));
  const bool silent = Peak(samples) == 0;
  if (!silent) RETURN_IF_ERROR(NormalizePeak(options_.peak(), samples).status());
  if (options_.codec() == SoundOptions::NONE) return session;
  CodecOptions codec;
  codec.codec = CodecOf(options_.codec());
  return CodecRoundTrip(session, plan.sample_rate, codec);
}

}  // namespace diarflow
