#include "cli/results_command.h"

#include <cstdio>
#include <filesystem>
#include <system_error>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "base/files.h"
#include "base/sha256.h"
#include "base/status_macros.h"
#include "cli/results_text.h"
#include "cli/verb_flags.h"
#include "google/protobuf/text_format.h"
#include "graph/runtime.h"

namespace diarflow {
namespace {

constexpr char kHelp[] =
    "diarflow results --runs=DIR [--out=FILE] [flags]\n"
    "\n"
    "Writes what the runs of the experiments found as one page, beside what others published.\n"
    "\n";

constexpr char kExitCodes[] = "\nExit codes: 0 done, 1 --out could not be written, 2 nothing done.\n";

const std::vector<VerbFlag>& Flags() {
  static const auto* const flags = new std::vector<VerbFlag>{
      {"runs", "DIR", "The runs' folders, each by the name of its pipeline, with its report.textproto."},
      {"out", "FILE", "Where to write; by default standard output."},
      {"published", "FILE",
       "What others published (cli/published_figures.proto); by default that of the original work."},
      {"weights", "DIR", "Weights whose checksums stand on the page; by default those that were trained here."},
      {"commit", "NAME", "Of the tree that ran."},
  };
  return *flags;
}

absl::Status ReadTextProto(const std::string& path, google::protobuf::Message* message) {
  ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  if (google::protobuf::TextFormat::ParseFromString(text, message)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(path, " is no text proto of ", message->GetTypeName()));
}

absl::StatusOr<ResultsInput> ReadInput(const VerbArguments& arguments) {
  if (!arguments.Has("runs")) return absl::InvalidArgumentError("name the folder of the runs: --runs=DIR");
  ResultsInput input;
  input.commit = arguments.Get("commit", "");
  ASSIGN_OR_RETURN(const std::string published,
                   ResolvePath(arguments.Get("published", "runfiles:experiments/published.textproto")));
  RETURN_IF_ERROR(ReadTextProto(published, &input.published));
  ASSIGN_OR_RETURN(const std::string runs, ResolvePath(arguments.Get("runs", "")));
  for (const PublishedFigures::Row& row : input.published.row()) {
    const std::string report = JoinPath(JoinPath(runs, row.pipeline()), "report.textproto");
    if (FileExists(report)) RETURN_IF_ERROR(ReadTextProto(report, &input.runs[row.pipeline()]));
  }
  if (input.runs.empty()) {
    return absl::NotFoundError(absl::StrCat(runs, " holds no report of a run: DIR/", "baseline/report.textproto, say"));
  }
  ASSIGN_OR_RETURN(const std::string weights, ResolvePath(arguments.Get("weights", "runfiles:experiments/weights")));
  std::error_code error;
  for (const auto& file : std::filesystem::directory_iterator(weights, error)) {
    if (file.path().extension() != ".safetensors") continue;
    ASSIGN_OR_RETURN(const std::string bytes, ReadFile(file.path().string()));
    Sha256 sum;
    sum.Update(bytes);
    input.weights[file.path().filename().string()] = sum.HexDigest();
  }
  if (error) return absl::NotFoundError(absl::StrCat("cannot list ", weights, ": ", error.message()));
  return input;
}

absl::StatusOr<int> Run(const std::vector<std::string>& given) {
  ASSIGN_OR_RETURN(const VerbArguments arguments, ParseVerbFlags(Flags(), given));
  if (arguments.help) {
    std::printf("%s%s%s", kHelp, VerbFlagsHelp(Flags()).c_str(), kExitCodes);
    return 0;
  }
  if (!arguments.positional.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("what is \"", arguments.positional[0], "\"? Name folders by flags"));
  }
  ASSIGN_OR_RETURN(const ResultsInput input, ReadInput(arguments));
  ASSIGN_OR_RETURN(const std::string text, ResultsText(input));
  if (!arguments.Has("out")) {
    std::printf("%s", text.c_str());
    return 0;
  }
  ASSIGN_OR_RETURN(const std::string out, ResolvePath(arguments.Get("out", "")));
  if (const absl::Status written = WriteFileAtomically(out, text); !written.ok()) {
    std::fprintf(stderr, "%s\n", std::string(written.message()).c_str());
    return 1;
  }
  std::printf("Written to %s\n", out.c_str());
  return 0;
}

}  // namespace

int ResultsMain(const std::vector<std::string>& arguments) { return ExitCodeOf(Run(arguments)); }

}  // namespace diarflow
