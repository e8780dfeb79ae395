#include "cli/prepare.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "base/files.h"
#include "base/status_macros.h"
#include "cli/verb_flags.h"
#include "datasets/corpus_statistics.h"
#include "datasets/prepare/corpora.h"
#include "datasets/prepare/statistics_table.h"
#include "datasets/prepare/write_corpus.h"
#include "graph/runtime.h"

namespace diarflow {
namespace {

constexpr int kExitSomeMissing = 3;
// More kinds of problems than these are counted.
constexpr size_t kMostProblems = 20;

constexpr char kHelp[] =
    "diarflow prepare CORPUS [--root=DIR] [flags]\n"
    "\n"
    "Writes what a corpus on disk holds as manifest.jsonl, and labels.rttm and regions.uem where somebody marked who\n"
    "speaks when; the same for each split. Prints how much that is, beside what was published. docs/datasets.md\n"
    "describes the corpora.\n"
    "\n";

constexpr char kExitCodes[] =
    "\nExit codes: 0 all is there; 3 prepared, but something is missing or broken; 2 nothing prepared.\n";

const std::vector<VerbFlag>& Flags() {
  static const auto* const flags = new std::vector<VerbFlag>{
      {"root", "DIR", "The corpus's folder; council and excerpts have one of their own."},
      {"out", "DIR", "Where to write; diarflow-out/CORPUS by default."},
      {"labels", "NAME",
       "Of AMI: only_words (default; words that touch are one turn), word_and_vocalsounds, or segments (the "
       "transcribers', with pauses)."},
      {"alignments", "DIR", "Of LibriSpeech: the folder of word alignments."},
  };
  return *flags;
}

std::string ListOfCorpora() {
  std::string text = "Corpora:\n";
  for (const PreparableCorpus& corpus : PreparableCorpora()) {
    absl::StrAppend(&text, "  ", corpus.name, std::string(14 - std::min<size_t>(13, corpus.name.size()), ' '),
                    corpus.summary.substr(corpus.summary.find(": ") + 2), "\n");
  }
  return text;
}

void PrintSentences(std::FILE* file, const char* head, const std::vector<std::string>& sentences) {
  for (size_t i = 0; i < std::min(kMostProblems, sentences.size()); ++i) {
    std::fprintf(file, "%s: %s\n", head, sentences[i].c_str());
  }
  if (sentences.size() > kMostProblems) {
    std::fprintf(file, "%s: and %zu more\n", head, sentences.size() - kMostProblems);
  }
}

absl::StatusOr<CorpusRequest> RequestOf(const VerbArguments& arguments) {
  CorpusRequest request;
  request.labels = arguments.Get("labels", "");
  for (const auto& [flag, path] : {std::pair("root", &request.root), std::pair("alignments", &request.alignments)}) {
    if (!arguments.Has(flag)) continue;
    ASSIGN_OR_RETURN(const std::string resolved, ResolvePath(arguments.Get(flag, "")));
    // "x/" and "x/." are x: paths in the output begin with it.
    const std::filesystem::path normal = std::filesystem::path(resolved).lexically_normal();
    *path = (normal.has_filename() ? normal : normal.parent_path()).string();
  }
  return request;
}

absl::StatusOr<int> Prepare(const std::vector<std::string>& arguments) {
  ASSIGN_OR_RETURN(const VerbArguments parsed, ParseVerbFlags(Flags(), arguments));
  if (parsed.help || (parsed.positional.empty() && parsed.values.empty())) {
    std::printf("%s%s\n%s%s", kHelp, VerbFlagsHelp(Flags()).c_str(), ListOfCorpora().c_str(), kExitCodes);
    return 0;
  }
  if (parsed.positional.size() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("diarflow prepare takes one corpus, here are ", parsed.positional.size(), "\n", ListOfCorpora()));
  }
  ASSIGN_OR_RETURN(const PreparableCorpus* const preparable, FindPreparableCorpus(parsed.positional[0]));
  ASSIGN_OR_RETURN(const CorpusRequest request, RequestOf(parsed));
  ASSIGN_OR_RETURN(const std::string out,
                   ResolvePath(parsed.Get("out", absl::StrCat("diarflow-out/", preparable->name))));
  ASSIGN_OR_RETURN(Corpus corpus, ReadCorpus(*preparable, request));
  ASSIGN_OR_RETURN(const std::vector<std::string> written, WriteCorpus(out, &corpus));
  ASSIGN_OR_RETURN(const std::vector<SplitStatistics> statistics,
                   CorpusStatistics(corpus.entries, corpus.labels, corpus.regions));
  std::printf("%s\n\n%s\n", preparable->summary.c_str(),
              StatisticsTable(statistics, preparable->expected(request)).c_str());
  PrintSentences(stdout, "note", corpus.notes);
  for (const std::string& path : written) std::printf("wrote %s\n", path.c_str());
  std::fflush(stdout);
  PrintSentences(stderr, "missing", corpus.problems);
  return corpus.problems.empty() ? 0 : kExitSomeMissing;
}

}  // namespace

int PrepareMain(const std::vector<std::string>& arguments) { return ExitCodeOf(Prepare(arguments)); }

}  // namespace diarflow
