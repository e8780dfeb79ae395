#include "cli/score_command.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/files.h"
#include "base/status_macros.h"
#include "base/suggest.h"
#include "cli/verb_flags.h"
#include "datasets/formats/annotation_files.h"
#include "datasets/formats/decimal_seconds.h"
#include "datasets/formats/session_groups.h"
#include "graph/runtime.h"
#include "metrics/diarization_report.h"
#include "metrics/diarization_report_text.h"
#include "metrics/score_page.h"

namespace diarflow {
namespace {

constexpr int kExitNotWritten = 1;
constexpr int kExitSomeMissing = 3;

constexpr char kHelp[] =
    "diarflow score --reference=PATH --hypothesis=PATH [--uem=PATH] [flags]\n"
    "\n"
    "Scores who spoke when: diarization error rate (DER) with its parts, Jaccard error rate (JER), an interval, and\n"
    "what trivial systems reach on the same recordings. PATH is a file, or a folder with all .rttm (or .uem) files\n"
    "below it. docs/scoring.md says what each number means.\n"
    "\n";

const std::vector<VerbFlag>& Flags() {
  static const auto* const flags = new std::vector<VerbFlag>{
      {"reference", "PATH", "The true turns, RTTM."},
      {"hypothesis", "PATH",
       "A system's turns, RTTM. May be given several times: every further system is compared with the first, on the "
       "same draws of recordings. A recording of the reference that a system lacks counts as missed."},
      {"uem", "PATH",
       "Where the recordings are scored. Without it the convention says: pyannote, from the first to the last turn of "
       "reference and hypothesis together; mdeval, of the reference alone, so that false alarms outside vanish."},
      {"collar", "SECONDS",
       "Not scored on EACH side of every start and end of a reference turn (+/-); 0 by default. 0.25 here is -c 0.25 "
       "of "
       "md-eval.pl and collar=0.5 of pyannote.metrics."},
      {"skip_overlap", "", "Do not score where reference turns overlap."},
      {"convention", "NAME",
       "pyannote (default) or mdeval. They differ in when speakers are mapped, in overlapping turns of one speaker, "
       "and without a UEM."},
      {"groups", "FILE",
       "Lines `recording group`: recordings that share speakers. The interval is then drawn over groups, not over "
       "recordings."},
      {"random_speakers", "N",
       "How many labels the trivial system has that draws them by chance; by default as many as the reference "
       "recording "
       "with most speakers."},
      {"format", "NAME", "table (default), tsv (a line for each system and recording), or json (everything)."},
      {"out", "FOLDER",
       "Also writes score.html, the table with a picture of the worst recordings of the first system, and score.svg, "
       "the picture alone; made when missing."},
      {"worst", "N", "How many recordings --out draws, those with most time in error; 5 by default."},
  };
  return *flags;
}

constexpr char kExitCodes[] =
    "\nExit codes: 0 scored; 3 scored, but a system lacks recordings; 1 scored, but --out could not be written; 2 "
    "nothing\nscored: a flag, or input that cannot be read or does not fit together.\n";

enum class Format { kTable, kTsv, kJson };

struct ScoreCommand {
  DiarizationReportInput input;
  DiarizationReportOptions options;
  Format format = Format::kTable;
  // Empty: no page is wanted.
  std::string out;
  int worst = 5;
};

absl::StatusOr<int> Count(const VerbArguments& arguments, const std::string& flag, int otherwise) {
  if (!arguments.Has(flag)) return otherwise;
  const std::string text = arguments.Get(flag, "");
  int value = 0;
  if (absl::SimpleAtoi(text, &value) && value >= 1 && value <= 1000) return value;
  return absl::InvalidArgumentError(absl::StrCat("--", flag, "=", text, ": it is a whole number from 1 to 1000"));
}

absl::StatusOr<std::vector<Recording>> ReadTurns(const std::string& flag, const std::string& typed) {
  absl::StatusOr<std::string> path = ResolvePath(typed);
  if (!path.ok()) return InFlag(flag, path.status());
  absl::StatusOr<std::vector<Recording>> turns = ReadRttmFiles(*path);
  if (!turns.ok()) return InFlag(flag, turns.status());
  return turns;
}

absl::Status ReadInput(const VerbArguments& arguments, DiarizationReportInput* input) {
  ASSIGN_OR_RETURN(input->references, ReadTurns("reference", arguments.Get("reference", "")));
  for (const std::string& typed : arguments.values.at("hypothesis")) {
    SystemOutput system = {typed, {}};
    ASSIGN_OR_RETURN(system.recordings, ReadTurns("hypothesis", typed));
    input->systems.push_back(std::move(system));
  }
  if (arguments.Has("uem")) {
    ASSIGN_OR_RETURN(const std::string path, ResolvePath(arguments.Get("uem", "")));
    absl::StatusOr<std::vector<EvaluationRegion>> regions = ReadUemFiles(path);
    if (!regions.ok()) return InFlag("uem", regions.status());
    input->regions = *std::move(regions);
  }
  if (arguments.Has("groups")) {
    ASSIGN_OR_RETURN(const std::string path, ResolvePath(arguments.Get("groups", "")));
    absl::StatusOr<std::map<std::string, std::string>> groups = ReadSessionGroups(path);
    if (!groups.ok()) return InFlag("groups", groups.status());
    if (groups->empty()) return absl::InvalidArgumentError(absl::StrCat("--groups: ", path, " holds no line"));
    input->groups = *std::move(groups);
  }
  return absl::OkStatus();
}

absl::StatusOr<ScoreCommand> ReadCommand(const VerbArguments& arguments) {
  if (!arguments.positional.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("what is \"", arguments.positional[0], "\"? Name files with --reference, --hypothesis and --uem"));
  }
  for (const char* needed : {"reference", "hypothesis"}) {
    if (!arguments.Has(needed)) {
      return absl::InvalidArgumentError(
          absl::StrCat("--", needed, " is missing: diarflow score --reference=PATH --hypothesis=PATH"));
    }
  }
  ScoreCommand command;
  ASSIGN_OR_RETURN(const int format, Choice(arguments, "format", {"table", "tsv", "json"}));
  command.format = static_cast<Format>(format);
  ASSIGN_OR_RETURN(const int convention, Choice(arguments, "convention", {"pyannote", "mdeval"}));
  command.options.der.convention = convention == 0 ? DerConvention::kPyannote : DerConvention::kMdEval;
  const absl::StatusOr<int64_t> collar = ParseMicroseconds(arguments.Get("collar", "0"));
  if (!collar.ok()) return InFlag("collar", collar.status());
  command.options.der.collar = *collar;
  command.options.der.skip_overlap = arguments.IsOn("skip_overlap");
  ASSIGN_OR_RETURN(command.options.random_speakers, Count(arguments, "random_speakers", 0));
  ASSIGN_OR_RETURN(command.worst, Count(arguments, "worst", command.worst));
  if (arguments.Has("out")) {
    ASSIGN_OR_RETURN(command.out, ResolvePath(arguments.Get("out", "")));
  }
  RETURN_IF_ERROR(ReadInput(arguments, &command.input));
  return command;
}

// "a, b, c and 7 more".
std::string SomeOf(const std::vector<std::string>& names) {
  constexpr size_t kShown = 10;
  const std::vector<std::string> first(names.begin(), names.begin() + std::min(names.size(), kShown));
  return absl::StrCat(absl::StrJoin(first, ", "),
                      names.size() > kShown ? absl::StrCat(" and ", names.size() - kShown, " more") : "");
}

// Prints warnings; true when a system lacks recordings.
bool Warn(const DiarizationReport& report) {
  if (!report.has_regions) {
    std::fprintf(stderr, "warning: without --uem, what is scored depends on the convention (see \"Assumed\")\n");
  }
  if (!report.left_out.empty()) {
    std::fprintf(stderr, "warning: only the UEM names %s: not scored\n", SomeOf(report.left_out).c_str());
  }
  bool missing = false;
  for (const SystemScore& system : report.systems) {
    const std::vector<std::string> names = system.MissingRecordings();
    if (names.empty()) continue;
    missing = true;
    std::fprintf(stderr, "warning: %s has nothing of %zu of %zu recordings, all their speech is missed: %s\n",
                 system.name.c_str(), names.size(), report.uris.size(), SomeOf(names).c_str());
  }
  return missing;
}

absl::Status WritePage(const ScoreCommand& command, const DiarizationReport& report) {
  ASSIGN_OR_RETURN(const ScorePage page, MakeScorePage(command.input, report, command.worst));
  RETURN_IF_ERROR(WriteFileAtomically(JoinPath(command.out, "score.svg"), page.svg));
  return WriteFileAtomically(JoinPath(command.out, "score.html"), page.html);
}

absl::StatusOr<int> Score(const std::vector<std::string>& typed) {
  ASSIGN_OR_RETURN(const VerbArguments arguments, ParseVerbFlags(Flags(), typed));
  if (arguments.help) {
    std::printf("%s%s%s", kHelp, VerbFlagsHelp(Flags()).c_str(), kExitCodes);
    return 0;
  }
  ASSIGN_OR_RETURN(const ScoreCommand command, ReadCommand(arguments));
  ASSIGN_OR_RETURN(const DiarizationReport report, MakeDiarizationReport(command.input, command.options));
  const bool missing = Warn(report);
  const std::string text = command.format == Format::kJson  ? DiarizationReportJson(report)
                           : command.format == Format::kTsv ? DiarizationReportTsv(report)
                                                            : DiarizationReportTable(report);
  std::fwrite(text.data(), 1, text.size(), stdout);
  if (!command.out.empty()) {
    const absl::Status written = WritePage(command, report);
    if (!written.ok()) {
      std::fprintf(stderr, "--out: %s\n", std::string(written.message()).c_str());
      return kExitNotWritten;
    }
  }
  return missing ? kExitSomeMissing : 0;
}

}  // namespace

int ScoreMain(const std::vector<std::string>& arguments) { return ExitCodeOf(Score(arguments)); }

}  // namespace diarflow
