#include "datasets/voices/voices_corpus.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "audio/decode.h"
#include "base/status_macros.h"
#include "datasets/problem_list.h"
#include "datasets/simulator/energy_tokens.h"
#include "tbb/parallel_for.h"

namespace diarflow {
namespace {

constexpr char kUnreadable[] = "files or folders that cannot be read";

absl::StatusOr<std::vector<AlignedToken>> TokensOf(const std::string& path) {
  ASSIGN_OR_RETURN(const Waveform waveform, DecodeAudio(path));
  return EnergyTokens(waveform.samples, waveform.sample_rate, {});
}

}  // namespace

absl::StatusOr<Corpus> VoicesCorpus(const std::vector<VoicesRow>& map, const std::string& root,
                                    const VoicesOptions& options) {
  ASSIGN_OR_RETURN(VoicesSet set, ListVoices(map, root, options));
  std::vector<absl::Status> errors(set.entries.size());
  tbb::parallel_for(size_t{0}, set.entries.size(), [&](size_t i) {
    absl::StatusOr<std::vector<AlignedToken>> tokens = TokensOf(set.entries[i].audio);
    errors[i] = tokens.status();
    if (tokens.ok()) set.entries[i].tokens = *std::move(tokens);
  });
  ProblemList problems;
  ProblemList notes;
  Corpus corpus;
  corpus.name = "voices";
  for (size_t i = 0; i < errors.size(); ++i) {
    if (!errors[i].ok()) {
      problems.Add(kUnreadable, errors[i].message());
      continue;
    }
    if (set.entries[i].split.empty()) {
      notes.Add("files in no split, since their speaker or package would be in both", set.entries[i].utterance);
    }
    corpus.entries.push_back(std::move(set.entries[i]));
  }
  for (const std::string& path : set.unreadable) problems.Add(kUnreadable, path);
  for (const std::string& glob : set.empty_globs) {
    problems.Add("voices that are missing (a package is not there, or not this version of it)", glob);
  }
  for (const std::string& file : set.contradictions) notes.Add("left out, since two speakers have the same file", file);
  for (const std::string& file : set.duplicates) notes.Add("left out, since the speaker has the same file twice", file);
  corpus.problems = problems.Sentences();
  corpus.notes = notes.Sentences();
  if (set.left_out > 0) {
    corpus.notes.push_back(absl::StrCat(set.left_out, " files left out, which the table says are of no use"));
  }
  return corpus;
}

std::vector<ExpectedSplit> VoicesExpectedSplits() {
  std::vector<ExpectedSplit> splits = {{std::string(kVoicesTrain), 5436, 39, 1.446, {}, {}, {}, {}, ""},
                                       {std::string(kVoicesValidation), 940, 7, .498, {}, {}, {}, {}, ""}};
  for (ExpectedSplit& split : splits) split.source = "the six packages of Debian 12, counted";
  return splits;
}

}  // namespace diarflow
