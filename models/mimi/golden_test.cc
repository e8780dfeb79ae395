// The encoder against stored goldens.
//
//   ./bazelw test //models/mimi:golden_test                                   the goldens in testdata/golden
//   ... --test_env=GOLDEN_FILE=/path/of/golden.json                           another golden of the same form
//   ... --test_env=GOLDEN_SIGNAL=/path/of/samples.f32                         with this signal (raw float32)
//
// Configuration, constants, formulas, sample count and tables all come from the file.
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "base/files.h"
#include "base/status_macros.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "models/mimi/testing/golden_check.h"
#include "models/mimi/testing/golden_run.h"
#include "nlohmann/json.hpp"

namespace diarflow {
namespace {

using nlohmann::json;

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

absl::StatusOr<json> ReadGolden(const std::string& name) {
  ASSIGN_OR_RETURN(const std::string path, ResolvePath(name));
  ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  json golden = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (golden.is_discarded()) return absl::DataLossError(path + " is not JSON");
  return golden;
}

std::vector<std::string> GoldenFiles() {
  const std::string other = Environment("GOLDEN_FILE");
  if (!other.empty()) return {other};
  return {"runfiles:testdata/golden/mimi_mini_ctx250.json", "runfiles:testdata/golden/mimi_mini_ctx20.json",
          "runfiles:testdata/golden/mimi_mini_literal_fill.json", "runfiles:testdata/golden/mimi_full.json"};
}

// The number with its first digit that is not zero five further on; a change of at least half the number.
json ChangeDigit(const json& number) {
  std::string text = number.dump();
  const size_t at = text.find_first_of("123456789");
  if (at == std::string::npos) return number.get<double>() + 1;
  text[at] = static_cast<char>('0' + (text[at] - '0' + 5) % 10);
  // No number begins with more than one zero.
  if (number.is_number_integer()) return static_cast<int64_t>(std::atoll(text.c_str()));
  return std::strtod(text.c_str(), nullptr);
}

TEST(GoldenTest, EveryNumberIsWithinItsTolerance) {
  for (const std::string& file : GoldenFiles()) {
    SCOPED_TRACE(file);
    ASSERT_OK_AND_ASSIGN(const json golden, ReadGolden(file));
    ASSERT_OK_AND_ASSIGN(const GoldenRun run, RunGolden(golden, Environment("GOLDEN_SIGNAL")));
    const GoldenReport report = CheckGolden(golden, run);
    std::cout << file << ": " << report.checked.size() << " numbers checked, " << report.bounded.size()
              << " figures of noise bounded, " << report.inputs.size() << " numbers are inputs, "
              << report.mismatches.size() << " mismatches" << std::endl;
    EXPECT_THAT(report.mismatches, testing::IsEmpty());
    EXPECT_GT(report.checked.size(), 100u);
  }
}

// Changes one digit at a time, everywhere, and expects that it is found.
TEST(GoldenTest, AChangedDigitIsFound) {
  ASSERT_OK_AND_ASSIGN(const json golden, ReadGolden(GoldenFiles().front()));
  ASSERT_OK_AND_ASSIGN(const GoldenRun run, RunGolden(golden, Environment("GOLDEN_SIGNAL")));
  const GoldenReport report = CheckGolden(golden, run);
  int changed = 0, too_small = 0;
  for (const auto& [at, tolerance] : report.checked) {
    json mutant = golden;
    json& number = mutant[json::json_pointer(at)];
    const double before = number.get<double>();
    number = ChangeDigit(number);
    if (std::abs(number.get<double>() - before) <= 2 * tolerance) {
      ++too_small;
      continue;
    }
    ++changed;
    EXPECT_GT(CheckGolden(mutant, run).mismatches.size(), report.mismatches.size())
        << at << ": " << before << " to " << number;
  }
  std::cout << changed << " digits changed one by one; " << too_small << " numbers lie below their tolerance"
            << std::endl;
  EXPECT_GT(changed, 100);
  EXPECT_LT(too_small, changed / 20);
}

TEST(GoldenTest, ALostOrUnknownFieldIsFound) {
  ASSERT_OK_AND_ASSIGN(const json golden, ReadGolden(GoldenFiles().front()));
  ASSERT_OK_AND_ASSIGN(const GoldenRun run, RunGolden(golden, Environment("GOLDEN_SIGNAL")));
  json unknown = golden;
  unknown["latent12"]["first9"] = {1.5};
  EXPECT_THAT(CheckGolden(unknown, run).mismatches,
              testing::Contains(testing::HasSubstr("/latent12/first9/0: nothing here computes it")));
  json lost = golden;
  lost["latent25"].erase("norm_all");
  EXPECT_THAT(CheckGolden(lost, run).mismatches,
              testing::Contains(testing::HasSubstr("/latent25/norm_all is not a list")));
}

}  // namespace
}  // namespace diarflow
