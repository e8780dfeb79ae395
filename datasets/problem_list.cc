#include "datasets/problem_list.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace diarflow {

void ProblemList::Add(absl::string_view kind, absl::string_view what) {
  auto found = std::find_if(kinds_.begin(), kinds_.end(), [kind](const Kind& known) { return known.kind == kind; });
  if (found == kinds_.end()) found = kinds_.insert(kinds_.end(), {std::string(kind), {}});
  found->files.emplace_back(what);
}

std::vector<std::string> ProblemList::Sentences(size_t named) const {
  std::vector<std::string> sentences;
  for (const Kind& kind : kinds_) {
    const size_t shown = std::min(named, kind.files.size());
    const auto end = kind.files.begin() + static_cast<std::ptrdiff_t>(shown);
    sentences.push_back(absl::StrCat(kind.kind, ": ", absl::StrJoin(kind.files.begin(), end, ", ")));
    if (shown == kind.files.size()) continue;
    absl::StrAppend(&sentences.back(), " and ", kind.files.size() - shown, " more (", kind.files.size(), " in all)");
  }
  return sentences;
}

}  // namespace diarflow
