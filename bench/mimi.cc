// How fast the Mimi encoder of the released size is, alone or beside moshi, transformers and rustymimi:
//
//   bazel run //bench:mimi
//   bench/peers.sh mimi && bazel run //bench:mimi -- --peers=~/.cache/diarflow/peers/mimi
//   bazel run //bench:mimi -- --linear          does the cost grow with the length alone?
//
// Seeded weights and noise, the same for moshi and for us (the others bring weights of their own). Every program in
// every precision is a process of its own; they take turns; medians of --rounds, of all steps for streams (many streams
// run one round, and hold real time when the slowest hundredth of their steps does). Shares are of what the same cores
// reach in this run: of the fastest matrix products, and for single streams, which read all weights in each step, of
// the memory's bandwidth.
#include "models/mimi/mimi.h"

#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
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
#include "bench/mimi_program.h"
#include "bench/peak_memory.h"
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
ABSL_FLAG(int32_t, steps, 60, "Steps of a stream that are timed in each round.");
ABSL_FLAG(int32_t, most_streams, 128, "At most so many streams in one batch.");
ABSL_FLAG(std::string, out, "diarflow-out/bench/mimi", "The folder that mimi.json and mimi.svg are written to.");
ABSL_FLAG(bool, linear, false, "Instead: CPU time for an hour of audio, measured on 1, 10 and 100 minutes.");
ABSL_FLAG(std::string, serve, "",
          "Instead: be the program that is timed, in fp32 or bf16. For this benchmark's own use.");

namespace diarflow {
namespace {

using nlohmann::json;

constexpr double kStepSeconds = static_cast<double>(kMimiFrameSamples) / kMimiSampleRate;

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

int Threads() { return std::max(1, absl::GetFlag(FLAGS_threads)); }
int Rounds() { return std::max(1, absl::GetFlag(FLAGS_rounds)); }
int Steps() { return std::max(1, absl::GetFlag(FLAGS_steps)); }

const char* NameOf(MimiPrecision precision) { return precision == MimiPrecision::kFloat32 ? "fp32" : "bf16"; }

// A program in one precision, in a process of its own.
struct Program {
  std::string kind;     // "diarflow", "moshi"
  std::string numbers;  // "fp32", "autocast", "bf16"
  std::string name;     // with its version
  std::string problem;  // why it does not run
  std::unique_ptr<PeerProcess> process;

  bool ours() const { return kind == "diarflow"; }
  Operand operand() const { return numbers == "fp32" ? Operand::kFloat32 : Operand::kBfloat16; }
};

// What a program did of one piece of work, over the rounds.
struct Measured {
  std::vector<double> seconds;
  std::vector<double> steps;
  MimiAnswer last;
  std::string problem;
};

class MimiBench {
 public:
  explicit MimiBench(std::string folder) : folder_(std::move(folder)) {}

  absl::Status Run() {
    RETURN_IF_ERROR(StartPrograms());
    gflops_[0] = PeakGflops(Operand::kFloat32, Threads(), 1);
    gflops_[1] = PeakGflops(Operand::kBfloat16, Threads(), 1);
    bandwidth_ = PeakReadBandwidth(Threads(), 1);
    const CpuFacts cpu = ThisCpu();
    report_.title = "Mimi encoder, released size";
    report_.facts = {{"CPU", cpu.name},
                     {"instructions", cpu.features},
                     {"threads", absl::StrCat(Threads())},
                     {"rounds", absl::StrCat(Rounds())},
                     {"a second of audio", absl::StrFormat("%.2f GFLOP", Operations() / 1e9)},
                     {"fastest products", absl::StrFormat("fp32 %.0f, bf16 %.0f GFLOP/s", gflops_[0], gflops_[1])},
                     {"memory", absl::StrFormat("%.1f GB/s read", bandwidth_ / 1e9)}};
    Wholes(1, Threads());
    Wholes(8, Threads());
    if (Threads() > 1) Wholes(1, 1);
    OneStream();
    ManyStreams();
    CompareWithPeers(&report_);
    std::printf("%s", BenchTable(report_).c_str());
    ASSIGN_OR_RETURN(const std::string out, ResolvePath(absl::GetFlag(FLAGS_out)));
    RETURN_IF_ERROR(WriteBenchReport(report_, "mimi", out));
    std::printf("written: %s, mimi.json and mimi.svg\n", out.c_str());
    return absl::OkStatus();
  }

 private:
  static double Operations() { return MimiOperationsPerSecond(ReleasedMimiConfig()); }

  void Start(const std::string& kind, const std::string& numbers, const std::vector<std::string>& command) {
    Program program;
    program.kind = program.name = kind;
    program.numbers = numbers;
    absl::StatusOr<std::unique_ptr<PeerProcess>> process = PeerProcess::Start(command);
    if (process.ok()) {
      program.process = *std::move(process);
      const absl::StatusOr<std::string> line = program.process->ReadLine();
      const json said = json::parse(line.ok() ? *line : "", nullptr, /*allow_exceptions=*/false);
      if (said.is_object() && said.contains("version")) {
        program.name = said["version"].get<std::string>();
        if (said.contains("parameters")) parameters_ = said["parameters"].get<double>();
      } else {
        program.problem = line.ok() ? *line : std::string(line.status().message());
      }
    } else {
      program.problem = std::string(process.status().message());
    }
    absl::StrAppend(&program.name, " ", numbers);
    programs_.push_back(std::move(program));
  }

  absl::Status StartPrograms() {
    const std::string self = std::filesystem::read_symlink("/proc/self/exe").string();
    Start("diarflow", "fp32", {self, "--serve=fp32"});
    if (FastestMimiPrecision() != MimiPrecision::kFloat32) Start("diarflow", "bf16", {self, "--serve=bf16"});
    if (absl::GetFlag(FLAGS_peers).empty()) return absl::OkStatus();
    ASSIGN_OR_RETURN(const std::string folder, ResolvePath(absl::GetFlag(FLAGS_peers)));
    ASSIGN_OR_RETURN(const std::string script, ResolvePath("runfiles:bench/mimi_peer.py"));
    const std::string python = JoinPath(folder, "bin/python");
    if (!FileExists(python)) {
      return absl::NotFoundError(absl::StrCat("there is no ", python, ": `bench/peers.sh mimi` makes it"));
    }
    TensorTable table;
    for (const auto& [name, values] : RandomMimiWeights(ReleasedMimiConfig(), kMimiBenchSeed)) {
      RETURN_IF_ERROR(table.AddFloats(name, values));
    }
    const std::string weights = JoinPath(folder_, "mimi.safetensors"), audio = JoinPath(folder_, "audio.f32");
    RETURN_IF_ERROR(WriteSafetensors(weights, table));
    const FloatArray noise = MimiBenchNoise(kMimiBenchSeconds * kMimiSampleRate);
    RETURN_IF_ERROR(
        WriteFileAtomically(audio, absl::string_view(reinterpret_cast<const char*>(noise.data()), noise.byte_size())));
    const std::pair<const char*, const char*> peers[] = {
        {"moshi", "fp32"}, {"moshi", "autocast"}, {"moshi", "bf16"}, {"transformers", "fp32"}, {"rustymimi", "fp32"}};
    for (const auto& [kind, numbers] : peers) {
      // Threads that wait leave the cores to whoever is timed next.
      Start(kind, numbers,
            {"/usr/bin/env", absl::StrCat("OMP_NUM_THREADS=", Threads()), absl::StrCat("RAYON_NUM_THREADS=", Threads()),
             "OMP_WAIT_POLICY=passive", python, script, kind, numbers, weights, audio});
    }
    return absl::OkStatus();
  }

  // Asks the programs in turn. Every program warms up before it answers for the first time.
  std::vector<Measured> TakeTurns(const std::vector<Program*>& programs, const json& asked, int rounds) {
    std::vector<Measured> results(programs.size());
    for (int round = 0; round < rounds; ++round) {
      for (size_t i = 0; i < programs.size(); ++i) {
        Measured& result = results[i];
        result.problem = programs[i]->problem;
        if (!result.problem.empty()) continue;
        const absl::StatusOr<std::string> line = programs[i]->process->Ask(asked.dump());
        absl::StatusOr<MimiAnswer> answer = line.ok() ? ParseMimiAnswer(*line) : line.status();
        if (!answer.ok()) {
          result.problem = std::string(answer.status().message());
          continue;
        }
        result.seconds.push_back(answer->seconds);
        result.steps.insert(result.steps.end(), answer->steps.begin(), answer->steps.end());
        result.last = *std::move(answer);
      }
    }
    return results;
  }

  BenchRow RowOf(const std::string& group, const Program& program, const Measured& measured) const {
    BenchRow row;
    row.group = group;
    row.name = program.name;
    row.ours = program.ours();
    row.problem = measured.problem;
    if (row.problem.empty()) row.memory_mb = measured.last.memory_mb;
    return row;
  }

  void SetRate(double audio_seconds, double seconds, Operand operand, int threads, BenchRow* row) const {
    row->ms = 1e3 * seconds;
    row->real_time = audio_seconds / seconds;
    row->gflops = Operations() * audio_seconds / seconds / 1e9;
    const double all = gflops_[operand == Operand::kBfloat16 ? 1 : 0];
    if (all > 0) row->compute_share = *row->gflops / (all * threads / Threads());
  }

  void Wholes(int batch, int threads) {
    std::vector<Program*> programs;
    for (Program& program : programs_) {
      const bool can = (threads == Threads() || program.ours()) && (batch == 1 || program.kind != "rustymimi");
      if (can) programs.push_back(&program);
    }
    const std::vector<Measured> results =
        TakeTurns(programs, {{"do", "whole"}, {"batch", batch}, {"threads", threads}}, Rounds());
    const std::string group = absl::StrCat(batch > 1 ? absl::StrCat(batch, " x ") : "", kMimiBenchSeconds, " s, ",
                                           threads, threads == 1 ? " thread" : " threads");
    for (size_t i = 0; i < programs.size(); ++i) {
      BenchRow row = RowOf(group, *programs[i], results[i]);
      if (row.problem.empty()) {
        SetRate(static_cast<double>(batch * kMimiBenchSeconds), Median(results[i].seconds), programs[i]->operand(),
                threads, &row);
        if (i > 0) row.note = Agreement(results[0].last.latent, results[i].last.latent);
      }
      report_.rows.push_back(std::move(row));
    }
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

  void OneStream() {
    std::vector<Program*> programs;
    for (Program& program : programs_) {
      const bool can = program.ours() || (program.kind == "moshi" && program.numbers != "autocast");
      if (can) programs.push_back(&program);
    }
    const json asked = {{"do", "steps"}, {"streams", 1}, {"steps", Steps()}, {"threads", Threads()}};
    const std::vector<Measured> results = TakeTurns(programs, asked, std::max(2, Rounds() / 2));
    for (size_t i = 0; i < programs.size(); ++i) {
      BenchRow row = RowOf("one stream, steps of 80 ms", *programs[i], results[i]);
      if (row.problem.empty()) {
        const double median = Median(results[i].steps);
        SetRate(kStepSeconds, median, programs[i]->operand(), Threads(), &row);
        row.p99_ms = 1e3 * Percentile(results[i].steps, 0.99);
        const double weights = parameters_ * (programs[i]->operand() == Operand::kFloat32 ? 4 : 2);
        row.bandwidth_share = weights / median / bandwidth_;
      }
      report_.rows.push_back(std::move(row));
    }
  }

  // More and more streams in one batch, until a step takes longer than its audio.
  void ManyStreams() {
    for (Program& program : programs_) {
      if (!program.ours()) continue;
      int64_t held = 0;
      for (const int64_t streams : {8, 16, 24, 32, 40, 48, 64, 80, 96, 112, 128}) {
        if (streams > absl::GetFlag(FLAGS_most_streams)) break;
        const json asked = {{"do", "steps"}, {"streams", streams}, {"steps", Steps()}, {"threads", Threads()}};
        const Measured measured = TakeTurns({&program}, asked, 1)[0];
        BenchRow row = RowOf("many streams in one batch, steps of 80 ms", program, measured);
        absl::StrAppend(&row.name, ", ", streams);
        bool in_time = false;
        if (row.problem.empty()) {
          SetRate(kStepSeconds * static_cast<double>(streams), Median(measured.steps), program.operand(), Threads(),
                  &row);
          row.p99_ms = 1e3 * Percentile(measured.steps, 0.99);
          in_time = *row.p99_ms < 1e3 * kStepSeconds;
          row.note = in_time ? "in real time" : "late";
        }
        report_.rows.push_back(std::move(row));
        if (!in_time) break;
        held = streams;
      }
      report_.facts.push_back(
          {absl::StrCat(program.name, " holds"), absl::StrCat(held, " streams in real time (of the numbers tried)")});
    }
  }

  const std::string folder_;
  std::vector<Program> programs_;
  double gflops_[2] = {};  // fp32, bf16
  double bandwidth_ = 0;   // bytes a second
  double parameters_ = 0;
  BenchReport report_;
};

// CPU time and memory at three lengths, in turn, as a stream in pieces of ten seconds.
absl::Status Linear() {
  SetModelThreads(Threads());
  const MimiPrecision precision = FastestMimiPrecision();
  ASSIGN_OR_RETURN(const MimiEncoder::Ptr encoder,
                   MimiEncoder::Random(ReleasedMimiConfig(), kMimiBenchSeed, precision));
  const FloatArray piece = MimiBenchNoise(kMimiBenchSeconds * kMimiSampleRate);
  const int minutes[] = {1, 10, 100};
  std::vector<double> cpu[3];
  double memory[3] = {};
  for (int round = 0; round < Rounds(); ++round) {
    for (int i = 0; i < 3; ++i) {
      ResetPeakMemory();
      ASSIGN_OR_RETURN(MimiState state, encoder->NewState(1, MimiTap::kLatent12));
      // A minute is measured ten times, so that it is long enough to be measured.
      const int repeats = std::max(1, 10 / minutes[i]);
      const double began = CpuSeconds();
      for (int repeat = 0; repeat < repeats; ++repeat) {
        state.Reset();
        for (int64_t second = 0; second < minutes[i] * 60; second += kMimiBenchSeconds) {
          RETURN_IF_ERROR(encoder->Step(state, {piece}).status());
        }
      }
      cpu[i].push_back((CpuSeconds() - began) / repeats * 60 / minutes[i]);
      memory[i] = std::max(memory[i], PeakMemoryMb());
    }
  }
  std::printf("%s, pieces of %d s\naudio      CPU seconds an hour   of 1 minute   peak memory\n", NameOf(precision),
              static_cast<int>(kMimiBenchSeconds));
  for (int i = 0; i < 3; ++i) {
    std::printf("%3d min    %19.2f   %+9.1f %%   %8.0f MB\n", minutes[i], Median(cpu[i]),
                100 * (Median(cpu[i]) / Median(cpu[0]) - 1), memory[i]);
  }
  return absl::OkStatus();
}

absl::Status Serve(const std::string& numbers) {
  for (const MimiPrecision precision : {MimiPrecision::kFloat32, MimiPrecision::kBfloat16}) {
    if (numbers == NameOf(precision)) return RunMimiProgram(precision);
  }
  return absl::InvalidArgumentError(absl::StrCat("--serve=", numbers, ": it is fp32 or bf16"));
}

absl::Status Bench() {
  std::string folder = (std::filesystem::temp_directory_path() / "diarflow-mimi-XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) {
    return absl::UnavailableError(absl::StrCat("cannot make a folder like ", folder));
  }
  const absl::Status status = MimiBench(folder).Run();
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
  return status;
}

absl::Status Main() {
  if (!absl::GetFlag(FLAGS_serve).empty()) return Serve(absl::GetFlag(FLAGS_serve));
  return absl::GetFlag(FLAGS_linear) ? Linear() : Bench();
}

}  // namespace
}  // namespace diarflow

int main(int argc, char** argv) {
  diarflow::SetProgramPath(argv[0]);
  absl::SetProgramUsageMessage("Times the Mimi encoder, alone or beside other programs.");
  absl::ParseCommandLine(argc, argv);
  const absl::Status status = diarflow::Main();
  if (!status.ok()) std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
  return status.ok() ? 0 : 1;
}
