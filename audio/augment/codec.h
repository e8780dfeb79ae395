// What a lossy codec leaves of a sound: encoded and decoded in memory by libsndfile.
//
// The output has the input's length, rate and time axis: codecs that work at another rate are reached and left by
// Resample(), which delays nothing, and what an encoder or decoder delays is taken out by libsndfile.
#ifndef DIARFLOW_AUDIO_AUGMENT_CODEC_H_
#define DIARFLOW_AUDIO_AUGMENT_CODEC_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/float_array.h"

namespace diarflow {

enum class Codec {
  kMuLaw,     // "mu-law": G.711 of North America and Japan, 8 bits a sample
  kALaw,      // "a-law": G.711 elsewhere
  kGsm610,    // "gsm": GSM 06.10 full rate, 13 kbit/s at 8 kHz
  kImaAdpcm,  // "ima-adpcm": 4 bits a sample
  kVorbis,    // "vorbis": Ogg Vorbis
  kOpus,      // "opus": Ogg Opus
  kMp3,       // "mp3": MPEG layer III, variable rate
};

inline constexpr Codec kCodecs[] = {Codec::kMuLaw,  Codec::kALaw, Codec::kGsm610, Codec::kImaAdpcm,
                                    Codec::kVorbis, Codec::kOpus, Codec::kMp3};

// The names in quotes above.
absl::string_view CodecName(Codec codec);

struct CodecOptions {
  Codec codec = Codec::kMuLaw;
  // The rate at which is encoded, Hz; 0: CodingRate(). 8000 makes a telephone of the codecs that work at any rate.
  int coding_rate = 0;
  // 0 (worst) to 1 (best), for Vorbis, Opus and MP3; the others have none. At 16 kHz, for noise as broad as speech:
  //   Vorbis 36 kbit/s at 0, 47 at 0.5, 73 at 1;  Opus 7, 135, 262;  MP3 19, 29, 50.
  double quality = 0.5;
};

// The rate at which a codec encodes a sound of some rate when nothing else is asked for: the sound's own where it can,
// else the next above that it can, else its highest. GSM: 8000. Opus: 8, 12, 16, 24 or 48 kHz. MP3: those and 11.025,
// 22.05, 32 and 44.1 kHz. Vorbis: 8 to 192 kHz. The others: 1 kHz to kMaxSampleRate. REQUIRES: sample_rate > 0.
int CodingRate(Codec codec, int sample_rate);

// [N] to [N]. Samples beyond full scale are clipped. Deterministic: equal input, equal libraries, equal output.
// kInvalidArgument: samples that have not one axis or are not finite; a rate outside 1 to kMaxSampleRate; a coding rate
// that the codec has not; a quality outside 0 to 1. kUnimplemented: the installed libsndfile has not the codec (it may
// be built without Vorbis, Opus or MP3; the message holds its version and reason). kInternal, kResourceExhausted.
absl::StatusOr<FloatArray> CodecRoundTrip(const FloatArray& samples, int sample_rate, const CodecOptions& options);

}  // namespace diarflow

#endif  // DIARFLOW_AUDIO_AUGMENT_CODEC_H_
