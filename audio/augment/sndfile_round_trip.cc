#include "audio/augment/sndfile_round_trip.h"

#include <sndfile.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <new>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "audio/memory_file.h"
#include "audio/sndfile_open.h"
#include "base/status_macros.h"

namespace diarflow {
namespace {

// Samples at once: encoders of lossy formats keep blocks on the stack.
constexpr int64_t kBlock = 4096;

struct Close {
  void operator()(SNDFILE* file) const { sf_close(file); }
};
using File = std::unique_ptr<SNDFILE, Close>;

absl::StatusOr<File> Open(MemoryFile* memory, SF_VIRTUAL_IO* callbacks, int mode, SF_INFO* info,
                          const SndfileFormat& format) {
  const absl::StatusOr<SNDFILE*> file = OpenSndfile(callbacks, mode, info, memory);
  if (file.ok()) return File(*file);
  return absl::UnimplementedError(absl::StrCat(format.name, " cannot be ", mode == SFM_WRITE ? "encoded" : "decoded",
                                               " by the installed ", sf_version_string(), ": ",
                                               file.status().message()));
}

absl::Status Failed(const SndfileFormat& format, absl::string_view what, absl::string_view reason) {
  return absl::InternalError(absl::StrCat(format.name, " in memory: ", sf_version_string(), " ", what, ": ", reason));
}

int64_t Write(SNDFILE* file, const float* samples, int64_t count, bool integers) {
  if (!integers) {
    std::vector<float> block(static_cast<size_t>(count));
    std::transform(samples, samples + count, block.begin(), [](float x) { return std::clamp(x, -1.0f, 1.0f); });
    return sf_writef_float(file, block.data(), count);
  }
  std::vector<int16_t> block(static_cast<size_t>(count));
  std::transform(samples, samples + count, block.begin(), [](float x) {
    return static_cast<int16_t>(std::clamp(std::nearbyint(x * 32768.0), -32768.0, 32767.0));
  });
  return sf_writef_short(file, block.data(), count);
}

absl::Status Encode(const FloatArray& samples, int sample_rate, const SndfileFormat& format, MemoryFile* memory) {
  SF_INFO info = {};
  info.samplerate = sample_rate;
  info.channels = 1;
  info.format = format.format;
  SF_VIRTUAL_IO callbacks = MemoryFile::Callbacks();
  ASSIGN_OR_RETURN(File file, Open(memory, &callbacks, SFM_WRITE, &info, format));
  if (format.quality.has_value()) {
    // MP3 takes no quality of exactly 0.
    double quality = std::max(*format.quality, 1e-3);
    if (sf_command(file.get(), SFC_SET_VBR_ENCODING_QUALITY, &quality, sizeof(quality)) != SF_TRUE) {
      return Failed(format, absl::StrCat("takes no quality of ", quality), sf_strerror(file.get()));
    }
  }
  for (int64_t done = 0; done < samples.size();) {
    const int64_t count = std::min(kBlock, samples.size() - done);
    if (Write(file.get(), samples.data() + done, count, format.integers) != count) {
      return Failed(format, absl::StrCat("cannot encode behind sample ", done), sf_strerror(file.get()));
    }
    done += count;
  }
  if (const int error = sf_close(file.release()); error != 0) {
    return Failed(format, "cannot finish encoding", sf_error_number(error));
  }
  return absl::OkStatus();
}

absl::StatusOr<FloatArray> Decode(int64_t length, int sample_rate, const SndfileFormat& format, MemoryFile* memory) {
  memory->position = 0;
  SF_INFO info = {};
  SF_VIRTUAL_IO callbacks = MemoryFile::Callbacks();
  ASSIGN_OR_RETURN(const File file, Open(memory, &callbacks, SFM_READ, &info, format));
  if (info.samplerate != sample_rate || info.channels != 1) {
    return Failed(format, "decodes something else than was encoded",
                  absl::StrCat(info.channels, " channels at ", info.samplerate, " Hz"));
  }
  FloatArray samples = FloatArray::Zeros({length});
  for (int64_t done = 0; done < length;) {
    const int64_t got = sf_readf_float(file.get(), samples.mutable_data() + done, std::min(kBlock, length - done));
    if (got <= 0) {
      return Failed(format, absl::StrCat("decodes ", done, " of ", length, " samples"), sf_strerror(file.get()));
    }
    done += got;
  }
  return samples;
}

}  // namespace

absl::StatusOr<FloatArray> SndfileRoundTrip(const FloatArray& samples, int sample_rate, const SndfileFormat& format) {
  if (samples.empty()) return samples;
  try {
    MemoryFile memory;
    RETURN_IF_ERROR(Encode(samples, sample_rate, format, &memory));
    return Decode(samples.size(), sample_rate, format, &memory);
  } catch (const std::bad_alloc&) {
    return absl::ResourceExhaustedError(absl::StrCat("no memory for ", samples.size(), " samples as ", format.name));
  }
}

}  // namespace diarflow
