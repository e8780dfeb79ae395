#include "datasets/prepare/write_corpus.h"

#include <map>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/files.h"
#include "base/status_macros.h"
#include "datasets/formats/rttm.h"
#include "datasets/formats/uem.h"
#include "datasets/problem_list.h"

namespace diarflow {
namespace {

void SetAsideUnwritable(Corpus* corpus) {
  ProblemList problems;
  std::vector<ManifestEntry> entries;
  for (ManifestEntry& entry : corpus->entries) {
    const absl::StatusOr<std::string> line = FormatManifestEntry(entry);
    if (line.ok()) {
      entries.push_back(std::move(entry));
    } else {
      problems.Add("files that a manifest cannot hold", line.status().message());
    }
  }
  corpus->entries = std::move(entries);
  for (std::string& sentence : problems.Sentences()) corpus->problems.push_back(std::move(sentence));
}

absl::Status WriteFolder(const std::string& folder, std::vector<ManifestEntry> entries,
                         const std::vector<Recording>& labels, const std::vector<EvaluationRegion>& regions,
                         bool labelled, std::vector<std::string>* written) {
  if (labelled) {
    const std::string rttm = JoinPath(folder, "labels.rttm");
    const std::string uem = JoinPath(folder, "regions.uem");
    RETURN_IF_ERROR(WriteRttm(rttm, labels));
    RETURN_IF_ERROR(WriteUem(uem, regions));
    written->push_back(rttm);
    written->push_back(uem);
    for (ManifestEntry& entry : entries) {
      entry.rttm = rttm;
      entry.uem = uem;
    }
  }
  const std::string manifest = JoinPath(folder, "manifest.jsonl");
  RETURN_IF_ERROR(WriteManifest(manifest, entries));
  written->push_back(manifest);
  return absl::OkStatus();
}

template <typename Entry>
std::vector<Entry> OfUtterances(const std::vector<Entry>& all, const std::set<std::string>& utterances) {
  std::vector<Entry> some;
  for (const Entry& entry : all) {
    if (utterances.count(entry.uri) > 0) some.push_back(entry);
  }
  return some;
}

}  // namespace

absl::StatusOr<std::vector<std::string>> WriteCorpus(const std::string& folder, Corpus* corpus) {
  SetAsideUnwritable(corpus);
  if (corpus->entries.empty() && corpus->labels.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat("nothing of ", corpus->name, " is there:\n  ", absl::StrJoin(corpus->problems, "\n  ")));
  }
  const bool labelled = !corpus->labels.empty();
  std::vector<std::string> written;
  RETURN_IF_ERROR(WriteFolder(folder, corpus->entries, corpus->labels, corpus->regions, labelled, &written));
  std::map<std::string, std::vector<ManifestEntry>> splits;
  for (const ManifestEntry& entry : corpus->entries) {
    if (!entry.split.empty()) splits[entry.split].push_back(entry);
  }
  for (const auto& [split, entries] : splits) {
    std::set<std::string> utterances;
    for (const ManifestEntry& entry : entries) utterances.insert(entry.utterance);
    RETURN_IF_ERROR(WriteFolder(JoinPath(folder, split), entries, OfUtterances(corpus->labels, utterances),
                                OfUtterances(corpus->regions, utterances), labelled, &written));
  }
  return written;
}

}  // namespace diarflow
