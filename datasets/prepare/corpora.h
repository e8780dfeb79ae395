// The corpora that can be prepared, by name.
#ifndef DIARFLOW_DATASETS_PREPARE_CORPORA_H_
#define DIARFLOW_DATASETS_PREPARE_CORPORA_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "datasets/corpus.h"

namespace diarflow {

// What a user says about a corpus; empty where they say nothing. Paths are ready to be opened.
struct CorpusRequest {
  std::string root;
  std::string labels;      // one of PreparableCorpus::labels
  std::string alignments;  // a folder
};

struct PreparableCorpus {
  std::string name;     // as users type it: "ami"
  std::string summary;  // half a line
  // Where it lies when no root is given, for ResolvePath(); empty when a root must be given.
  std::string own_root;
  std::string root_help;            // what the root holds, and how to get it
  std::vector<std::string> labels;  // what `labels` may be, the first without it; empty: there is no choice
  bool takes_alignments = false;

  std::function<absl::StatusOr<Corpus>(const CorpusRequest& request)> read;
  std::function<std::vector<ExpectedSplit>(const CorpusRequest& request)> expected;
};

// By name.
const std::vector<PreparableCorpus>& PreparableCorpora();

// kInvalidArgument for a name that none has, with the nearest.
absl::StatusOr<const PreparableCorpus*> FindPreparableCorpus(const std::string& name);

// Fills in what the request leaves open, and reads; paths in the result are absolute. kInvalidArgument: no root where
// one is needed, labels or alignments that this corpus does not have; kNotFound: the root is no folder, with the
// corpus's root_help. Errors of `read`.
absl::StatusOr<Corpus> ReadCorpus(const PreparableCorpus& corpus, CorpusRequest request);

}  // namespace diarflow

#endif  // DIARFLOW_DATASETS_PREPARE_CORPORA_H_
