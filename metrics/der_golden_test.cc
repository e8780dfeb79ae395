// Diarization and Jaccard error rates against numbers of pyannote.metrics 4.2 and md-eval 22.
//
// --test_env=GOLDEN_FILE=F   another golden of the same form (absolute path).
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/files.h"
#include "base/status_macros.h"
#include "base/status_matchers.h"
#include "diarization/turns.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "metrics/der.h"
#include "metrics/jer.h"
#include "nlohmann/json.hpp"

namespace diarflow {
namespace {

using Json = nlohmann::json;

// Seconds are multiples of a millisecond; rates have nine significant digits.
constexpr double kTolerance = 1e-6;

double RateTolerance(const Json& stored) {
  const double rate = stored.is_number() ? std::abs(stored.get<double>()) : 0;
  return rate == 0 ? kTolerance : std::min(kTolerance, 0.51 * std::pow(10, std::floor(std::log10(rate)) - 8));
}

// md-eval.pl itself prints two decimals. A file that stores three anywhere was made with more, and holds it to the
// millisecond.
double MdEvalTolerance(const Json& golden) {
  for (const Json& entry : golden["cases"]) {
    for (const Json& stored : entry["mdeval"]) {
      if (!stored.is_array()) continue;
      for (const Json& seconds : stored) {
        const double hundredths = seconds.get<double>() * 100;
        if (std::abs(hundredths - std::round(hundredths)) > 1e-6) return kTolerance;
      }
    }
  }
  return 0.005 + kTolerance;
}

struct Condition {
  int64_t collar;
  bool skip_overlap;
};

const std::map<std::string, Condition>& Conditions() {
  static const auto* const conditions = new std::map<std::string, Condition>{
      {"c0", {0, false}}, {"c25", {250000, false}}, {"c0_skip", {0, true}}, {"c25_skip", {250000, true}}};
  return *conditions;
}

// The stored decimal with up to six places.
int64_t Microseconds(const Json& seconds) { return std::llround(seconds.get<double>() * 1e6); }

double Seconds(int64_t microseconds) { return static_cast<double>(microseconds) * 1e-6; }

Recording ReadTurns(const std::string& uri, const Json& rows) {
  Recording recording = {uri, {}};
  for (const Json& row : rows) {
    const int64_t start = Microseconds(row[0]);
    recording.turns.push_back({start, Microseconds(row[1]) - start, row[2]});
  }
  return recording;
}

class GoldenCheck {
 public:
  explicit GoldenCheck(double mdeval_tolerance) : mdeval_tolerance_(mdeval_tolerance) {}

  absl::Status CheckAll(const Json& golden) {
    for (const Json& entry : golden["cases"]) RETURN_IF_ERROR(CheckCase(entry));
    return CheckAggregate(golden["aggregate"]);
  }

  // Of the files checked so far.
  absl::Status CheckAggregate(const Json& aggregate) {
    name_ = "aggregate";
    for (const auto& [key, stored] : aggregate.items()) {
      if (key == "jer") {
        RETURN_IF_ERROR(Compare("jer", stored, pooled_jer_.rate(), RateTolerance(stored)));
        continue;
      }
      if (Conditions().count(key) == 0) return absl::NotFoundError(absl::StrCat("nothing computes aggregate ", key));
      RETURN_IF_ERROR(CompareComponents(key, stored, pooled_der_[key], kTolerance, /*with_rate=*/true));
    }
    return absl::OkStatus();
  }

  absl::Status CheckCase(const Json& entry) {
    name_ = entry["name"];
    reference_ = ReadTurns(name_, entry["ref"]);
    hypothesis_ = ReadTurns(name_, entry["hyp"]);
    region_.reset();
    if (!entry["uem"].is_null()) {
      region_.emplace();
      for (const Json& span : entry["uem"]) region_->push_back({Microseconds(span[0]), Microseconds(span[1])});
    }
    ASSIGN_OR_RETURN(const FileJer jer, ScoreJer(reference_, hypothesis_, region_));
    pooled_jer_ += jer.sum;
    for (const auto& [key, stored] : entry.items()) {
      if (key == "name" || key == "ref" || key == "hyp" || key == "uem") continue;
      if (key == "der") {
        RETURN_IF_ERROR(CheckPyannote(stored));
      } else if (key == "mdeval") {
        RETURN_IF_ERROR(CheckMdEval(stored, entry["der"]));
      } else if (key == "jer") {
        RETURN_IF_ERROR(Compare(key, stored, jer.rate, RateTolerance(stored)));
      } else if (key == "jer_sum") {
        RETURN_IF_ERROR(Compare(key, stored, jer.sum.sum, RateTolerance(stored)));
      } else if (key == "jer_speakers") {
        RETURN_IF_ERROR(Compare(key, stored, static_cast<double>(jer.sum.speakers), 0));
      } else {
        return absl::NotFoundError(absl::StrCat(name_, ": nothing computes \"", key, "\""));
      }
    }
    return absl::OkStatus();
  }

  int count() const { return count_; }

 private:
  absl::StatusOr<FileDer> Score(DerConvention convention, const std::string& condition) {
    const auto found = Conditions().find(condition);
    if (found == Conditions().end()) return absl::NotFoundError(absl::StrCat("unknown condition ", condition));
    return ScoreDer(reference_, hypothesis_, region_, {convention, found->second.collar, found->second.skip_overlap});
  }

  absl::Status CheckPyannote(const Json& conditions) {
    for (const auto& [condition, stored] : conditions.items()) {
      ASSIGN_OR_RETURN(const FileDer file, Score(DerConvention::kPyannote, condition));
      pooled_der_[condition] += file.components;
      RETURN_IF_ERROR(CompareComponents(absl::StrCat("der ", condition), stored, file.components, kTolerance,
                                        /*with_rate=*/true));
    }
    return absl::OkStatus();
  }

  // "same" stands for the components of the other convention; null for no result, which is so without a reference.
  absl::Status CheckMdEval(const Json& conditions, const Json& pyannote) {
    for (const auto& [condition, stored] : conditions.items()) {
      ASSIGN_OR_RETURN(const FileDer file, Score(DerConvention::kMdEval, condition));
      const std::string what = absl::StrCat("mdeval ", condition);
      if (stored.is_null()) {
        RETURN_IF_ERROR(Compare(what, 0, static_cast<double>(file.components.total), 0));
        continue;
      }
      const Json& components = stored == "same" ? pyannote[condition] : stored;
      RETURN_IF_ERROR(CompareComponents(what, components, file.components, mdeval_tolerance_, /*with_rate=*/false));
    }
    return absl::OkStatus();
  }

  absl::Status CompareComponents(const std::string& what, const Json& stored, const DerComponents& ours,
                                 double tolerance, bool with_rate) {
    if (!stored.is_array() || stored.size() < (with_rate ? 5u : 4u)) {
      return absl::DataLossError(absl::StrCat(name_, ": ", what, " holds ", stored.dump()));
    }
    RETURN_IF_ERROR(Compare(absl::StrCat(what, " total"), stored[0], Seconds(ours.total), tolerance));
    RETURN_IF_ERROR(Compare(absl::StrCat(what, " missed"), stored[1], Seconds(ours.missed), tolerance));
    RETURN_IF_ERROR(Compare(absl::StrCat(what, " false alarm"), stored[2], Seconds(ours.false_alarm), tolerance));
    RETURN_IF_ERROR(Compare(absl::StrCat(what, " confusion"), stored[3], Seconds(ours.confusion), tolerance));
    if (!with_rate) return absl::OkStatus();
    return Compare(absl::StrCat(what, " rate"), stored[4], ours.rate(), RateTolerance(stored[4]));
  }

  absl::Status Compare(const std::string& what, const Json& stored, double ours, double tolerance) {
    ++count_;
    if (stored.is_number() && std::abs(stored.get<double>() - ours) <= tolerance) return absl::OkStatus();
    return absl::DataLossError(absl::StrCat(name_, ": ", what, " is ", Json(ours).dump(), ", stored ", stored.dump()));
  }

  const double mdeval_tolerance_;
  std::string name_;
  Recording reference_;
  Recording hypothesis_;
  std::optional<std::vector<TimeSpan>> region_;
  std::map<std::string, DerComponents> pooled_der_;
  JerSum pooled_jer_;
  int count_ = 0;
};

constexpr char kOwnGolden[] = "runfiles:testdata/golden/der_public.json";

absl::StatusOr<Json> ReadGolden(const std::string& file) {
  ASSIGN_OR_RETURN(const std::string path, ResolvePath(file));
  ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  Json golden = Json::parse(text, nullptr, false);
  if (!golden.is_object() || !golden["cases"].is_array() || !golden["aggregate"].is_object()) {
    return absl::InvalidArgumentError(absl::StrCat(path, " is not a golden of diarization error rates"));
  }
  return golden;
}

TEST(DerGoldenTest, EveryStoredNumber) {
  const char* const file = std::getenv("GOLDEN_FILE");
  ASSERT_OK_AND_ASSIGN(const Json golden, ReadGolden(file != nullptr ? file : kOwnGolden));
  GoldenCheck check(MdEvalTolerance(golden));
  EXPECT_OK(check.CheckAll(golden));
  std::cout << check.count() << " numbers of " << golden["cases"].size() << " files and their aggregate checked\n";
  EXPECT_GT(check.count(), 0);
}

// Every way to change one digit of a printed number.
std::vector<Json> OneDigitChanged(const Json& number) {
  std::vector<Json> changed;
  const std::string text = number.dump();
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] < '0' || text[i] > '9') continue;
    std::string other = text;
    other[i] = text[i] == '9' ? '8' : static_cast<char>(text[i] + 1);
    const Json parsed = Json::parse(other, nullptr, false);
    if (parsed.is_number()) changed.push_back(parsed);
  }
  return changed;
}

// The places of all numbers below `tree` whose path does not begin with one of `but`.
std::vector<Json::json_pointer> NumbersIn(const Json& tree, const std::vector<std::string>& but) {
  std::vector<Json::json_pointer> places;
  const Json flat = tree.flatten();
  for (const auto& [place, value] : flat.items()) {
    bool left_out = !value.is_number();
    for (const std::string& prefix : but) left_out = left_out || place.rfind(prefix, 0) == 0;
    if (!left_out) places.emplace_back(place);
  }
  return places;
}

TEST(DerGoldenTest, OneDigitChangedFails) {
  ASSERT_OK_AND_ASSIGN(Json golden, ReadGolden(kOwnGolden));
  const double tolerance = MdEvalTolerance(golden);
  int mutants = 0;
  for (Json& entry : golden["cases"]) {
    for (const Json::json_pointer& place : NumbersIn(entry, {"/ref", "/hyp", "/uem"})) {
      const Json original = entry[place];
      for (const Json& changed : OneDigitChanged(original)) {
        entry[place] = changed;
        ++mutants;
        EXPECT_FALSE(GoldenCheck(tolerance).CheckCase(entry).ok())
            << entry["name"] << " " << place.to_string() << ": " << original << " changed to " << changed;
      }
      entry[place] = original;
    }
    ASSERT_OK(GoldenCheck(tolerance).CheckCase(entry));
  }
  GoldenCheck check(tolerance);
  ASSERT_OK(check.CheckAll(golden));
  Json aggregate = golden["aggregate"];
  for (const Json::json_pointer& place : NumbersIn(aggregate, {})) {
    const Json original = aggregate[place];
    for (const Json& changed : OneDigitChanged(original)) {
      aggregate[place] = changed;
      ++mutants;
      EXPECT_FALSE(check.CheckAggregate(aggregate).ok()) << place.to_string() << " changed to " << changed;
    }
    aggregate[place] = original;
  }
  std::cout << mutants << " files with one digit changed fail\n";
}

// Times that another boundary hides change nothing; nearly all others show.
TEST(DerGoldenTest, OneDigitOfATimeChangedIsNoticed) {
  ASSERT_OK_AND_ASSIGN(Json golden, ReadGolden(kOwnGolden));
  const double tolerance = MdEvalTolerance(golden);
  int mutants = 0;
  int noticed = 0;
  for (Json& entry : golden["cases"]) {
    for (const Json::json_pointer& place : NumbersIn(entry, {"/der", "/mdeval", "/jer"})) {
      const Json original = entry[place];
      for (const Json& changed : OneDigitChanged(original)) {
        entry[place] = changed;
        ++mutants;
        noticed += !GoldenCheck(tolerance).CheckCase(entry).ok();
      }
      entry[place] = original;
    }
  }
  std::cout << noticed << " of " << mutants << " files with one digit of a time changed fail\n";
  EXPECT_GT(noticed, mutants * 9 / 10);
}

}  // namespace
}  // namespace diarflow
