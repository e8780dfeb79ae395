// Formulas as the golden files write them, evaluated over whole vectors in double precision.
//
//   e=0.2+0.8*sin(pi*0.7*t)^2      sin(A*(((i+1)^2) mod 104729) + B*h)      1+0.5*|w|
//
// Operators + - * / mod ^ and the bars of an absolute value, functions (sin, cos, tanh, exp, log, sqrt,
// abs, floor), the constant pi, names.
// A number directly before a name or a parenthesis multiplies ("2pi").
#ifndef DIARFLOW_MODELS_TESTING_FORMULA_H_
#define DIARFLOW_MODELS_TESTING_FORMULA_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace diarflow {

class Formula {
 public:
  // A name stands for a vector of one length, or for a single number.
  using Names = std::map<std::string, std::vector<double>>;

  // kInvalidArgument with the place of the first thing that is not understood.
  static absl::StatusOr<Formula> Parse(absl::string_view text);

  // `size` values. kNotFound for an unknown name.
  absl::StatusOr<std::vector<double>> Evaluate(const Names& names, size_t size) const;

  struct Node;

 private:
  explicit Formula(std::shared_ptr<const Node> root) : root_(std::move(root)) {}
  std::shared_ptr<const Node> root_;
};

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_TESTING_FORMULA_H_
