#include "models/testing/golden_numbers.h"

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/files.h"
#include "base/status_macros.h"

namespace diarflow {
namespace {

using nlohmann::json;

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

void GoldenNumbers::Mismatch(const std::string& at, const std::string& what) {
  mismatches_.push_back(absl::StrCat(at, " ", what));
}

void GoldenNumbers::Number(const std::string& at, const json& stored, double computed, double tolerance) {
  checked_[at] = tolerance;
  // Written so that a NaN is a mismatch.
  if (!stored.is_number() || !(std::fabs(stored.get<double>() - computed) <= tolerance)) {
    Mismatch(at, absl::StrCat("is ", stored.dump(), ", computed ", computed, ", tolerance ", tolerance));
  }
}

void GoldenNumbers::List(const std::string& at, const json& stored, const std::vector<double>& computed,
                         double tolerance) {
  if (!stored.is_array() || stored.size() != computed.size()) {
    return Mismatch(at, absl::StrCat("is not a list of ", computed.size(), " numbers"));
  }
  for (size_t i = 0; i < computed.size(); ++i) Number(absl::StrCat(at, "/", i), stored[i], computed[i], tolerance);
}

void GoldenNumbers::Vector(const std::string& at, const json& stored, const FloatArray& computed, double tolerance,
                           double relative) {
  List(at, stored, std::vector<double>(computed.begin(), computed.end()), tolerance);
  if (!stored.is_array() || static_cast<int64_t>(stored.size()) != computed.size()) return;
  double apart = 0, size = 0;
  for (int64_t i = 0; i < computed.size(); ++i) {
    const json& entry = stored[static_cast<size_t>(i)];
    const double number = entry.is_number() ? entry.get<double>() : NAN;
    apart += (number - computed[i]) * (number - computed[i]);
    size += number * number;
  }
  if (!(std::sqrt(apart / size) <= relative)) {
    Mismatch(at, absl::StrCat("is ", std::sqrt(apart / size), " of its length away"));
  }
}

std::vector<std::string> UnseenChanges(const json& golden, const std::function<GoldenNumbers(const json&)>& check) {
  const GoldenNumbers whole = check(golden);
  std::vector<std::string> unseen;
  int changed = 0, too_small = 0;
  for (const auto& [at, tolerance] : whole.checked()) {
    json mutant = golden;
    json& number = mutant[json::json_pointer(at)];
    const double before = number.get<double>();
    std::string text = number.dump();
    const size_t digit = text.find_first_of("123456789");
    if (digit != std::string::npos) text[digit] = static_cast<char>('0' + (text[digit] - '0' + 5) % 10);
    double after = before + 1;
    if (digit != std::string::npos && !absl::SimpleAtod(text, &after)) after = before + 1;
    if (std::fabs(after - before) <= 2 * tolerance) {
      ++too_small;
      continue;
    }
    number = after;
    ++changed;
    if (check(mutant).mismatches().size() <= whole.mismatches().size()) {
      unseen.push_back(absl::StrCat(at, ": ", before, " to ", after));
    }
  }
  std::cout << changed << " digits changed one by one; " << too_small << " numbers lie below their tolerance"
            << std::endl;
  if (changed < 100) unseen.push_back(absl::StrCat("only ", changed, " numbers could be changed"));
  if (too_small * 20 >= changed) unseen.push_back(absl::StrCat(too_small, " numbers lie below their tolerance"));
  return unseen;
}

std::vector<std::string> LeftOut(const json& golden, const GoldenNumbers& numbers,
                                 const std::function<bool(const std::string& at)>& exempt) {
  std::vector<std::string> left;
  // Named: the pairs would otherwise point into what is gone.
  const json flat = golden.flatten();
  for (const auto& [at, value] : flat.items()) {
    if (value.is_number() && !exempt(at) && numbers.checked().count(at) == 0) left.push_back(at);
  }
  return left;
}

absl::StatusOr<json> ReadGolden(const std::string& standard) {
  const std::string file = Environment("GOLDEN_FILE");
  ASSIGN_OR_RETURN(const std::string path, ResolvePath(file.empty() ? standard : file));
  ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  json golden = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!golden.is_object()) return absl::InvalidArgumentError(absl::StrCat(path, " is not a JSON object"));
  return golden;
}

absl::StatusOr<FloatArray> GoldenSignal(const std::function<FloatArray()>& make) {
  const std::string file = Environment("GOLDEN_SIGNAL");
  if (file.empty()) return make();
  ASSIGN_OR_RETURN(const std::string path, ResolvePath(file));
  ASSIGN_OR_RETURN(const std::string bytes, ReadFile(path));
  if (bytes.empty() || bytes.size() % sizeof(float) != 0) {
    return absl::InvalidArgumentError(absl::StrCat(path, " has ", bytes.size(), " bytes: not a list of float32"));
  }
  FloatArray samples = FloatArray::Zeros({static_cast<int64_t>(bytes.size() / sizeof(float))});
  std::memcpy(samples.mutable_data(), bytes.data(), bytes.size());
  return samples;
}

int GoldenHash(const std::string& key) {
  int64_t sum = 0;
  for (size_t j = 0; j < key.size(); ++j)
    sum += static_cast<int64_t>(static_cast<unsigned char>(key[j])) * (static_cast<int64_t>(j) + 1);
  return static_cast<int>(sum % 1000);
}

std::vector<double> GoldenWave(const std::string& key, const std::vector<int64_t>& shape) {
  int64_t size = 1;
  for (const int64_t dimension : shape) size *= dimension;
  const double phase = 0.37 * GoldenHash(key);
  std::vector<double> wave(static_cast<size_t>(size));
  for (int64_t i = 0; i < size; ++i) {
    const int64_t place = shape.size() > 1 ? (i + 1) * (i + 1) % 104729 : i + 1;
    wave[static_cast<size_t>(i)] = std::sin(0.61803398875 * static_cast<double>(place) + phase);
  }
  return wave;
}

}  // namespace diarflow
