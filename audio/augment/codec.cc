#include "audio/augment/codec.h"

#include <sndfile.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "audio/augment/sndfile_round_trip.h"
#include "audio/resample.h"
#include "audio/time_grid.h"
#include "base/status_macros.h"

namespace diarflow {
namespace {

// Rates are all those from the first to the last when `any_between`.
struct CodecFacts {
  const char* name;
  int format;
  bool integers;
  bool has_quality;
  bool any_between;
  std::vector<int> rates;
};

const CodecFacts& Facts(Codec codec) {
  // In the order of the enumeration.
  static const auto* const facts = new std::vector<CodecFacts>{
      {"mu-law", SF_FORMAT_WAV | SF_FORMAT_ULAW, true, false, true, {1000, kMaxSampleRate}},
      {"a-law", SF_FORMAT_WAV | SF_FORMAT_ALAW, true, false, true, {1000, kMaxSampleRate}},
      {"gsm", SF_FORMAT_WAV | SF_FORMAT_GSM610, true, false, false, {8000}},
      {"ima-adpcm", SF_FORMAT_WAV | SF_FORMAT_IMA_ADPCM, true, false, true, {1000, kMaxSampleRate}},
      {"vorbis", SF_FORMAT_OGG | SF_FORMAT_VORBIS, false, true, true, {8000, 192000}},
      {"opus", SF_FORMAT_OGG | SF_FORMAT_OPUS, false, true, false, {8000, 12000, 16000, 24000, 48000}},
      {"mp3",
       SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III,
       false,
       true,
       false,
       {8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000}},
  };
  return (*facts)[static_cast<size_t>(codec)];
}

bool HasRate(const CodecFacts& facts, int rate) {
  if (facts.any_between) return rate >= facts.rates.front() && rate <= facts.rates.back();
  return std::find(facts.rates.begin(), facts.rates.end(), rate) != facts.rates.end();
}

absl::Status CheckArguments(const FloatArray& samples, int sample_rate, const CodecOptions& options) {
  const CodecFacts& facts = Facts(options.codec);
  if (samples.shape().size() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat(facts.name, " takes the samples of one channel, [N], not ", samples.ShapeString()));
  }
  if (const int64_t bad = samples.FirstNotFinite(); bad >= 0) {
    return absl::InvalidArgumentError(absl::StrCat(facts.name, ": sample ", bad, " is not finite"));
  }
  if (sample_rate < 1 || sample_rate > kMaxSampleRate) {
    return absl::InvalidArgumentError(absl::StrCat(facts.name, ": the sample rate is ", sample_rate,
                                                   " Hz; it must be from 1 to ", kMaxSampleRate, " Hz"));
  }
  if (options.coding_rate != 0 && !HasRate(facts, options.coding_rate)) {
    return absl::InvalidArgumentError(absl::StrCat(
        facts.name, " cannot encode at ", options.coding_rate, " Hz; it can at ",
        absl::StrJoin(facts.rates, facts.any_between ? " to " : ", "), " Hz, and 0 chooses by the sample rate"));
  }
  if (!(options.quality >= 0 && options.quality <= 1)) {
    return absl::InvalidArgumentError(
        absl::StrCat(facts.name, ": the quality is ", options.quality, "; it must be from 0 to 1"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::string_view CodecName(Codec codec) { return Facts(codec).name; }

int CodingRate(Codec codec, int sample_rate) {
  const CodecFacts& facts = Facts(codec);
  if (facts.any_between) return std::clamp(sample_rate, facts.rates.front(), facts.rates.back());
  const auto above = std::lower_bound(facts.rates.begin(), facts.rates.end(), sample_rate);
  return above == facts.rates.end() ? facts.rates.back() : *above;
}

absl::StatusOr<FloatArray> CodecRoundTrip(const FloatArray& samples, int sample_rate, const CodecOptions& options) {
  RETURN_IF_ERROR(CheckArguments(samples, sample_rate, options));
  if (samples.empty()) return samples;
  const CodecFacts& facts = Facts(options.codec);
  SndfileFormat format;
  format.name = facts.name;
  format.format = facts.format;
  format.integers = facts.integers;
  if (facts.has_quality) format.quality = options.quality;
  const int rate = options.coding_rate != 0 ? options.coding_rate : CodingRate(options.codec, sample_rate);
  ASSIGN_OR_RETURN(const FloatArray input, Resample(samples, sample_rate, rate));
  ASSIGN_OR_RETURN(const FloatArray decoded, SndfileRoundTrip(input, rate, format));
  ASSIGN_OR_RETURN(const FloatArray output, Resample(decoded, rate, sample_rate));
  if (output.size() == samples.size()) return output;
  FloatArray cut = FloatArray::Zeros({samples.size()});
  std::copy_n(output.begin(), samples.size(), cut.mutable_data());
  return cut;
}

}  // namespace diarflow
