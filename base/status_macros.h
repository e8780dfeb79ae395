// Macros that pass an error on: for functions that return absl::Status or absl::StatusOr.
//
//   RETURN_IF_ERROR(Write(path));
//   ASSIGN_OR_RETURN(const Weights weights, Weights::Open(path));
#ifndef DIARFLOW_BASE_STATUS_MACROS_H_
#define DIARFLOW_BASE_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define RETURN_IF_ERROR(expression)                    \
  do {                                                 \
    absl::Status diarflow_status = (expression);       \
    if (!diarflow_status.ok()) return diarflow_status; \
  } while (false)

#define DIARFLOW_CONCAT_INNER(a, b) a##b
#define DIARFLOW_CONCAT(a, b) DIARFLOW_CONCAT_INNER(a, b)

#define DIARFLOW_ASSIGN_OR_RETURN(name, left, expression) \
  auto name = (expression);                               \
  if (!name.ok()) return std::move(name).status();        \
  left = *std::move(name)

// A left side that holds a comma needs parentheses of its own, or a type alias.
#define ASSIGN_OR_RETURN(left, expression) \
  DIARFLOW_ASSIGN_OR_RETURN(DIARFLOW_CONCAT(diarflow_result_, __LINE__), left, expression)

#endif  // DIARFLOW_BASE_STATUS_MACROS_H_
