#include "models/weights/state_dict.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/status_macros.h"

namespace diarflow {
namespace {

constexpr absl::string_view kPrefixes[] = {"model_state_dict.", "state_dict.", "model."};

bool IsOfTraining(absl::string_view name) {
  return absl::StartsWith(name, "optimizer") || absl::StartsWith(name, "scheduler");
}

// What stands before every name, with the prefixes of kPrefixes; empty for none.
std::string SharedPrefix(const std::vector<std::string>& names) {
  std::string shared;
  for (bool found = !names.empty(); found;) {
    found = false;
    for (const absl::string_view prefix : kPrefixes) {
      const std::string longer = absl::StrCat(shared, prefix);
      found = std::all_of(names.begin(), names.end(),
                          [&](const std::string& name) { return absl::StartsWith(name, longer); });
      if (!found) continue;
      shared = longer;
      break;
    }
  }
  return shared;
}

}  // namespace

absl::StatusOr<TensorTable> UnwrapStateDict(const TensorTable& tensors) {
  std::vector<std::string> names = tensors.Names();
  names.erase(std::remove_if(names.begin(), names.end(), &IsOfTraining), names.end());
  const std::string prefix = SharedPrefix(names);
  if (prefix.empty()) return tensors;
  TensorTable unwrapped(tensors.source());
  const auto owner = std::make_shared<const TensorTable>(tensors);
  for (const std::string& name : names) {
    RETURN_IF_ERROR(unwrapped.Add(name.substr(prefix.size()), *tensors.Find(name), owner));
  }
  return unwrapped;
}

}  // namespace diarflow
