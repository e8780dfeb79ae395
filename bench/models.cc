// How fast the networks beside Mimi are, alone or beside PyTorch and ONNX Runtime:
//
//   bazel run //bench:models
//   bench/peers.sh models && bazel run //bench:models -- --peers=~/.cache/diarflow/peers/models
//
// Every program runs the same network with the same weights on the same features or frames, in turn; medians of
// --rounds. Their numbers must agree, otherwise the exit code is 1. The rows "from samples" are with the front end,
// which the others do not have.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/files.h"
#include "base/status_macros.h"
#include "bench/median.h"
#include "bench/model_answer.h"
#include "bench/model_work.h"
#include "bench/peer_process.h"
#include "bench/report.h"
#include "models/torch_threads.h"

ABSL_FLAG(std::string, peers, "", "The folder that `bench/peers.sh models` made; empty: only ourselves.");
ABSL_FLAG(std::vector<std::string>, networks, std::vector<std::string>({"titanet", "campplus", "adapter"}),
          "Which of titanet, campplus and adapter.");
ABSL_FLAG(int32_t, rounds, 7, "How often each program does each piece of work.");
ABSL_FLAG(int32_t, threads, 2, "Threads of every program.");
ABSL_FLAG(std::string, out, "", "The folder that models.json and models.svg are written to; empty: none.");

namespace diarflow {
namespace {

struct Peer {
  std::string name;
  std::unique_ptr<PeerProcess> process;
  std::string problem;  // why it cannot run at all
};

struct Timed {
  std::vector<double> seconds;
  std::string problem;
  std::string note;
};

absl::StatusOr<std::string> StartPeer(const std::string& runtime, Peer* peer) {
  ASSIGN_OR_RETURN(const std::string folder, ResolvePath(absl::GetFlag(FLAGS_peers)));
  ASSIGN_OR_RETURN(const std::string script, ResolvePath("runfiles:bench/models_peer.py"));
  const std::string python = JoinPath(folder, "bin/python");
  if (!FileExists(python)) {
    return absl::NotFoundError(absl::StrCat("there is no ", python, ": `bench/peers.sh models` makes it"));
  }
  // Threads that wait leave the cores to whoever is timed next.
  ASSIGN_OR_RETURN(peer->process,
                   PeerProcess::Start({"/usr/bin/env", absl::StrCat("OMP_NUM_THREADS=", absl::GetFlag(FLAGS_threads)),
                                       "OMP_WAIT_POLICY=passive", python, script, runtime}));
  ASSIGN_OR_RETURN(const std::string line, peer->process->ReadLine());
  return ParseModelVersion(line);
}

std::vector<Peer> StartPeers() {
  std::vector<Peer> peers;
  if (absl::GetFlag(FLAGS_peers).empty()) return peers;
  for (const char* runtime : {"pytorch", "onnxruntime"}) {
    Peer peer;
    const absl::StatusOr<std::string> version = StartPeer(runtime, &peer);
    peer.name = version.ok() ? *version : runtime;
    if (!version.ok()) peer.problem = std::string(version.status().message());
    peers.push_back(std::move(peer));
  }
  return peers;
}

absl::StatusOr<ModelAnswer> AskPeer(const Peer& peer, const std::string& asked) {
  ASSIGN_OR_RETURN(const std::string line, peer.process->Ask(asked));
  return ParseModelAnswer(line);
}

// False when the peer's numbers are others.
bool CheckPeer(const Peer& peer, const ModelWork& work, const std::vector<float>& ours, Timed* timed) {
  timed->problem = peer.problem;
  if (!peer.problem.empty()) return true;
  const absl::StatusOr<ModelAnswer> theirs = AskPeer(peer, work.check_asked);
  if (!theirs.ok()) {
    timed->problem = std::string(theirs.status().message());
    return true;
  }
  const double apart = RelativeDistance(theirs->numbers, ours);
  const bool agrees = apart <= work.tolerance;
  timed->note = absl::StrFormat("numbers differ by %.1e%s", apart, agrees ? "" : ": THEY DISAGREE");
  return agrees;
}

absl::StatusOr<double> TimeOurs(const ModelRun& run) {
  const auto start = std::chrono::steady_clock::now();
  RETURN_IF_ERROR(run().status());
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

BenchRow RowOf(const ModelWork& work, const std::string& name, bool ours, const Timed& timed) {
  BenchRow row;
  row.group = work.group;
  row.name = name;
  row.ours = ours;
  row.problem = timed.problem;
  row.note = timed.note;
  if (!row.problem.empty() || timed.seconds.empty()) return row;
  row.ms = 1e3 * Median(timed.seconds);
  row.real_time = work.audio_seconds / Median(timed.seconds);
  return row;
}

// Times all programs in turn and adds their rows. False when numbers disagree.
absl::StatusOr<bool> Compare(const ModelWork& work, const std::vector<Peer>& peers, BenchReport* report) {
  ASSIGN_OR_RETURN(const std::vector<float> numbers, work.check());
  Timed ours, from_samples;
  std::vector<Timed> theirs(peers.size());
  bool agree = true;
  for (size_t p = 0; p < peers.size(); ++p) agree &= CheckPeer(peers[p], work, numbers, &theirs[p]);
  // Round 0 warms up.
  for (int round = 0; round <= std::max(1, absl::GetFlag(FLAGS_rounds)); ++round) {
    ASSIGN_OR_RETURN(const double seconds, TimeOurs(work.run));
    if (round > 0) ours.seconds.push_back(seconds);
    if (work.run_with_front_end) {
      ASSIGN_OR_RETURN(const double more, TimeOurs(work.run_with_front_end));
      if (round > 0) from_samples.seconds.push_back(more);
    }
    for (size_t p = 0; p < peers.size(); ++p) {
      if (!theirs[p].problem.empty()) continue;
      const absl::StatusOr<ModelAnswer> answer = AskPeer(peers[p], work.asked);
      if (!answer.ok()) {
        theirs[p].problem = std::string(answer.status().message());
      } else if (round > 0) {
        theirs[p].seconds.push_back(answer->seconds);
      }
    }
  }
  report->rows.push_back(RowOf(work, "diarflow", /*ours=*/true, ours));
  if (work.run_with_front_end) report->rows.push_back(RowOf(work, "diarflow, from samples", true, from_samples));
  for (size_t p = 0; p < peers.size(); ++p) {
    report->rows.push_back(RowOf(work, peers[p].name, /*ours=*/false, theirs[p]));
  }
  return agree;
}

absl::StatusOr<std::vector<ModelWork>> AllWork(const std::string& folder) {
  std::vector<ModelWork> all;
  for (const std::string& network : absl::GetFlag(FLAGS_networks)) {
    std::vector<ModelWork> some;
    if (network == "titanet") {
      ASSIGN_OR_RETURN(some, TitanetWork(folder));
    } else if (network == "campplus") {
      ASSIGN_OR_RETURN(some, CampplusWork(folder));
    } else if (network == "adapter") {
      ASSIGN_OR_RETURN(some, AdapterWork(folder));
    } else {
      return absl::InvalidArgumentError(
          absl::StrCat("--networks names \"", network, "\"; there are titanet, campplus and adapter"));
    }
    std::move(some.begin(), some.end(), std::back_inserter(all));
  }
  return all;
}

absl::StatusOr<bool> Bench(const std::string& folder) {
  SetModelThreads(absl::GetFlag(FLAGS_threads));
  ASSIGN_OR_RETURN(const std::vector<ModelWork> all, AllWork(folder));
  const std::vector<Peer> peers = StartPeers();
  const CpuFacts cpu = ThisCpu();
  BenchReport report;
  report.title = "Speaker networks and the adapter's training";
  report.facts = {{"CPU", cpu.name},
                  {"instructions", cpu.features},
                  {"threads", absl::StrCat(absl::GetFlag(FLAGS_threads))},
                  {"rounds", absl::StrCat(absl::GetFlag(FLAGS_rounds))}};
  bool agree = true;
  for (const ModelWork& work : all) {
    ASSIGN_OR_RETURN(const bool same, Compare(work, peers, &report));
    agree &= same;
  }
  CompareWithPeers(&report);
  std::printf("%s", BenchTable(report).c_str());
  if (!absl::GetFlag(FLAGS_out).empty()) {
    ASSIGN_OR_RETURN(const std::string out, ResolvePath(absl::GetFlag(FLAGS_out)));
    RETURN_IF_ERROR(WriteBenchReport(report, "models", out));
  }
  return agree;
}

}  // namespace
}  // namespace diarflow

int main(int argc, char** argv) {
  diarflow::SetProgramPath(argv[0]);
  absl::SetProgramUsageMessage("Times TitaNet, CAM++ and the adapter's training, alone or beside other programs.");
  absl::ParseCommandLine(argc, argv);
  std::string folder = (std::filesystem::temp_directory_path() / "diarflow-models-XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) {
    std::fprintf(stderr, "cannot make a folder like %s\n", folder.c_str());
    return 1;
  }
  const absl::StatusOr<bool> agree = diarflow::Bench(folder);
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
  if (agree.ok()) return *agree ? 0 : 1;
  std::fprintf(stderr, "%s\n", std::string(agree.status().message()).c_str());
  return 1;
}
