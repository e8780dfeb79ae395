#include "models/layers/guarded.h"

#include <stdexcept>

#include "absl/status/statusor.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

TEST(GuardedTest, TurnsExceptionsIntoStatuses) {
  const auto run = [](auto function) {
    return Guarded("Net", "running", [&]() -> absl::StatusOr<int> { return function(); });
  };
  ASSERT_OK_AND_ASSIGN(const int result, run([] { return 3; }));
  EXPECT_EQ(result, 3);
  EXPECT_THAT(run([]() -> int { throw std::bad_alloc(); }),
              StatusIs(absl::StatusCode::kResourceExhausted, "Net: no memory left while running"));
  EXPECT_THAT(run([]() -> int { TORCH_CHECK_WITH(OutOfMemoryError, false, "CUDA out of memory"); }),
              StatusIs(absl::StatusCode::kResourceExhausted, "Net: no memory left on the GPU while running"));
  EXPECT_THAT(run([]() -> int { throw std::runtime_error("broken\nstack"); }),
              StatusIs(absl::StatusCode::kInternal, "Net: running failed: broken"));
  EXPECT_TRUE(Guarded("Net", "running", [] {
                return c10::InferenceMode::is_enabled() ? absl::OkStatus() : absl::InternalError("gradients");
              }).ok());
}

}  // namespace
}  // namespace diarflow
