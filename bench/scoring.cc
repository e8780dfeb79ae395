// How fast the diarization error rate is, alone or beside pyannote.metrics:
//
//   bazel run //bench:scoring
//   bench/peers.sh && bazel run //bench:scoring -- --peers=~/.cache/diarflow/peers/scoring
//
// Sixteen recordings as dense as AMI's test meetings are generated, written as RTTM and UEM and read back, so that both
// programs hold the same milliseconds. Then both score all of them, in turn, in this one run: times are those of the
// scoring alone, medians of --rounds. The components must agree to a millisecond, otherwise the exit code is 1.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "base/files.h"
#include "base/status_macros.h"
#include "bench/median.h"
#include "bench/peer_process.h"
#include "datasets/formats/rttm.h"
#include "datasets/formats/uem.h"
#include "diarization/turns.h"
#include "metrics/der.h"
#include "metrics/der_floors.h"
#include "metrics/random_turns.h"
#include "metrics/recording_pairs.h"

ABSL_FLAG(std::string, peers, "", "The folder that bench/peers.sh made; empty: only our own times.");
ABSL_FLAG(int32_t, rounds, 9, "How often each program scores everything.");
ABSL_FLAG(bool, raw, false, "Prints the time of every round as well.");

namespace diarflow {
namespace {

constexpr int kRecordings = 16;
// With 16 of them the 9.06 hours of AMI's test set.
constexpr int64_t kLength = 2038 * kMicrosecondsPerSecond;
constexpr double kTolerance = 1e-3;  // seconds

struct Condition {
  const char* name;
  DerOptions options;
};

const Condition kConditions[] = {
    {"no collar", {DerConvention::kPyannote, 0, false}},
    {"+/- 0.25 s", {DerConvention::kPyannote, 250000, false}},
    {"+/- 0.25 s, no overlap", {DerConvention::kPyannote, 250000, true}},
};

struct Timed {
  double seconds = 0;
  double parts[4] = {};  // total, missed, false alarm, confusion: seconds
};

using Pairs = std::vector<RecordingPair>;

// Writes the files into `folder` and reads them back.
absl::StatusOr<Pairs> MakeRecordings(const std::string& folder) {
  std::mt19937_64 random(1);
  std::vector<Recording> references;
  std::vector<Recording> hypotheses;
  std::vector<EvaluationRegion> regions;
  for (int i = 0; i < kRecordings; ++i) {
    const std::string uri = absl::StrFormat("meeting%02d", i);
    references.push_back(RandomConversation(uri, kLength, &random));
    hypotheses.push_back(RandomHypothesis(references.back(), 300000, &random));
    regions.push_back({uri, {{0, kLength}}});
  }
  RETURN_IF_ERROR(WriteRttm(JoinPath(folder, "reference.rttm"), references));
  RETURN_IF_ERROR(WriteRttm(JoinPath(folder, "hypothesis.rttm"), hypotheses));
  RETURN_IF_ERROR(WriteUem(JoinPath(folder, "all.uem"), regions));
  ASSIGN_OR_RETURN(references, ReadRttm(JoinPath(folder, "reference.rttm")));
  ASSIGN_OR_RETURN(hypotheses, ReadRttm(JoinPath(folder, "hypothesis.rttm")));
  ASSIGN_OR_RETURN(regions, ReadUem(JoinPath(folder, "all.uem")));
  return PairRecordings(std::move(references), std::move(hypotheses), std::move(regions));
}

absl::StatusOr<Timed> ScoreOurs(const Pairs& pairs, const DerOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  DerComponents pooled;
  for (const RecordingPair& pair : pairs) {
    ASSIGN_OR_RETURN(const FileDer file, ScoreDer(pair.reference, pair.hypothesis, pair.region, options));
    pooled += file.components;
  }
  Timed timed;
  timed.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const int64_t parts[] = {pooled.total, pooled.missed, pooled.false_alarm, pooled.confusion};
  for (int i = 0; i < 4; ++i) timed.parts[i] = static_cast<double>(parts[i]) / kMicrosecondsPerSecond;
  return timed;
}

absl::StatusOr<Timed> ScorePeer(PeerProcess* peer, const DerOptions& options) {
  ASSIGN_OR_RETURN(const std::string answer,
                   peer->Ask(absl::StrFormat("%.9g %d", 2.0 * static_cast<double>(options.collar) / 1e6,
                                             options.skip_overlap ? 1 : 0)));
  const std::vector<std::string> fields = absl::StrSplit(answer, ' ');
  Timed timed;
  bool valid = fields.size() == 5 && absl::SimpleAtod(fields[0], &timed.seconds);
  for (int i = 0; valid && i < 4; ++i) valid = absl::SimpleAtod(fields[static_cast<size_t>(i) + 1], &timed.parts[i]);
  if (valid) return timed;
  return absl::InternalError(absl::StrCat("the peer answered \"", answer, "\" instead of five numbers"));
}

void PrintRaw(const char* who, const std::vector<double>& seconds) {
  std::printf("  %s, ms:", who);
  for (const double value : seconds) std::printf(" %.3f", 1e3 * value);
  std::printf("\n");
}

// How dense the generated recordings are, beside AMI's.
absl::Status PrintDensity(const Pairs& pairs) {
  size_t turns = 0;
  int64_t speakers_time = 0;
  int64_t speech = 0;
  int64_t alone = 0;
  for (const RecordingPair& pair : pairs) {
    turns += pair.reference.turns.size();
    for (const Turn& turn : pair.reference.turns) speakers_time += turn.duration;
    for (const Turn& turn : OneSpeakerHypothesis(pair.reference).turns) speech += turn.duration;
    // With overlap skipped, what remains is spoken alone.
    ASSIGN_OR_RETURN(const FileDer file, ScoreDer(pair.reference, {pair.reference.uri, {}}, std::nullopt,
                                                  {DerConvention::kPyannote, 0, true}));
    alone += file.components.total;
  }
  const double hour = 3600.0 * kMicrosecondsPerSecond;
  std::printf(
      "%d generated recordings: %.2f h of audio, %.2f h of speakers' time, %zu turns, %.1f %% of speech overlapped\n"
      "(AMI's test set: 9.06 h, 8.53 h, 7493 turns, 14.6 %%)\n\n",
      kRecordings, kRecordings * static_cast<double>(kLength) / hour, static_cast<double>(speakers_time) / hour, turns,
      100 * static_cast<double>(speech - alone) / static_cast<double>(speech));
  return absl::OkStatus();
}

// Scores with both programs in turn and prints a line. False when they disagree.
absl::StatusOr<bool> Compare(const Condition& condition, const Pairs& pairs, PeerProcess* peer, int rounds) {
  std::vector<double> ours;
  std::vector<double> theirs;
  double difference = 0;
  double percent = 0;
  for (int round = 0; round < rounds; ++round) {
    ASSIGN_OR_RETURN(const Timed mine, ScoreOurs(pairs, condition.options));
    ours.push_back(mine.seconds);
    percent = 100 * (mine.parts[1] + mine.parts[2] + mine.parts[3]) / mine.parts[0];
    if (peer == nullptr) continue;
    ASSIGN_OR_RETURN(const Timed other, ScorePeer(peer, condition.options));
    theirs.push_back(other.seconds);
    for (int i = 0; i < 4; ++i) difference = std::max(difference, std::abs(mine.parts[i] - other.parts[i]));
  }
  std::printf("%-24s  DER %.3f %%, ours %.3f ms", condition.name, percent, 1e3 * Median(ours));
  if (peer != nullptr) {
    std::printf(", theirs %.1f ms, ratio %.0f; parts differ by %.1e s at most%s", 1e3 * Median(theirs),
                Median(theirs) / Median(ours), difference, difference > kTolerance ? ": THEY DISAGREE" : "");
  }
  std::printf("\n");
  if (absl::GetFlag(FLAGS_raw)) {
    PrintRaw("ours", ours);
    if (peer != nullptr) PrintRaw("theirs", theirs);
  }
  return difference <= kTolerance;
}

absl::StatusOr<bool> Run(const std::string& folder) {
  ASSIGN_OR_RETURN(const Pairs pairs, MakeRecordings(folder));
  RETURN_IF_ERROR(PrintDensity(pairs));
  std::unique_ptr<PeerProcess> peer;
  if (!absl::GetFlag(FLAGS_peers).empty()) {
    ASSIGN_OR_RETURN(const std::string peers, ResolvePath(absl::GetFlag(FLAGS_peers)));
    ASSIGN_OR_RETURN(const std::string script, ResolvePath("runfiles:bench/score_with_pyannote.py"));
    ASSIGN_OR_RETURN(peer, PeerProcess::Start({JoinPath(peers, "bin/python"), script, folder}));
    ASSIGN_OR_RETURN(const std::string version, peer->ReadLine());
    std::printf("theirs: %s\n", version.c_str());
  }
  bool agree = true;
  for (const Condition& condition : kConditions) {
    ASSIGN_OR_RETURN(const bool same, Compare(condition, pairs, peer.get(), std::max(1, absl::GetFlag(FLAGS_rounds))));
    agree = agree && same;
  }
  return agree;
}

}  // namespace
}  // namespace diarflow

int main(int argc, char** argv) {
  diarflow::SetProgramPath(argv[0]);
  absl::SetProgramUsageMessage("times the diarization error rate, with --peers beside pyannote.metrics");
  absl::ParseCommandLine(argc, argv);
  std::string folder = (std::filesystem::temp_directory_path() / "diarflow-scoring-XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) {
    std::fprintf(stderr, "cannot make a folder like %s\n", folder.c_str());
    return 1;
  }
  const absl::StatusOr<bool> agree = diarflow::Run(folder);
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
  if (agree.ok()) return *agree ? 0 : 1;
  std::fprintf(stderr, "%s\n", std::string(agree.status().message()).c_str());
  return 1;
}
