#include "audio/write_wav.h"

#include <sndfile.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "audio/memory_file.h"
#include "audio/sndfile_open.h"
#include "audio/time_grid.h"
#include "base/files.h"
#include "base/status_macros.h"

namespace diarflow {
namespace {

constexpr int64_t kMaxChannels = 1024;  // libsndfile's
constexpr int64_t kMaxHeaderBytes = 4096;
constexpr int64_t kMaxDataBytes = (int64_t{1} << 32) - kMaxHeaderBytes;

absl::Status CheckArguments(const std::string& path, const FloatArray& samples, int64_t channels, int sample_rate,
                            int64_t sample_bytes) {
  if (samples.shape().size() > 2 || channels < 1 || channels > kMaxChannels) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": samples of the shape ", samples.ShapeString(),
                                                   ": [N] or [channels, N] with 1 to ", kMaxChannels,
                                                   " channels can be written"));
  }
  if (sample_rate < 1 || sample_rate > kMaxSampleRate) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": a sample rate of ", sample_rate, " Hz: it must be from 1 to ", kMaxSampleRate));
  }
  if (samples.size() > kMaxDataBytes / sample_bytes) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": ", samples.size(), " numbers do not fit into a WAV file: they need more than 4 GiB"));
  }
  const float* bad = std::find_if(samples.begin(), samples.end(), [](float x) { return !std::isfinite(x); });
  if (bad == samples.end()) return absl::OkStatus();
  const int64_t index = bad - samples.begin();
  const int64_t length = samples.size() / channels;
  return absl::InvalidArgumentError(absl::StrCat(path, ": sample ", index % length, " of channel ", index / length,
                                                 " is ", std::isnan(*bad) ? "not a number (NaN)" : "infinite"));
}

int16_t ToPcm16(float x) {
  return static_cast<int16_t>(std::clamp(std::nearbyint(static_cast<double>(x) * 32768.0), -32768.0, 32767.0));
}

template <typename T, typename Convert>
std::vector<T> Interleave(const FloatArray& samples, int64_t channels, Convert convert) {
  const int64_t length = samples.size() / channels;
  std::vector<T> interleaved(static_cast<size_t>(samples.size()));
  for (int64_t c = 0; c < channels; ++c) {
    for (int64_t i = 0; i < length; ++i) {
      interleaved[static_cast<size_t>(i * channels + c)] = convert(samples[c * length + i]);
    }
  }
  return interleaved;
}

absl::Status Encode(const std::string& path, const FloatArray& samples, int64_t channels, int sample_rate,
                    WavFormat format, MemoryFile* memory) {
  const bool pcm16 = format == WavFormat::kPcm16;
  SF_INFO info = {};
  info.samplerate = sample_rate;
  info.channels = static_cast<int>(channels);
  info.format = SF_FORMAT_WAV | (pcm16 ? SF_FORMAT_PCM_16 : SF_FORMAT_FLOAT);
  SF_VIRTUAL_IO callbacks = MemoryFile::Callbacks();
  std::vector<int16_t> integers;
  std::vector<float> floats;
  if (pcm16) {
    integers = Interleave<int16_t>(samples, channels, ToPcm16);
  } else {
    floats = Interleave<float>(samples, channels, [](float x) { return x; });
  }
  const absl::StatusOr<SNDFILE*> opened = OpenSndfile(&callbacks, SFM_WRITE, &info, memory);
  if (!opened.ok()) return absl::InternalError(absl::StrCat(path, ": libsndfile says: ", opened.status().message()));
  SNDFILE* const file = *opened;
  // The PEAK chunk of float files would hold the time of writing.
  sf_command(file, SFC_SET_ADD_PEAK_CHUNK, nullptr, SF_FALSE);
  const int64_t written = pcm16 ? sf_write_short(file, integers.data(), samples.size())
                                : sf_write_float(file, floats.data(), samples.size());
  if (sf_close(file) != 0 || written != samples.size()) {
    return absl::InternalError(absl::StrCat(path, ": libsndfile wrote ", written, " of ", samples.size(), " numbers"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> WavBytes(const std::string& path, const FloatArray& samples, int sample_rate,
                                     WavFormat format) {
  const int64_t channels = samples.shape().size() == 1 ? 1 : samples.shape().empty() ? 0 : samples.dim(0);
  const int64_t sample_bytes = format == WavFormat::kPcm16 ? 2 : 4;
  RETURN_IF_ERROR(CheckArguments(path, samples, channels, sample_rate, sample_bytes));
  try {
    MemoryFile memory;
    // All of it now: no exception may pass through libsndfile.
    memory.bytes.reserve(static_cast<size_t>(samples.size() * sample_bytes + kMaxHeaderBytes));
    RETURN_IF_ERROR(Encode(path, samples, channels, sample_rate, format, &memory));
    return std::move(memory.bytes);
  } catch (const std::bad_alloc&) {
    return absl::ResourceExhaustedError(
        absl::StrCat(path, ": no memory for a WAV file of ", samples.size(), " numbers"));
  }
}

absl::Status WriteWav(const std::string& path, const FloatArray& samples, int sample_rate, WavFormat format) {
  ASSIGN_OR_RETURN(const std::string bytes, WavBytes(path, samples, sample_rate, format));
  return WriteFileAtomically(path, bytes);
}

}  // namespace diarflow
