#include "datasets/excerpts/excerpts.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/files.h"
#include "base/status_macros.h"
#include "datasets/corpus_files.h"
#include "datasets/formats/rttm.h"
#include "datasets/formats/text_lines.h"
#include "datasets/formats/uem.h"
#include "datasets/problem_list.h"

namespace diarflow {
namespace {

constexpr absl::string_view kSplits[] = {"train", "development", "test"};

template <typename Entry>
Entry OfUri(const std::vector<Entry>& entries, const std::string& uri) {
  const auto found = std::find_if(entries.begin(), entries.end(), [&](const Entry& entry) { return entry.uri == uri; });
  if (found != entries.end()) return *found;
  Entry nothing;
  nothing.uri = uri;
  return nothing;
}

void AddClip(const std::string& root, absl::string_view split, Recording recording, EvaluationRegion region,
             Corpus* corpus, ProblemList* problems) {
  ManifestEntry entry;
  entry.audio = JoinPath(root, absl::StrCat(recording.uri, ".wav"));
  entry.utterance = entry.session = recording.uri;
  entry.split = std::string(split);
  std::set<std::string> speakers;
  for (const Turn& turn : recording.turns) speakers.insert(turn.speaker);
  entry.num_speakers = static_cast<int>(speakers.size());
  corpus->labels.push_back(std::move(recording));
  const absl::StatusOr<int64_t> duration = AudioDuration(entry.audio);
  if (!duration.ok()) {
    problems->Add("clips without audio", duration.status().message());
    return;
  }
  entry.duration = *duration;
  if (region.spans.empty()) region.spans.push_back({0, *entry.duration});
  corpus->regions.push_back(std::move(region));
  corpus->entries.push_back(std::move(entry));
}

absl::Status AddSplit(const std::string& root, absl::string_view split, Corpus* corpus, ProblemList* problems) {
  const std::string path = JoinPath(root, split);
  std::vector<std::string> clips;
  RETURN_IF_ERROR(ForEachLineOfFile(absl::StrCat(path, ".lst"), [&](absl::string_view line) {
    for (const absl::string_view clip : SplitFields(line)) clips.emplace_back(clip);
    return absl::OkStatus();
  }));
  ASSIGN_OR_RETURN(const std::vector<Recording> labels, ReadRttm(absl::StrCat(path, ".rttm")));
  ASSIGN_OR_RETURN(const std::vector<EvaluationRegion> regions, ReadUem(absl::StrCat(path, ".uem")));
  for (const std::string& clip : clips) {
    AddClip(root, split, OfUri(labels, clip), OfUri(regions, clip), corpus, problems);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Corpus> ExcerptsCorpus(const std::string& root) {
  Corpus corpus;
  corpus.name = "excerpts of AMI";
  ProblemList problems;
  int splits = 0;
  for (const absl::string_view split : kSplits) {
    const absl::Status status = AddSplit(root, split, &corpus, &problems);
    splits += status.ok() ? 1 : 0;
    if (!status.ok()) problems.Add("splits left out", status.message());
  }
  if (splits == 0) {
    return absl::NotFoundError(
        absl::StrCat(root, ": the excerpts are not here: ", absl::string_view(problems.Sentences(1)[0])));
  }
  corpus.problems = problems.Sentences();
  return corpus;
}

std::vector<ExpectedSplit> ExcerptsExpectedSplits() {
  std::vector<ExpectedSplit> splits(3);
  const int64_t files[] = {10, 2, 2};
  const int64_t speakers[] = {21, 2, 4};
  const int64_t turns[] = {77, 17, 27};
  for (size_t i = 0; i < splits.size(); ++i) {
    splits[i].split = std::string(kSplits[i]);
    splits[i].files = files[i];
    splits[i].speakers = speakers[i];
    splits[i].turns = turns[i];
    splits[i].source = "test data of pyannote-audio 4.0.7, counted";
  }
  return splits;
}

}  // namespace diarflow
