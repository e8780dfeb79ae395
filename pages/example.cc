// Writes a page, or a picture, of a recording with a made-up result: its reference, disturbed.
//   example RECORDING REFERENCE.rttm OUT.html|OUT.svg [beside | within]
// With "beside" the page looks for RECORDING's name in its own folder; without a word it has no sound.
#include <cstdint>
#include <iostream>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/types/span.h"
#include "audio/decode.h"
#include "base/files.h"
#include "base/status_macros.h"
#include "datasets/formats/rttm.h"
#include "metrics/random_turns.h"
#include "pages/diarization_page.h"
#include "pages/peaks.h"

namespace diarflow {
namespace {

Diarization Disturbed(const Recording& reference) {
  std::mt19937_64 random(4);
  std::map<std::string, std::string> names;
  Diarization result;
  for (Turn& turn : RandomHypothesis(reference, 250000, &random).turns) {
    turn.speaker = names.emplace(turn.speaker, absl::StrCat("speaker", names.size() + 1)).first->second;
    result.turns.push_back({std::move(turn), 0.4 + 0.001 * static_cast<double>(random() % 600)});
  }
  return result;
}

absl::Status Write(const std::string& recording, const std::string& rttm, const std::string& out,
                   const std::string& sound) {
  ASSIGN_OR_RETURN(const std::string path, ResolvePath(recording));
  ASSIGN_OR_RETURN(const std::string rttm_path, ResolvePath(rttm));
  ASSIGN_OR_RETURN(const std::string out_path, ResolvePath(out));
  ASSIGN_OR_RETURN(const Waveform waveform, DecodeAudio(path));
  ASSIGN_OR_RETURN(const std::vector<Recording> references, ReadRttm(rttm_path));
  const std::string file = std::vector<std::string>(absl::StrSplit(path, '/')).back();
  DiarizationPageInput input;
  input.title = file.substr(0, file.rfind('.'));
  for (const Recording& reference : references) {
    if (absl::EndsWith(reference.uri, input.title)) input.reference = reference;
  }
  if (!input.reference.has_value()) return absl::NotFoundError(absl::StrCat(rttm, " has nothing of ", input.title));
  input.result = Disturbed(*input.reference);
  input.duration = MicrosecondsFromSamples(waveform.samples.size(), waveform.sample_rate);
  input.region = {{0, input.duration}};
  input.peaks =
      PeaksOf(absl::MakeConstSpan(waveform.samples.data(), static_cast<size_t>(waveform.samples.size())), 4000);
  input.settings = {{"result", "the reference with boundaries moved, turns left out, invented and given to others"}};
  if (sound == "beside") input.sound = SoundBeside{file};
  if (sound == "within") {
    ASSIGN_OR_RETURN(std::string bytes, ReadFile(path));
    input.sound = SoundWithin{std::move(bytes), "audio/wav"};
  }
  ASSIGN_OR_RETURN(const std::string page,
                   absl::EndsWith(out, ".svg") ? DiarizationSvg(input) : DiarizationPageHtml(input));
  return WriteFileAtomically(out_path, page);
}

}  // namespace
}  // namespace diarflow

int main(int argc, char** argv) {
  diarflow::SetProgramPath(argv[0]);
  if (argc < 4) {
    std::cerr << "example RECORDING REFERENCE.rttm OUT.html|OUT.svg [beside | within]\n";
    return 2;
  }
  const absl::Status status = diarflow::Write(argv[1], argv[2], argv[3], argc > 4 ? argv[4] : "");
  if (!status.ok()) std::cerr << "example: " << status.message() << "\n";
  return status.ok() ? 0 : 1;
}
