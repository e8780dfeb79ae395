// Gathers what the lines of a file say about recordings: one entry for each uri, in the order of first appearance.
#ifndef DIARFLOW_DATASETS_FORMATS_GROUP_BY_URI_H_
#define DIARFLOW_DATASETS_FORMATS_GROUP_BY_URI_H_

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"

namespace diarflow {

// `Entry` is a struct with a `uri`, such as Recording.
template <typename Entry>
class GroupByUri {
 public:
  // The entry of `uri`, made when it is new; valid until the next call.
  Entry& of(absl::string_view uri) {
    // Files are mostly sorted by uri.
    if (!entries_.empty() && entries_[last_].uri == uri) return entries_[last_];
    const auto [place, is_new] = place_.try_emplace(std::string(uri), entries_.size());
    if (is_new) {
      entries_.emplace_back();
      entries_.back().uri = std::string(uri);
    }
    last_ = place->second;
    return entries_[last_];
  }

  std::vector<Entry> Take() && { return std::move(entries_); }

 private:
  std::vector<Entry> entries_;
  absl::flat_hash_map<std::string, size_t> place_;
  size_t last_ = 0;
};

}  // namespace diarflow

#endif  // DIARFLOW_DATASETS_FORMATS_GROUP_BY_URI_H_
