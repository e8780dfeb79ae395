// Sounds and files for tests.
#ifndef DIARFLOW_AUDIO_TEST_FILES_H_
#define DIARFLOW_AUDIO_TEST_FILES_H_

#include <cstdint>
#include <string>

#include "base/float_array.h"

namespace diarflow {

// A path in the folder that the test may write to.
std::string TestPath(const std::string& name);

// [channels, length]: tones with noise, other ones in each channel, every sample k / 32768 and below 1. The same
// numbers for the same arguments.
FloatArray TestSound(int64_t channels, int64_t length, uint32_t seed = 1);

// Writes [channels, N] with libsndfile in one of its formats, as SF_FORMAT_FLAC | SF_FORMAT_PCM_16, and gives the path
// back. Fails the test when libsndfile does.
std::string WriteEncoded(const std::string& name, int format, const FloatArray& samples, int sample_rate);

// Writes the bytes to TestPath(name) and gives that path back. Fails the test when it cannot.
std::string WriteBytes(const std::string& name, const std::string& bytes);

// The bytes of a file; fails the test when it cannot be read.
std::string ReadBytes(const std::string& path);

}  // namespace diarflow

#endif  // DIARFLOW_AUDIO_TEST_FILES_H_
