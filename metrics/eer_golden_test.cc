// Equal error rates and detection costs against numbers from scikit-learn and scipy.
//
// --test_env=GOLDEN_FILE=F   another golden of the same form (absolute path). Its scores are stored in the file or made
//                            by the formula that it states, with the constants that it holds.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/files.h"
#include "base/status_macros.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "metrics/eer.h"
#include "nlohmann/json.hpp"
#include "re2/re2.h"

namespace diarflow {
namespace {

using Json = nlohmann::json;

// The formula of the file's "generator" with its numbers.
struct ScoreFormula {
  double a = 0, b = 0;  // constants A and B
  int64_t label_factor = 0, label_offset = 0, label_mod = 0;
  int64_t phase_mod = 0;
  double rate2 = 0, shift2 = 0, rate3 = 0, shift3 = 0;  // sin(th) + sin(rate2 th + shift2) + sin(rate3 th + shift3)
};

absl::StatusOr<ScoreFormula> ReadFormula(const Json& golden) {
  ScoreFormula formula;
  const std::string text = golden.value("generator", "");
  if (!RE2::PartialMatch(text, R"(\(\(i\*(\d+)\+(\d+)\) mod (\d+)\) < rint\()", &formula.label_factor,
                         &formula.label_offset, &formula.label_mod) ||
      !RE2::PartialMatch(text, R"(A\*\(\(\(i\+1\)\^2\) mod (\d+)\) \+ B\*h)", &formula.phase_mod) ||
      !RE2::PartialMatch(text, R"(sin\(th\)\+sin\(([\d.]+)\*th\+([\d.]+)\)\+sin\(([\d.]+)\*th\+([\d.]+)\)\+sep\*y)",
                         &formula.rate2, &formula.shift2, &formula.rate3, &formula.shift3)) {
    return absl::InvalidArgumentError(absl::StrCat("unknown generator: ", text));
  }
  const Json constants = golden.value("constants", Json::object());
  if (!constants.contains("A") || !constants.contains("B")) return absl::InvalidArgumentError("no constants A and B");
  formula.a = constants["A"];
  formula.b = constants["B"];
  return formula;
}

struct LabelledScores {
  std::vector<int> labels;
  std::vector<double> scores;
};

LabelledScores MakeScores(const ScoreFormula& formula, const Json& entry) {
  LabelledScores made;
  if (entry.contains("scores")) {
    made.labels = entry["labels"].get<std::vector<int>>();
    made.scores = entry["scores"].get<std::vector<double>>();
    return made;
  }
  const Json& generator = entry["generator"];
  const std::string key = absl::StrCat("score_", entry["name"].get<std::string>());
  int64_t h = 0;
  for (size_t j = 0; j < key.size(); ++j) h += static_cast<unsigned char>(key[j]) * static_cast<int64_t>(j + 1);
  h %= 1000;
  const double round = generator["round"];
  for (int64_t i = 0; i < generator["n"].get<int64_t>(); ++i) {
    const int label = static_cast<double>((i * formula.label_factor + formula.label_offset) % formula.label_mod) <
                      std::rint(1000 * generator["frac"].get<double>());
    const double th =
        formula.a * static_cast<double>((i + 1) * (i + 1) % formula.phase_mod) + formula.b * static_cast<double>(h);
    double score =
        std::sin(th) + std::sin(formula.rate2 * th + formula.shift2) + std::sin(formula.rate3 * th + formula.shift3);
    score += generator["sep"].get<double>() * (generator["flip"].get<bool>() ? 1 - label : label);
    if (round > 0) score = std::rint(score * round) / round;
    made.labels.push_back(label);
    made.scores.push_back(score);
  }
  return made;
}

// Another convention, also stored: the larger of both rates at the first vertex where they are nearest.
double EerAtNearestVertex(const DetCurve& curve) {
  double nearest = 2;
  double rate = 0;
  for (const DetPoint& point : curve.points()) {
    const double distance = std::abs(point.false_accept_rate - point.false_reject_rate);
    if (distance >= nearest) continue;
    nearest = distance;
    rate = std::max(point.false_accept_rate, point.false_reject_rate);
  }
  return rate;
}

// Vertices that scikit-learn keeps when it drops those between two equal steps.
int64_t PointsKept(const DetCurve& curve) {
  const std::vector<DetPoint>& points = curve.points();
  if (points.size() <= 3) return static_cast<int64_t>(points.size());
  int64_t kept = 3;  // nothing accepted, the first score, the last
  for (size_t i = 2; i + 1 < points.size(); ++i) {
    const auto bends = [&](int64_t DetPoint::*count) {
      return points[i + 1].*count - points[i].*count != points[i].*count - points[i - 1].*count;
    };
    kept += bends(&DetPoint::false_accepts) || bends(&DetPoint::false_rejects);
  }
  return kept;
}

int DecimalsOf(double value) {
  const std::vector<std::string> parts = absl::StrSplit(Json(value).dump(), '.');
  return parts.size() < 2 || parts[1].find('e') != std::string::npos ? 0 : static_cast<int>(parts[1].size());
}

// Compares a file with what we compute and counts; knows to how many decimals the file is rounded.
class GoldenCheck {
 public:
  explicit GoldenCheck(const Json& golden) : golden_(golden) {
    for (const Json& entry : golden["cases"]) {
      for (const auto& [key, value] : entry.items()) {
        if (value.is_number_float()) decimals_ = std::max(decimals_, DecimalsOf(value));
      }
    }
  }

  absl::Status CheckAll() {
    ASSIGN_OR_RETURN(const ScoreFormula formula, ReadFormula(golden_));
    for (const Json& entry : golden_["cases"]) RETURN_IF_ERROR(CheckCase(formula, entry));
    return absl::OkStatus();
  }

  absl::Status CheckCase(const ScoreFormula& formula, const Json& entry) {
    name_ = entry["name"];
    const LabelledScores made = MakeScores(formula, entry);
    VerificationScores scores;
    for (size_t i = 0; i < made.scores.size(); ++i) {
      (made.labels[i] != 0 ? scores.target : scores.nontarget).push_back(made.scores[i]);
    }
    ASSIGN_OR_RETURN(const DetCurve curve, DetCurve::Create(scores));
    ASSIGN_OR_RETURN(const MinDcfPoint cost01, curve.FindMinDcf({0.01, 1, 1}));
    ASSIGN_OR_RETURN(const MinDcfPoint cost05, curve.FindMinDcf({0.05, 1, 1}));
    const auto vertices = static_cast<double>(curve.points().size());
    const double eer = curve.FindEqualError().rate;
    // Half a unit of the file's last decimal, and never more than 1e-9.
    const double rounding = std::min(1e-9, 0.51 * std::pow(10, -std::min(decimals_, 13)));
    const std::map<std::string, std::pair<double, double>> known = {
        {"n_target", {static_cast<double>(scores.target.size()), 0}},
        {"n_nontarget", {static_cast<double>(scores.nontarget.size()), 0}},
        {"eer_closed_form", {eer, rounding}},
        {"eer_brentq", {eer, rounding + 2e-12}},  // where the root finder stops
        {"eer_max_at_closest_vertex", {EerAtNearestVertex(curve), rounding}},
        {"minDCF_p01", {cost01.cost, rounding}},
        {"minDCF_p05", {cost05.cost, rounding}},
        {"roc_points_drop_true", {static_cast<double>(PointsKept(curve)), 0}},
        {"roc_points_drop_false", {vertices, 0}},
        {"distinct_scores", {vertices - 1, 0}},
    };
    for (const auto& [key, value] : entry.items()) {
      if (key == "name" || key == "generator" || key == "labels" || key == "scores") continue;
      if (key == "check") {
        RETURN_IF_ERROR(CheckScoresOf(made, value));
        continue;
      }
      const auto ours = known.find(key);
      if (ours == known.end()) return absl::NotFoundError(absl::StrCat(name_, ": nothing computes \"", key, "\""));
      RETURN_IF_ERROR(Compare(key, value, ours->second.first, ours->second.second));
    }
    return absl::OkStatus();
  }

  int count() const { return count_; }

 private:
  // Stored with nine significant digits.
  absl::Status CheckScoresOf(const LabelledScores& made, const Json& stored) {
    double sum = 0;
    for (double score : made.scores) sum += score;
    const auto rounding = [](double value) {
      return value == 0 ? 1e-9 : 0.51 * std::pow(10, std::floor(std::log10(std::abs(value))) - 8);
    };
    RETURN_IF_ERROR(Compare("sum", stored["sum"], sum, rounding(sum)));
    const std::vector<double> first = stored["first5"];
    for (size_t i = 0; i < first.size(); ++i) {
      if (i >= made.scores.size()) return absl::DataLossError(absl::StrCat(name_, ": more scores than were made"));
      RETURN_IF_ERROR(Compare(absl::StrCat("score ", i), first[i], made.scores[i], rounding(made.scores[i])));
    }
    const std::string labels = stored["labels20"];
    for (size_t i = 0; i < labels.size(); ++i) {
      const double ours = i < made.labels.size() ? made.labels[i] : -1;
      RETURN_IF_ERROR(Compare(absl::StrCat("label ", i), labels[i] - '0', ours, 0));
    }
    return absl::OkStatus();
  }

  absl::Status Compare(const std::string& what, const Json& stored, double ours, double tolerance) {
    ++count_;
    if (stored.is_number() && std::abs(stored.get<double>() - ours) <= tolerance) return absl::OkStatus();
    return absl::DataLossError(absl::StrCat(name_, ": ", what, " is ", Json(ours).dump(), ", stored ", stored.dump()));
  }

  const Json& golden_;
  int decimals_ = 0;
  std::string name_;
  int count_ = 0;
};

constexpr char kOwnGolden[] = "runfiles:testdata/golden/eer.json";

absl::StatusOr<Json> ReadGolden(const std::string& file) {
  ASSIGN_OR_RETURN(const std::string path, ResolvePath(file));
  ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  Json golden = Json::parse(text, nullptr, false);
  if (!golden.is_object() || !golden["cases"].is_array()) {
    return absl::InvalidArgumentError(absl::StrCat(path, " is not a golden of error rates"));
  }
  return golden;
}

TEST(EerGoldenTest, EveryStoredNumber) {
  const char* const file = std::getenv("GOLDEN_FILE");
  ASSERT_OK_AND_ASSIGN(const Json golden, ReadGolden(file != nullptr ? file : kOwnGolden));
  GoldenCheck check(golden);
  EXPECT_OK(check.CheckAll());
  std::cout << check.count() << " stored numbers of " << golden["cases"].size() << " cases checked\n";
  EXPECT_GT(check.count(), 0);
}

// Every way to change one digit of a printed number, as JSON numbers.
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

TEST(EerGoldenTest, OneDigitChangedFails) {
  ASSERT_OK_AND_ASSIGN(Json golden, ReadGolden(kOwnGolden));
  ASSERT_OK_AND_ASSIGN(const ScoreFormula formula, ReadFormula(golden));
  int mutants = 0;
  for (Json& entry : golden["cases"]) {
    std::vector<Json::json_pointer> places;
    const Json flat = entry.flatten();
    for (const auto& [place, value] : flat.items()) {
      // Other input scores need not change a result; the last digit of a root finder's answer is its own.
      if (value.is_number() && place.find("scores/") != 1 && place.find("labels/") != 1 && place != "/eer_brentq") {
        places.emplace_back(place);
      }
    }
    for (const Json::json_pointer& place : places) {
      const Json original = entry[place];
      for (const Json& changed : OneDigitChanged(original)) {
        entry[place] = changed;
        ++mutants;
        EXPECT_FALSE(GoldenCheck(golden).CheckCase(formula, entry).ok())
            << entry["name"] << " " << place.to_string() << ": " << original << " changed to " << changed;
      }
      entry[place] = original;
    }
    if (!entry.contains("check")) continue;
    const std::string labels = entry["check"]["labels20"];
    for (size_t i = 0; i < labels.size(); ++i) {
      std::string changed = labels;
      changed[i] = labels[i] == '0' ? '1' : '0';
      entry["check"]["labels20"] = changed;
      ++mutants;
      EXPECT_FALSE(GoldenCheck(golden).CheckCase(formula, entry).ok());
    }
    entry["check"]["labels20"] = labels;
  }
  for (const char* constant : {"A", "B"}) {
    const Json original = golden["constants"][constant];
    for (const Json& changed : OneDigitChanged(original)) {
      golden["constants"][constant] = changed;
      ++mutants;
      EXPECT_FALSE(GoldenCheck(golden).CheckAll().ok()) << constant << " changed to " << changed;
    }
    golden["constants"][constant] = original;
  }
  std::cout << mutants << " files with one digit changed fail\n";
  EXPECT_OK(GoldenCheck(golden).CheckAll());
}

}  // namespace
}  // namespace diarflow
