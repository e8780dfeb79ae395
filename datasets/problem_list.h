// Faults of many files, told as one sentence for each kind.
#ifndef DIARFLOW_DATASETS_PROBLEM_LIST_H_
#define DIARFLOW_DATASETS_PROBLEM_LIST_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace diarflow {

class ProblemList {
 public:
  // `kind` says what is wrong and what to do, `what` which file it is.
  void Add(absl::string_view kind, absl::string_view what);

  // "KIND: a, b, c", with more than `named` of them "KIND: a, b, c and 31 more (34 in all)". Kinds and files in the
  // order in which they were added.
  std::vector<std::string> Sentences(size_t named = 3) const;

  bool empty() const { return kinds_.empty(); }

 private:
  struct Kind {
    std::string kind;
    std::vector<std::string> files;
  };
  std::vector<Kind> kinds_;
};

}  // namespace diarflow

#endif  // DIARFLOW_DATASETS_PROBLEM_LIST_H_
