#include "audio/test_files.h"

#include <sndfile.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "base/files.h"
#include "gtest/gtest.h"

namespace diarflow {

std::string TestPath(const std::string& name) { return JoinPath(testing::TempDir(), name); }

FloatArray TestSound(int64_t channels, int64_t length, uint32_t seed) {
  std::mt19937 random(seed);
  FloatArray sound = FloatArray::Zeros({channels, length});
  float* out = sound.mutable_data();
  for (int64_t c = 0; c < channels; ++c) {
    const double pitch = 0.01 + 0.1 * (random() % 1000) / 1000.0;
    for (int64_t n = 0; n < length; ++n) {
      const double value = 0.5 * std::sin(pitch * n) * std::sin(1e-4 * n + c) + 0.2 * (random() % 2001 / 1000.0 - 1);
      *out++ = static_cast<float>(std::round(32768 * value) / 32768);
    }
  }
  return sound;
}

std::string WriteEncoded(const std::string& name, int format, const FloatArray& samples, int sample_rate) {
  const std::string path = TestPath(name);
  const int64_t channels = samples.dim(0);
  const int64_t length = samples.dim(1);
  SF_INFO info = {};
  info.samplerate = sample_rate;
  info.channels = static_cast<int>(channels);
  info.format = format;
  SNDFILE* const file = sf_open(path.c_str(), SFM_WRITE, &info);
  if (file == nullptr) {
    ADD_FAILURE() << path << ": " << sf_strerror(nullptr);
    return path;
  }
  // In blocks: encoders of lossy formats keep big ones on the stack. libsndfile takes full scale as 32767 when it turns
  // floats into 16 bit integers, so these are made here.
  const bool pcm16 = (format & SF_FORMAT_SUBMASK) == SF_FORMAT_PCM_16;
  std::vector<float> block;
  for (int64_t begin = 0; begin < length; begin += 4000) {
    const int64_t count = std::min<int64_t>(4000, length - begin);
    block.clear();
    for (int64_t n = 0; n < count; ++n) {
      for (int64_t c = 0; c < channels; ++c) block.push_back(samples[c * length + begin + n]);
    }
    std::vector<int16_t> integers(block.size());
    std::transform(block.begin(), block.end(), integers.begin(),
                   [](float x) { return static_cast<int16_t>(std::lround(32768 * x)); });
    EXPECT_EQ(pcm16 ? sf_writef_short(file, integers.data(), count) : sf_writef_float(file, block.data(), count), count)
        << path;
  }
  EXPECT_EQ(sf_close(file), 0) << path;
  return path;
}

std::string WriteBytes(const std::string& name, const std::string& bytes) {
  const std::string path = TestPath(name);
  const absl::Status status = WriteFileAtomically(path, bytes);
  EXPECT_TRUE(status.ok()) << status;
  return path;
}

std::string ReadBytes(const std::string& path) {
  const absl::StatusOr<std::string> bytes = ReadFile(path);
  EXPECT_TRUE(bytes.ok()) << bytes.status();
  return bytes.value_or("");
}

}  // namespace diarflow
