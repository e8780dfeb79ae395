// Who spoke when in a file, from a C++ program:
//
//   diarize_file SEGMENTATION.pt CAMPPLUS.pt RECORDING.wav
#include <cstdio>
#include <string>

#include "audio/decode.h"
#include "audio/resample.h"
#include "base/status_macros.h"
#include "diarization/diarizer.h"

namespace {

absl::Status DiarizeFile(const char* segmentation, const char* campplus, const char* path) {
  diarflow::DiarizerOptions options;
  options.segmentation = segmentation;
  options.campplus = campplus;
  ASSIGN_OR_RETURN(const diarflow::Diarizer::Ptr diarizer, diarflow::Diarizer::Create(options));

  ASSIGN_OR_RETURN(const diarflow::Waveform file, diarflow::DecodeAudio(path));
  ASSIGN_OR_RETURN(const diarflow::FloatArray samples,
                   diarflow::Resample(file.samples, file.sample_rate, diarflow::kDiarizerSampleRate));
  ASSIGN_OR_RETURN(const diarflow::Diarization result, diarizer->Run(samples));

  for (const diarflow::DiarizedTurn& turn : result.turns) {
    std::printf("%8.3f %8.3f  %s\n", 1e-6 * turn.turn.start, 1e-6 * turn.turn.end(), turn.turn.speaker.c_str());
  }
  return absl::OkStatus();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "diarize_file SEGMENTATION.pt CAMPPLUS.pt RECORDING.wav\n");
    return 2;
  }
  const absl::Status status = DiarizeFile(argv[1], argv[2], argv[3]);
  if (!status.ok()) std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
  return status.ok() ? 0 : 1;
}
