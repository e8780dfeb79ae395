// gmock matchers of absl::Status and absl::StatusOr, for tests.
//
//   EXPECT_THAT(Load(path), IsOk());
//   EXPECT_THAT(Parse("12"), IsOkAndHolds(12));
//   EXPECT_THAT(Load("nowhere"), StatusIs(absl::StatusCode::kNotFound, HasSubstr("nowhere")));
//
// There is no matcher for "some error": a test names the code that it expects.
#ifndef DIARFLOW_BASE_STATUS_MATCHERS_H_
#define DIARFLOW_BASE_STATUS_MATCHERS_H_

#include <ostream>
#include <string>
#include <type_traits>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gmock/gmock.h"

namespace diarflow {
namespace status_internal {

inline const absl::Status& GetStatus(const absl::Status& status) { return status; }
template <typename T>
const absl::Status& GetStatus(const absl::StatusOr<T>& status_or) {
  return status_or.status();
}

}  // namespace status_internal

MATCHER(IsOk, negation ? "is not OK" : "is OK") {
  const absl::Status& status = status_internal::GetStatus(arg);
  if (!status.ok()) *result_listener << "whose status is " << status.ToString();
  return status.ok();
}

MATCHER_P2(StatusIs, code, message_matcher,
           std::string(negation ? "has not" : "has") + " the code " + absl::StatusCodeToString(code)) {
  const absl::Status& status = status_internal::GetStatus(arg);
  *result_listener << "whose status is " << status.ToString();
  if (status.code() != code) return false;
  return testing::ExplainMatchResult(message_matcher, std::string(status.message()), result_listener);
}

inline auto StatusIs(absl::StatusCode code) { return StatusIs(code, testing::_); }

MATCHER_P(IsOkAndHolds, value_matcher, "is OK and holds the value") {
  if (!arg.ok()) {
    *result_listener << "whose status is " << arg.status().ToString();
    return false;
  }
  return testing::ExplainMatchResult(value_matcher, *arg, result_listener);
}

}  // namespace diarflow

#define ASSERT_OK(expression) ASSERT_THAT(expression, ::diarflow::IsOk())
#define EXPECT_OK(expression) EXPECT_THAT(expression, ::diarflow::IsOk())

// Takes the value of a StatusOr, or ends the test.
#define ASSERT_OK_AND_ASSIGN(left, expression) \
  DIARFLOW_ASSERT_OK_AND_ASSIGN(DIARFLOW_TEST_CONCAT(diarflow_result_, __LINE__), left, expression)
#define DIARFLOW_TEST_CONCAT_INNER(a, b) a##b
#define DIARFLOW_TEST_CONCAT(a, b) DIARFLOW_TEST_CONCAT_INNER(a, b)
#define DIARFLOW_ASSERT_OK_AND_ASSIGN(name, left, expression) \
  auto name = (expression);                                   \
  ASSERT_THAT(name, ::diarflow::IsOk());                      \
  left = *std::move(name)

#endif  // DIARFLOW_BASE_STATUS_MATCHERS_H_
