// The excerpts: 14 clips of 30 s out of the AMI meetings with who speaks when (third_party/repos/excerpts.bzl), in the
// splits "train" (10 clips), "development" and "test" (2 each): tune on train only.
#ifndef DIARFLOW_DATASETS_EXCERPTS_EXCERPTS_H_
#define DIARFLOW_DATASETS_EXCERPTS_EXCERPTS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "datasets/corpus.h"

namespace diarflow {

// Of the folder that holds trn00.wav and train.{lst,rttm,uem}: in a build, runfiles:@excerpts/excerpts. Clips by split,
// then in the order of the split's list. Every clip is a session of its own.
// kNotFound when none of the lists is there; a broken list or label file costs its split and nothing else.
absl::StatusOr<Corpus> ExcerptsCorpus(const std::string& root);

std::vector<ExpectedSplit> ExcerptsExpectedSplits();

}  // namespace diarflow

#endif  // DIARFLOW_DATASETS_EXCERPTS_EXCERPTS_H_
