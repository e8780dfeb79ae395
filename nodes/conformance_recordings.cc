#include "nodes/conformance_recordings.h"

#include <unistd.h>

#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/files.h"
#include "base/status_matchers.h"
#include "gtest/gtest.h"

namespace diarflow {

FloatArray Noise(std::vector<int64_t> shape, int seed) {
  FloatArray noise = FloatArray::Zeros(std::move(shape));
  std::minstd_rand generator(static_cast<uint32_t>(seed + 1));
  std::uniform_real_distribution<float> uniform(-0.5f, 0.5f);
  for (int64_t i = 0; i < noise.size(); ++i) noise.mutable_data()[i] = uniform(generator);
  return noise;
}

FloatArray With(FloatArray noise, float number) {
  noise.mutable_data()[noise.size() / 2] = number;
  return noise;
}

std::string MadeFile(const std::string& name) {
  return absl::StrCat(testing::TempDir(), "/conformance_", getpid(), "_", name);
}

Utterance FileOf(const std::string& name, const std::string& bytes) {
  const std::string path = MadeFile(name + ".wav");
  EXPECT_OK(WriteFileAtomically(path, bytes));
  return {name, path, Rational(0), std::nullopt};
}

Utterance WavOf(const std::string& name, const FloatArray& samples) {
  const auto little_endian = [](uint32_t value, int bytes) {
    std::string text;
    for (int i = 0; i < bytes; ++i) text.push_back(static_cast<char>(value >> (8 * i) & 0xff));
    return text;
  };
  const std::string data(reinterpret_cast<const char*>(samples.data()), samples.empty() ? 0 : samples.byte_size());
  const auto size = static_cast<uint32_t>(data.size());
  return FileOf(
      name, absl::StrCat("RIFF", little_endian(36 + size, 4), "WAVEfmt ", little_endian(16, 4), little_endian(3, 2),
                         little_endian(1, 2), little_endian(16000, 4), little_endian(4 * 16000, 4), little_endian(4, 2),
                         little_endian(32, 2), "data", little_endian(size, 4), data));
}

Utterance GoodUtterance(int item) {
  return WavOf(absl::StrCat("item", item), Noise({kGoodSamples + 100 * item}, item));
}

const std::shared_ptr<const SpeechSource>& MadeVoices() {
  static const auto* const voices = [] {
    std::vector<ManifestEntry> entries;
    for (int speaker = 0; speaker < 4; ++speaker) {
      ManifestEntry entry;
      entry.audio = GoodUtterance(speaker).path;
      entry.speaker = absl::StrCat("speaker", speaker);
      entry.duration = 500000;
      entry.tokens = {{"", 100000}, {"word", 400000}, {"", 500000}};
      entries.push_back(entry);
    }
    auto source = SpeechSource::FromManifest(entries);
    EXPECT_OK(source);
    return new std::shared_ptr<const SpeechSource>(std::make_shared<const SpeechSource>(*std::move(source)));
  }();
  return *voices;
}

}  // namespace diarflow
