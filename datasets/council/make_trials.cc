// Writes the list of trials across sessions of recordings: see cross_session_trials.h.
//
//   make_trials --piece_seconds=3 --out=trials.txt FILE...
//
// A file's last three path components are its name in the list: speaker/session/utterance.wav.
#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "audio/decode.h"
#include "base/files.h"
#include "base/status_macros.h"
#include "datasets/council/cross_session_trials.h"
#include "datasets/trial_list.h"

ABSL_FLAG(int, piece_seconds, 0, "Length of the pieces to cut; 0: whole recordings");
ABSL_FLAG(std::string, out, "", "The file to write");

namespace diarflow {
namespace {

absl::Status MakeTrials(const std::vector<std::string>& files) {
  std::vector<Recording> recordings;
  for (const std::string& file : files) {
    ASSIGN_OR_RETURN(const AudioInfo info, ReadAudioInfo(file));
    const std::vector<std::string> parts = absl::StrSplit(file, '/');
    const auto name = parts.end() - std::min<size_t>(3, parts.size());
    recordings.push_back({absl::StrJoin(name, parts.end(), "/"), info.num_samples, info.sample_rate});
  }
  ASSIGN_OR_RETURN(const TrialList list, CrossSessionTrials(recordings, absl::GetFlag(FLAGS_piece_seconds)));
  return WriteFileAtomically(absl::GetFlag(FLAGS_out), FormatTrialList(list));
}

}  // namespace
}  // namespace diarflow

int main(int argc, char** argv) {
  const std::vector<char*> rest = absl::ParseCommandLine(argc, argv);
  const absl::Status status = diarflow::MakeTrials({rest.begin() + 1, rest.end()});
  if (status.ok()) return 0;
  std::cerr << "make_trials: " << status.message() << "\n";
  return 1;
}
