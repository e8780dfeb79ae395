#include "cli/assign_command.h"

#include <cstdio>
#include <map>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "base/files.h"
#include "base/status_macros.h"
#include "base/suggest.h"
#include "cli/verb_flags.h"
#include "datasets/assign_words.h"
#include "datasets/formats/annotation_files.h"
#include "datasets/formats/ctm.h"
#include "datasets/formats/decimal_seconds.h"
#include "graph/runtime.h"

namespace diarflow {
namespace {

constexpr int kExitNotWritten = 1;
constexpr int kExitSomeMissing = 3;

constexpr char kHelp[] =
    "diarflow assign --ctm=WORDS.ctm --rttm=PATH [--out=FILE] [flags]\n"
    "\n"
    "Gives each word to the speaker with whom it has most time in common, else to the one of the nearest turn.\n"
    "Recordings of both are paired by name.\n"
    "\n";

constexpr char kExitCodes[] =
    "\nExit codes: 0 done, 1 --out could not be written, 2 nothing done, 3 recordings have words and no turns.\n";

const std::vector<VerbFlag>& Flags() {
  static const auto* const flags = new std::vector<VerbFlag>{
      {"ctm", "FILE", "Words with their times, as programs that recognise speech write them."},
      {"rttm", "PATH", "Who spoke when: an RTTM file, or a folder with all .rttm files below it."},
      {"out", "FILE", "Where to write; by default standard output."},
      {"format", "NAME",
       "ctm (default): the words with their speakers in the eighth column; text: a line for each "
       "change of the speaker."},
      {"reach", "SECONDS", "How far the nearest turn may be from a word that lies in none; 1 by default."},
  };
  return *flags;
}

struct AssignCommand {
  std::vector<Transcript> transcripts;
  std::vector<Recording> recordings;
  AssignWordsOptions options;
  bool as_text = false;
  std::string out;
};

absl::StatusOr<AssignCommand> ReadCommand(const VerbArguments& arguments) {
  if (!arguments.positional.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("what is \"", arguments.positional[0], "\"? Name files with --ctm and --rttm"));
  }
  for (const char* needed : {"ctm", "rttm"}) {
    if (arguments.Has(needed)) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("--", needed, " is missing: diarflow assign --ctm=WORDS.ctm --rttm=PATH"));
  }
  AssignCommand command;
  ASSIGN_OR_RETURN(const int format, Choice(arguments, "format", {"ctm", "text"}));
  command.as_text = format == 1;
  const absl::StatusOr<int64_t> reach = ParseMicroseconds(arguments.Get("reach", "1"));
  if (!reach.ok()) return InFlag("reach", reach.status());
  command.options.reach = *reach;
  if (arguments.Has("out")) {
    ASSIGN_OR_RETURN(command.out, ResolvePath(arguments.Get("out", "")));
  }
  ASSIGN_OR_RETURN(const std::string ctm, ResolvePath(arguments.Get("ctm", "")));
  absl::StatusOr<std::vector<Transcript>> transcripts = ReadCtm(ctm);
  if (!transcripts.ok()) return InFlag("ctm", transcripts.status());
  command.transcripts = *std::move(transcripts);
  ASSIGN_OR_RETURN(const std::string rttm, ResolvePath(arguments.Get("rttm", "")));
  absl::StatusOr<std::vector<Recording>> recordings = ReadRttmFiles(rttm);
  if (!recordings.ok()) return InFlag("rttm", recordings.status());
  command.recordings = *std::move(recordings);
  return command;
}

// Fills in the speakers; whether a recording has no turns.
bool Assign(AssignCommand* command) {
  std::map<std::string, const Recording*> turns;
  std::vector<std::string> names;
  for (const Recording& recording : command->recordings) {
    turns[recording.uri] = &recording;
    names.push_back(recording.uri);
  }
  bool missing = false;
  for (Transcript& transcript : command->transcripts) {
    const auto found = turns.find(transcript.uri);
    if (found == turns.end()) {
      missing = true;
      std::fprintf(stderr, "warning: the RTTM has no turns of %s%s: its words have no speaker\n",
                   transcript.uri.c_str(), DidYouMean(transcript.uri, names).c_str());
    }
    const std::vector<std::string> speakers = AssignWords(
        transcript.words, found == turns.end() ? std::vector<Turn>() : found->second->turns, command->options);
    for (size_t i = 0; i < speakers.size(); ++i) transcript.words[i].speaker = speakers[i];
  }
  return missing;
}

absl::StatusOr<std::string> Format(const AssignCommand& command) {
  if (!command.as_text) return FormatCtm(command.transcripts);
  std::string text;
  for (const Transcript& transcript : command.transcripts) {
    if (command.transcripts.size() > 1) {
      absl::StrAppend(&text, text.empty() ? "" : "\n", "== ", transcript.uri, " ==\n");
    }
    absl::StrAppend(&text, FormatSpokenText(transcript.words));
  }
  return text;
}

absl::StatusOr<int> AssignWithFlags(const std::vector<std::string>& typed) {
  ASSIGN_OR_RETURN(const VerbArguments arguments, ParseVerbFlags(Flags(), typed));
  if (arguments.help) {
    std::printf("%s%s%s", kHelp, VerbFlagsHelp(Flags()).c_str(), kExitCodes);
    return 0;
  }
  ASSIGN_OR_RETURN(AssignCommand command, ReadCommand(arguments));
  const bool missing = Assign(&command);
  ASSIGN_OR_RETURN(const std::string text, Format(command));
  if (command.out.empty()) {
    std::fwrite(text.data(), 1, text.size(), stdout);
  } else if (const absl::Status written = WriteFileAtomically(command.out, text); !written.ok()) {
    std::fprintf(stderr, "--out: %s\n", std::string(written.message()).c_str());
    return kExitNotWritten;
  }
  return missing ? kExitSomeMissing : 0;
}

}  // namespace

int AssignMain(const std::vector<std::string>& arguments) { return ExitCodeOf(AssignWithFlags(arguments)); }

}  // namespace diarflow
