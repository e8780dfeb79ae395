// Noise, and recordings of it, for conformance tests.
#ifndef DIARFLOW_NODES_CONFORMANCE_RECORDINGS_H_
#define DIARFLOW_NODES_CONFORMANCE_RECORDINGS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/float_array.h"
#include "datasets/simulator/speech_source.h"
#include "nodes/payloads.h"

namespace diarflow {

// Samples of the shortest good recording.
inline constexpr int64_t kGoodSamples = 9000;

// Between -.5 and .5; the same for the same seed.
FloatArray Noise(std::vector<int64_t> shape, int seed);
// `noise` with one number in its middle replaced.
FloatArray With(FloatArray noise, float number);

// A path below the test's own folder; every process has names of its own.
std::string MadeFile(const std::string& name);
// A file of these bytes, called a wave file.
Utterance FileOf(const std::string& name, const std::string& bytes);
// A float32 wave file at 16 kHz with whatever numbers: WriteWav() refuses some.
Utterance WavOf(const std::string& name, const FloatArray& samples);
// Another for every item.
Utterance GoodUtterance(int item);

// Voices of one recording each, as many as a conversation has by default.
const std::shared_ptr<const SpeechSource>& MadeVoices();

}  // namespace diarflow

#endif  // DIARFLOW_NODES_CONFORMANCE_RECORDINGS_H_
