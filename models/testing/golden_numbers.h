// What golden tests share: numbers of a JSON file compared one by one, and the proof that a wrong one is seen.
#ifndef DIARFLOW_MODELS_TESTING_GOLDEN_NUMBERS_H_
#define DIARFLOW_MODELS_TESTING_GOLDEN_NUMBERS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/float_array.h"
#include "nlohmann/json.hpp"

namespace diarflow {

// The comparison of one golden file with what was computed. Places are JSON pointers.
class GoldenNumbers {
 public:
  void Number(const std::string& at, const nlohmann::json& stored, double computed, double tolerance);
  // Entry by entry; another count is a mismatch.
  void List(const std::string& at, const nlohmann::json& stored, const std::vector<double>& computed, double tolerance);
  // A list, and besides its distance from `computed` in relation to its length.
  void Vector(const std::string& at, const nlohmann::json& stored, const FloatArray& computed, double tolerance,
              double relative);
  void Mismatch(const std::string& at, const std::string& what);

  // Place -> tolerance.
  const std::map<std::string, double>& checked() const { return checked_; }
  const std::vector<std::string>& mismatches() const { return mismatches_; }

 private:
  std::map<std::string, double> checked_;
  std::vector<std::string> mismatches_;
};

// Changes the first digit of each checked number, one at a time, and answers the places where `check` does not see it.
// Numbers below their tolerance are left out; a complaint when they are a twentieth of all, or all are fewer than 100.
std::vector<std::string> UnseenChanges(const nlohmann::json& golden,
                                       const std::function<GoldenNumbers(const nlohmann::json&)>& check);

// The places of numbers that were not checked, but for those that `exempt` knows: a number that nobody compares could
// be anything.
std::vector<std::string> LeftOut(const nlohmann::json& golden, const GoldenNumbers& numbers,
                                 const std::function<bool(const std::string& at)>& exempt);

// The golden that the environment's GOLDEN_FILE names, else `standard` ("runfiles:testdata/golden/x.json").
absl::StatusOr<nlohmann::json> ReadGolden(const std::string& standard);

// The environment's GOLDEN_SIGNAL, raw float32 samples [N]; without it what `make` makes.
absl::StatusOr<FloatArray> GoldenSignal(const std::function<FloatArray()>& make);

// The rule by which goldens fill a tensor, element i of a key's hash h: sin(A (i + 1) + B h) for one axis, and with
// ((i + 1)^2 mod 104729) in the place of (i + 1) for more.
std::vector<double> GoldenWave(const std::string& key, const std::vector<int64_t>& shape);

// The sum over the characters of `key` of its code times its place, from 1, modulo 1000.
int GoldenHash(const std::string& key);

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_TESTING_GOLDEN_NUMBERS_H_
