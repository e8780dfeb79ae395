#include <filesystem>
#include <string>

#include "base/files.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "graph/config_loader.h"
#include "graph/validator.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

TEST(PipelinesTest, AllValidateWithoutWarnings) {
  int checked = 0;
  for (const auto& entry : std::filesystem::directory_iterator("experiments")) {
    if (entry.path().extension() != ".textproto") continue;
    ++checked;
    ASSERT_OK_AND_ASSIGN(const Pipeline pipeline, Pipeline::Load(entry.path().string()));
    ASSERT_OK_AND_ASSIGN(const Plan plan, Validate(pipeline));
    EXPECT_THAT(plan.warnings, testing::IsEmpty()) << entry.path();
    EXPECT_FALSE(pipeline.config().description().empty()) << entry.path();
    for (const ParamConfig& param : pipeline.config().param()) EXPECT_FALSE(param.help().empty()) << param.name();
  }
  EXPECT_GE(checked, 1);
}

}  // namespace
}  // namespace diarflow
