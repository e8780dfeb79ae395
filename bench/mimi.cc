// How fast the Mimi encoder of the released size is, alone or beside moshi, transformers and rustymimi:
//
//   bazel run //bench:mimi
//   bench/peers.sh mimi && bazel run //bench:mimi -- --peers=~/.cache/diarflow/peers/mimi
//   bazel run //bench:mimi -- --linear          does the cost grow with the length alone?
//
// Seeded weights and noise, the same for moshi and for us (the others bring weights of their own). The programs take
// turns; medians of --rounds. Shares are of what the same cores reach in this run: of the fastest matrix products, and
// for single streams, which read all weights in each step, of the memory's bandwidth.
#include "models/mimi/mimi.h"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
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
#include "absl/strings/string_view.h"
#include "base/files.h"
#include "base/float_array.h"
#include "base/status_macros.h"
#include "bench/median.h"
#include "bench/mimi_answer.h"
#include "bench/peer_process.h"
#include "bench/report.h"
#include "models/mimi/mimi_config.h"
#include "models/mimi/mimi_weights.h"
#include "models/roofline/roofline.h"
#include "models/torch_threads.h"
#include "models/weights/safetensors.h"
#include "models/weights/tensor_table.h"
#include "nlohmann/json.hpp"

ABSL_FLAG(std::string, peers, "", "The folder that `bench/peers.sh mimi` made; empty: only ourselves.");
ABSL_FLAG(int32_t, rounds, 5, "How often each program does each piece of work.");
ABSL_FLAG(int32_t, threads, 2, "Threads of every program.");
ABSL_FLAG(std::string, out, "diarflow-out/bench/mimi", "The folder that mimi.json and mimi.svg are written to.");
ABSL_FLAG(bool, linear, false, "Instead: CPU time for an hour of audio, measured on 1, 10 and 100 minutes.");

namespace diarflow {
namespace {

constexpr int64_t kSeconds = 10;
constexpr int kSteps = 60;
constexpr double kStepSeconds = static_cast<double>(kMimiFrameSamples) / kMimiSampleRate;
constexpr uint64_t kSeed = 1;

double CpuSeconds() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         1e-6 * static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

double Percentile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  return values[std::min(values.size() - 1, static_cast<size_t>(share * static_cast<double>(values.size())))];
}

// What the figures are shares of, by precision.
struct Roofline {
  double gflops[2];
  double bandwidth;
};

class MimiBench {
 public:
  explicit MimiBench(std::string folder) : folder_(std::move(folder)) {}

  absl::Status Run() {
    const int threads = std::max(1, absl::GetFlag(FLAGS_threads));
    SetModelThreads(threads);
    for (const MimiPrecision precision : Precisions()) {
      ASSIGN_OR_RETURN(MimiEncoder::Ptr encoder, MimiEncoder::Random(ReleasedMimiConfig(), kSeed, precision));
      encoders_.push_back(std::move(encoder));
    }
    roofline_ = {{PeakGflops(Operand::kFloat32, threads, 1), PeakGflops(Operand::kBfloat16, threads, 1)},
                 PeakReadBandwidth(threads, 1)};
    RETURN_IF_ERROR(StartPeers());
    const CpuFacts cpu = ThisCpu();
    report_.title = "Mimi encoder, released size";
    report_.facts = {
        {"CPU", cpu.name},
        {"instructions", cpu.features},
        {"threads", absl::StrCat(threads)},
        {"rounds", absl::StrCat(absl::GetFlag(FLAGS_rounds))},
        {"a second of audio", absl::StrFormat("%.2f GFLOP", Operations() / 1e9)},
        {"fastest products", absl::StrFormat("fp32 %.0f, bf16 %.0f GFLOP/s", roofline_.gflops[0], roofline_.gflops[1])},
        {"memory", absl::StrFormat("%.1f GB/s read", roofline_.bandwidth / 1e9)}};
    RETURN_IF_ERROR(Wholes(1, threads));
    RETURN_IF_ERROR(Wholes(8, threads));
    RETURN_IF_ERROR(Wholes(1, 1));
    SetModelThreads(threads);
    RETURN_IF_ERROR(OneStream());
    RETURN_IF_ERROR(ManyStreams());
    CompareWithPeers(&report_);
    std::printf("%s", BenchTable(report_).c_str());
    ASSIGN_OR_RETURN(const std::string out, ResolvePath(absl::GetFlag(FLAGS_out)));
    RETURN_IF_ERROR(WriteBenchReport(report_, "mimi", out));
    std::printf("written: %s, mimi.json and mimi.svg\n", out.c_str());
    return absl::OkStatus();
  }

  // CPU time and memory at three lengths, in turn, as a stream in pieces of ten seconds.
  absl::Status Linear() {
    SetModelThreads(std::max(1, absl::GetFlag(FLAGS_threads)));
    const MimiPrecision precision = FastestMimiPrecision();
    ASSIGN_OR_RETURN(const MimiEncoder::Ptr encoder, MimiEncoder::Random(ReleasedMimiConfig(), kSeed, precision));
    const FloatArray piece = Noise(kSeconds * kMimiSampleRate);
    const int minutes[] = {1, 10, 100};
    std::vector<double> cpu[3];
    double memory[3] = {};
    for (int round = 0; round < std::max(1, absl::GetFlag(FLAGS_rounds)); ++round) {
      for (int i = 0; i < 3; ++i) {
        ASSIGN_OR_RETURN(MimiState state, encoder->NewState(1, MimiTap::kLatent12));
        // A minute is measured ten times, so that it is long enough to be measured.
        const int repeats = std::max(1, 10 / minutes[i]);
        const double began = CpuSeconds();
        for (int repeat = 0; repeat < repeats; ++repeat) {
          state.Reset();
          for (int64_t second = 0; second < minutes[i] * 60; second += kSeconds) {
            RETURN_IF_ERROR(encoder->Step(state, {piece}).status());
          }
        }
        cpu[i].push_back((CpuSeconds() - began) / repeats * 60 / minutes[i]);
        memory[i] = PeakMemoryMb();
      }
    }
    std::printf("%s, pieces of %d s\naudio      CPU seconds an hour   of 1 minute   peak memory\n",
                NameOf(precision).c_str(), static_cast<int>(kSeconds));
    for (int i = 0; i < 3; ++i) {
      std::printf("%3d min    %19.2f   %+9.1f %%   %8.0f MB\n", minutes[i], Median(cpu[i]),
                  100 * (Median(cpu[i]) / Median(cpu[0]) - 1), memory[i]);
    }
    return absl::OkStatus();
  }

 private:
  struct Peer {
    std::string kind;
    std::string name;
    std::string problem;
    std::unique_ptr<PeerProcess> process;
  };
  // One program in one mode.
  struct Mode {
    std::string name;
    bool ours = false;
    Operand operand = Operand::kFloat32;
    std::function<absl::StatusOr<MimiAnswer>()> once;
    std::string problem;
    std::vector<double> seconds;
    MimiAnswer last;
  };

  static double Operations() { return MimiOperationsPerSecond(ReleasedMimiConfig()); }

  absl::Status StartPeers() {
    if (absl::GetFlag(FLAGS_peers).empty()) return absl::OkStatus();
    ASSIGN_OR_RETURN(const std::string folder, ResolvePath(absl::GetFlag(FLAGS_peers)));
    ASSIGN_OR_RETURN(const std::string script, ResolvePath("runfiles:bench/mimi_peer.py"));
    const std::string python = JoinPath(folder, "bin/python");
    if (!FileExists(python)) {
      return absl::NotFoundError(absl::StrCat("there is no ", python, ": `bench/peers.sh mimi` makes it"));
    }
    TensorTable table;
    for (const auto& [name, values] : RandomMimiWeights(ReleasedMimiConfig(), kSeed)) {
      RETURN_IF_ERROR(table.AddFloats(name, values));
    }
    const std::string weights = JoinPath(folder_, "mimi.safetensors"), audio = JoinPath(folder_, "audio.f32");
    RETURN_IF_ERROR(WriteSafetensors(weights, table));
    const FloatArray noise = Noise(kSeconds * kMimiSampleRate);
    RETURN_IF_ERROR(
        WriteFileAtomically(audio, absl::string_view(reinterpret_cast<const char*>(noise.data()), noise.byte_size())));
    for (const char* kind : {"moshi", "transformers", "rustymimi"}) {
      Peer peer;
      peer.kind = peer.name = kind;
      // Threads that wait leave the cores to whoever is timed next.
      ASSIGN_OR_RETURN(
          peer.process,
          PeerProcess::Start({"/usr/bin/env", absl::StrCat("OMP_NUM_THREADS=", absl::GetFlag(FLAGS_threads)),
                              absl::StrCat("RAYON_NUM_THREADS=", absl::GetFlag(FLAGS_threads)),
                              "OMP_WAIT_POLICY=passive", python, script, kind, weights, audio}));
      const absl::StatusOr<std::string> line = peer.process->ReadLine();
      const auto said = nlohmann::json::parse(line.ok() ? *line : "", nullptr, /*allow_exceptions=*/false);
      if (said.is_object() && said.contains("version")) {
        peer.name = said["version"].get<std::string>();
      } else {
        peer.problem = line.ok() ? *line : std::string(line.status().message());
      }
      peers_.push_back(std::move(peer));
    }
    return absl::OkStatus();
  }

  Mode PeerMode(const std::string& kind, const std::string& numbers, const nlohmann::json& asked) {
    Mode mode;
    for (Peer& peer : peers_) {
      if (peer.kind != kind) continue;
      mode.name = absl::StrCat(peer.name, " ", numbers);
      mode.problem = peer.problem;
      mode.once = [&peer, line = asked.dump()]() -> absl::StatusOr<MimiAnswer> {
        ASSIGN_OR_RETURN(const std::string answer, peer.process->Ask(line));
        return ParseMimiAnswer(answer);
      };
    }
    mode.operand = numbers == "fp32" ? Operand::kFloat32 : Operand::kBfloat16;
    return mode;
  }

  // Round 0 warms up.
  static void TakeTurns(std::vector<Mode>* modes, int rounds) {
    for (int round = 0; round <= rounds; ++round) {
      for (Mode& mode : *modes) {
        if (!mode.problem.empty()) continue;
        absl::StatusOr<MimiAnswer> answer = mode.once();
        if (!answer.ok()) {
          mode.problem = std::string(answer.status().message());
        } else if (round > 0) {
          mode.seconds.push_back(answer->seconds);
          mode.last.steps.insert(mode.last.steps.end(), answer->steps.begin(), answer->steps.end());
          mode.last.latent = std::move(answer->latent);
          mode.last.memory_mb = answer->memory_mb;
        }
      }
    }
  }

  BenchRow RowOf(const std::string& group, const Mode& mode) const {
    BenchRow row;
    row.group = group;
    row.name = mode.name;
    row.ours = mode.ours;
    row.problem = mode.problem;
    if (mode.problem.empty()) row.memory_mb = mode.last.memory_mb;
    return row;
  }

  void SetRate(double audio_seconds, double seconds, Operand operand, int threads, BenchRow* row) const {
    row->ms = 1e3 * seconds;
    row->real_time = audio_seconds / seconds;
    row->gflops = Operations() * audio_seconds / seconds / 1e9;
    const double all = roofline_.gflops[operand == Operand::kBfloat16 ? 1 : 0];
    if (all > 0) row->compute_share = *row->gflops / (all * threads / std::max(1, absl::GetFlag(FLAGS_threads)));
  }

  absl::Status Wholes(int batch, int threads) {
    const FloatArray noise = Noise(kSeconds * kMimiSampleRate);
    const std::vector<FloatArray> audio(static_cast<size_t>(batch), noise);
    std::vector<Mode> modes;
    for (const MimiEncoder::Ptr& encoder : encoders_) {
      Mode mode;
      mode.name = NameOf(encoder->precision());
      mode.ours = true;
      mode.operand = encoder->precision() == MimiPrecision::kFloat32 ? Operand::kFloat32 : Operand::kBfloat16;
      mode.once = [&audio, threads, encoder]() -> absl::StatusOr<MimiAnswer> {
        SetModelThreads(threads);
        const double began = Now();
        ASSIGN_OR_RETURN(const std::vector<FloatArray> latents, encoder->Encode(audio, MimiTap::kLatent12));
        MimiAnswer answer;
        answer.seconds = Now() - began;
        answer.latent.assign(latents[0].begin(), latents[0].begin() + 5 * latents[0].dim(1));
        answer.memory_mb = PeakMemoryMb();
        return answer;
      };
      modes.push_back(std::move(mode));
    }
    if (!peers_.empty() && threads == absl::GetFlag(FLAGS_threads)) {
      for (const char* numbers : {"fp32", "autocast", "bf16"}) {
        modes.push_back(PeerMode("moshi", numbers, {{"do", "whole"}, {"numbers", numbers}, {"batch", batch}}));
      }
      for (const char* kind : {"transformers", "rustymimi"}) {
        if (batch > 1 && kind[0] == 'r') continue;
        modes.push_back(PeerMode(kind, "fp32", {{"do", "whole"}, {"numbers", "fp32"}, {"batch", batch}}));
      }
    }
    TakeTurns(&modes, std::max(1, absl::GetFlag(FLAGS_rounds)));
    const std::string group = absl::StrCat(batch > 1 ? absl::StrCat(batch, " x ") : "", kSeconds, " s, ", threads,
                                           threads == 1 ? " thread" : " threads");
    for (const Mode& mode : modes) {
      BenchRow row = RowOf(group, mode);
      if (row.problem.empty()) {
        SetRate(static_cast<double>(batch * kSeconds), Median(mode.seconds), mode.operand, threads, &row);
        row.note = Agreement(modes[0].last.latent, mode.last.latent);
      }
      report_.rows.push_back(std::move(row));
    }
    return absl::OkStatus();
  }

  static std::string Agreement(const std::vector<float>& ours, const std::vector<float>& other) {
    if (ours.size() != other.size()) return "weights of its own";
    double squares = 0, all = 0;
    for (size_t i = 0; i < ours.size(); ++i) {
      squares += std::pow(static_cast<double>(ours[i]) - other[i], 2);
      all += std::pow(static_cast<double>(ours[i]), 2);
    }
    return absl::StrFormat("%.1e from diarflow fp32", std::sqrt(squares / all));
  }

  static absl::StatusOr<MimiAnswer> TimeSteps(const MimiEncoder& encoder, int64_t streams, int count) {
    const std::vector<FloatArray> audio(static_cast<size_t>(streams), Noise(kMimiFrameSamples));
    ASSIGN_OR_RETURN(MimiState state, encoder.NewState(streams, MimiTap::kLatent12));
    MimiAnswer answer;
    for (int step = -10; step < count; ++step) {
      const double began = Now();
      RETURN_IF_ERROR(encoder.Step(state, audio).status());
      if (step >= 0) answer.steps.push_back(Now() - began);
    }
    answer.memory_mb = PeakMemoryMb();
    return answer;
  }

  absl::Status OneStream() {
    std::vector<Mode> modes;
    for (const MimiEncoder::Ptr& encoder : encoders_) {
      Mode mode;
      mode.name = NameOf(encoder->precision());
      mode.ours = true;
      mode.operand = encoder->precision() == MimiPrecision::kFloat32 ? Operand::kFloat32 : Operand::kBfloat16;
      mode.once = [encoder] { return TimeSteps(*encoder, 1, kSteps); };
      modes.push_back(std::move(mode));
    }
    if (!peers_.empty()) {
      for (const char* numbers : {"fp32", "bf16"}) {
        modes.push_back(PeerMode("moshi", numbers, {{"do", "steps"}, {"numbers", numbers}, {"steps", kSteps}}));
      }
    }
    TakeTurns(&modes, std::max(1, absl::GetFlag(FLAGS_rounds) / 2));
    for (const Mode& mode : modes) {
      BenchRow row = RowOf("one stream, steps of 80 ms", mode);
      if (row.problem.empty()) {
        const double median = Median(mode.last.steps);
        SetRate(kStepSeconds, median, mode.operand, absl::GetFlag(FLAGS_threads), &row);
        row.p99_ms = 1e3 * Percentile(mode.last.steps, 0.99);
        const double weights =
            static_cast<double>(encoders_[0]->parameter_count()) * (mode.operand == Operand::kFloat32 ? 4 : 2);
        row.bandwidth_share = weights / median / roofline_.bandwidth;
      }
      report_.rows.push_back(std::move(row));
    }
    return absl::OkStatus();
  }

  absl::Status ManyStreams() {
    for (const MimiEncoder::Ptr& encoder : encoders_) {
      int64_t held = 0;
      for (const int64_t streams : {8, 16, 24, 32, 40, 48, 64, 80, 96, 112, 128}) {
        ASSIGN_OR_RETURN(const MimiAnswer answer, TimeSteps(*encoder, streams, kSteps / 2));
        BenchRow row;
        row.group = "many streams in one batch, steps of 80 ms";
        row.name = absl::StrCat(NameOf(encoder->precision()), ", ", streams);
        row.ours = true;
        SetRate(kStepSeconds * static_cast<double>(streams), Median(answer.steps),
                encoder->precision() == MimiPrecision::kFloat32 ? Operand::kFloat32 : Operand::kBfloat16,
                absl::GetFlag(FLAGS_threads), &row);
        row.p99_ms = 1e3 * Percentile(answer.steps, 0.99);
        row.memory_mb = answer.memory_mb;
        const bool in_time = *row.p99_ms < 1e3 * kStepSeconds;
        row.note = in_time ? "in real time" : "late";
        report_.rows.push_back(std::move(row));
        if (!in_time) break;
        held = streams;
      }
      report_.facts.push_back({absl::StrCat(NameOf(encoder->precision()), " holds"),
                               absl::StrCat(held, " streams in real time (of the numbers tried)")});
    }
    return absl::OkStatus();
  }

  const std::string folder_;
  std::vector<MimiEncoder::Ptr> encoders_;
  std::vector<Peer> peers_;
  Roofline roofline_ = {};
  BenchReport report_;
};

}  // namespace
}  // namespace diarflow

int main(int argc, char** argv) {
  diarflow::SetProgramPath(argv[0]);
  absl::SetProgramUsageMessage("Times the Mimi encoder, alone or beside other programs.");
  absl::ParseCommandLine(argc, argv);
  std::string folder = (std::filesystem::temp_directory_path() / "diarflow-mimi-XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) {
    std::fprintf(stderr, "cannot make a folder like %s\n", folder.c_str());
    return 1;
  }
  diarflow::MimiBench bench(folder);
  const absl::Status status = absl::GetFlag(FLAGS_linear) ? bench.Linear() : bench.Run();
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
  if (!status.ok()) std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
  return status.ok() ? 0 : 1;
}
