// A corpus as files that every program of the field reads.
#ifndef DIARFLOW_DATASETS_PREPARE_WRITE_CORPUS_H_
#define DIARFLOW_DATASETS_PREPARE_WRITE_CORPUS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "datasets/corpus.h"

namespace diarflow {

// Writes into `folder`, which is made where missing:
//   manifest.jsonl               all entries (datasets/manifest.h)
//   labels.rttm, regions.uem     of a corpus with labels: all recordings, also those without audio; entries name them
//                                as rttm_filepath and uem_filepath
//   SPLIT/manifest.jsonl, ...    the same for the entries of each split, without those that have no audio
// Entries that no manifest can hold (their path is not UTF-8) are moved to corpus->problems first. Equal corpora give
// equal bytes. Answers the paths written. Errors of WriteManifest(), WriteRttm() and WriteUem(); kFailedPrecondition
// when the corpus has neither entries nor labels: the message says what its problems are.
absl::StatusOr<std::vector<std::string>> WriteCorpus(const std::string& folder, Corpus* corpus);

}  // namespace diarflow

#endif  // DIARFLOW_DATASETS_PREPARE_WRITE_CORPUS_H_
