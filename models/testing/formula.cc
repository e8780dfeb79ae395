#include "models/testing/formula.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace diarflow {

struct Formula::Node {
  // One of "number", "name", an operator or a function.
  std::string kind;
  double number = 0;
  std::string name;
  std::vector<std::shared_ptr<const Node>> parts;
};

namespace {

using Node = Formula::Node;
using NodePtr = std::shared_ptr<const Node>;
using Function = double (*)(double);

const std::map<std::string, Function>& Functions() {
  static const auto* const functions = new std::map<std::string, Function>{
      {"abs", std::fabs}, {"cos", std::cos}, {"exp", std::exp},   {"floor", std::floor},
      {"log", std::log},  {"sin", std::sin}, {"sqrt", std::sqrt}, {"tanh", std::tanh},
  };
  return *functions;
}

class Parser {
 public:
  explicit Parser(absl::string_view text) : all_(text), text_(text) {}

  absl::StatusOr<NodePtr> ParseAll() {
    ASSIGN_OR_RETURN(NodePtr root, ParseSum());
    SkipSpaces();
    if (!text_.empty()) return Wrong("an operator");
    return root;
  }

 private:
  void SkipSpaces() { text_ = absl::StripLeadingAsciiWhitespace(text_); }

  bool Take(absl::string_view token) {
    SkipSpaces();
    if (!absl::StartsWith(text_, token)) return false;
    text_.remove_prefix(token.size());
    return true;
  }

  absl::Status Wrong(absl::string_view wanted) const {
    return absl::InvalidArgumentError(
        absl::StrCat("formula \"", all_, "\": ", wanted, " expected at place ", all_.size() - text_.size()));
  }

  static NodePtr Make(std::string kind, std::vector<NodePtr> parts) {
    return std::make_shared<const Node>(Node{std::move(kind), 0, "", std::move(parts)});
  }

  absl::StatusOr<NodePtr> ParseSum() {
    ASSIGN_OR_RETURN(NodePtr left, ParseProduct());
    for (;;) {
      const char* op = Take("+") ? "+" : Take("-") ? "-" : nullptr;
      if (op == nullptr) return left;
      ASSIGN_OR_RETURN(NodePtr right, ParseProduct());
      left = Make(op, {left, right});
    }
  }

  absl::StatusOr<NodePtr> ParseProduct() {
    ASSIGN_OR_RETURN(NodePtr left, ParsePower());
    for (;;) {
      const char* op = Take("*") ? "*" : Take("/") ? "/" : Take("mod ") ? "mod" : nullptr;
      if (op == nullptr) return left;
      ASSIGN_OR_RETURN(NodePtr right, ParsePower());
      left = Make(op, {left, right});
    }
  }

  absl::StatusOr<NodePtr> ParsePower() {
    if (Take("-")) {
      ASSIGN_OR_RETURN(NodePtr negated, ParsePower());
      return Make("-", {std::make_shared<const Node>(Node{"number", 0, "", {}}), negated});
    }
    ASSIGN_OR_RETURN(NodePtr base, ParsePrimary());
    if (!Take("^")) return base;
    ASSIGN_OR_RETURN(NodePtr exponent, ParsePower());
    return Make("^", {base, exponent});
  }

  absl::StatusOr<NodePtr> ParsePrimary() {
    SkipSpaces();
    if (text_.empty()) return Wrong("a number, a name or \"(\"");
    if (Take("(")) return ParseClosed(")", "");
    if (Take("|")) return ParseClosed("|", "abs");
    if (absl::ascii_isdigit(text_[0]) || text_[0] == '.') return ParseNumber();
    return ParseName();
  }

  absl::StatusOr<NodePtr> ParseClosed(absl::string_view close, const std::string& function) {
    ASSIGN_OR_RETURN(NodePtr inner, ParseSum());
    if (!Take(close)) return Wrong(absl::StrCat("\"", close, "\""));
    return function.empty() ? inner : Make(function, {inner});
  }

  absl::StatusOr<NodePtr> ParseNumber() {
    const std::string rest(text_);
    char* end = nullptr;
    NodePtr number = std::make_shared<const Node>(Node{"number", std::strtod(rest.c_str(), &end), "", {}});
    text_.remove_prefix(static_cast<size_t>(end - rest.c_str()));
    if (text_.empty() || !(absl::ascii_isalpha(text_[0]) || text_[0] == '(')) return number;
    ASSIGN_OR_RETURN(NodePtr factor, ParsePower());
    return Make("*", {number, factor});
  }

  absl::StatusOr<NodePtr> ParseName() {
    size_t length = 0;
    while (length < text_.size() && (absl::ascii_isalnum(text_[length]) || text_[length] == '_')) ++length;
    if (length == 0) return Wrong("a number, a name or \"(\"");
    const std::string name(text_.substr(0, length));
    text_.remove_prefix(length);
    if (Functions().count(name) != 0 && Take("(")) return ParseClosed(")", name);
    if (name == "pi") return std::make_shared<const Node>(Node{"number", M_PI, "", {}});
    return std::make_shared<const Node>(Node{"name", 0, name, {}});
  }

  absl::string_view all_;
  absl::string_view text_;
};

// Exact for whole numbers below 2^53, and much faster than fmod.
double Modulo(double a, double b) {
  double rest = a - std::floor(a / b) * b;
  if (rest < 0) rest += b;
  return rest >= b ? rest - b : rest;
}

double Power(double a, double b) { return b == 2 ? a * a : std::pow(a, b); }

template <typename Operation>
void Combine(std::vector<double>* a, const std::vector<double>& b, Operation operation) {
  if (a->size() == 1 && b.size() > 1) a->resize(b.size(), a->front());
  if (b.size() == 1) {
    for (double& value : *a) value = operation(value, b[0]);
  } else {
    for (size_t i = 0; i < a->size(); ++i) (*a)[i] = operation((*a)[i], b[i]);
  }
}

absl::StatusOr<std::vector<double>> EvaluateNode(const Node& node, const Formula::Names& names) {
  if (node.kind == "number") return std::vector<double>{node.number};
  if (node.kind == "name") {
    const auto found = names.find(node.name);
    if (found == names.end())
      return absl::NotFoundError(absl::StrCat("a formula has the unknown name \"", node.name, "\""));
    return found->second;
  }
  ASSIGN_OR_RETURN(std::vector<double> value, EvaluateNode(*node.parts[0], names));
  if (node.parts.size() == 1) {
    std::transform(value.begin(), value.end(), value.begin(), Functions().at(node.kind));
    return value;
  }
  ASSIGN_OR_RETURN(const std::vector<double> right, EvaluateNode(*node.parts[1], names));
  if (node.kind == "+") Combine(&value, right, [](double a, double b) { return a + b; });
  if (node.kind == "-") Combine(&value, right, [](double a, double b) { return a - b; });
  if (node.kind == "*") Combine(&value, right, [](double a, double b) { return a * b; });
  if (node.kind == "/") Combine(&value, right, [](double a, double b) { return a / b; });
  if (node.kind == "mod") Combine(&value, right, Modulo);
  if (node.kind == "^") Combine(&value, right, Power);
  return value;
}

}  // namespace

absl::StatusOr<Formula> Formula::Parse(absl::string_view text) {
  ASSIGN_OR_RETURN(NodePtr root, Parser(text).ParseAll());
  return Formula(std::move(root));
}

absl::StatusOr<std::vector<double>> Formula::Evaluate(const Names& names, size_t size) const {
  ASSIGN_OR_RETURN(std::vector<double> values, EvaluateNode(*root_, names));
  if (values.size() == 1) values.resize(size, values.front());
  return values;
}

}  // namespace diarflow
