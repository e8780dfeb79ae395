#include "graph/validator.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "graph/overrides.h"
#include "graph/plan_builder.h"
#include "re2/re2.h"

namespace diarflow {
namespace {

class Validator {
 public:
  Validator(const Pipeline& pipeline, const Registry& registry)
      : pipeline_(pipeline), config_(pipeline.config()), registry_(registry), errors_(&pipeline) {}

  absl::StatusOr<Plan> Run() {
    plan_.pipeline = pipeline_.name();
    plan_.run = config_.run();
    CheckNames();
    PlanBuilder(pipeline_, registry_, &plan_, &errors_).Build();
    CheckParams();
    if (errors_.empty()) SortNodes();
    if (errors_.empty()) {
      FindScopes();
      WarnOfUnreadOutputs();
      CheckSourcesAndRun();
    }
    if (!errors_.empty()) return absl::InvalidArgumentError(absl::StrJoin(errors_.list(), "\n"));
    return std::move(plan_);
  }

 private:
  void CheckNames() {
    static const LazyRE2 kName = {"[A-Za-z][A-Za-z0-9_]*"};
    std::map<std::string, std::string> first_place = {{"run", pipeline_.WhereRun()}};
    const auto check = [&](const std::string& what, const std::string& name, const std::string& where) {
      if (!RE2::FullMatch(name, *kName)) {
        errors_.Add(where, absl::StrCat(what, " \"", name, "\": a name is a letter followed by letters, digits and _"));
      }
      const auto [place, added] = first_place.emplace(name, where);
      if (!added) {
        errors_.Add(where, absl::StrCat(what, " \"", name, "\": the name is taken (", place->second,
                                        "); give it a `name` of its own"));
      }
    };
    for (int i = 0; i < config_.resource_size(); ++i)
      check("resource", config_.resource(i).name(), pipeline_.WhereResource(i));
    for (int i = 0; i < config_.node_size(); ++i) check("node", config_.node(i).name(), pipeline_.WhereNode(i));
  }

  void CheckParams() {
    std::set<std::string> names;
    for (int i = 0; i < config_.param_size(); ++i) {
      const ParamConfig& param = config_.param(i);
      const std::string who = absl::StrCat("param \"", param.name(), "\": ");
      if (!names.insert(param.name()).second)
        errors_.Add(pipeline_.WhereParam(i), absl::StrCat(who, "the name is taken"));
      const absl::Status status = CheckTarget(param.target(), pipeline_, registry_);
      if (!status.ok()) errors_.Add(pipeline_.WhereParam(i), absl::StrCat(who, std::string(status.message())));
    }
  }

  // Depth first along the inputs. What is met again while it is still open closes a cycle.
  bool Visit(int index, std::vector<int>* state, std::vector<int>* path, std::vector<int>* order) {
    (*state)[index] = 1;
    path->push_back(index);
    for (const int stream : plan_.nodes[index].inputs) {
      if (stream < 0) continue;
      const int producer = plan_.streams[stream].producer;
      if ((*state)[producer] == 1) {
        // The path leads from consumers to producers: backwards, it reads in the direction of the data.
        std::vector<std::string> names = {plan_.nodes[producer].name};
        for (auto step = path->rbegin(); step != path->rend(); ++step) {
          names.push_back(plan_.nodes[*step].name);
          if (*step == producer) break;
        }
        errors_.AddForNode(producer, "", -1, absl::StrCat("is part of a cycle: ", absl::StrJoin(names, " -> ")));
        return false;
      }
      if ((*state)[producer] == 0 && !Visit(producer, state, path, order)) return false;
    }
    path->pop_back();
    (*state)[index] = 2;
    order->push_back(index);
    return true;
  }

  void SortNodes() {
    std::vector<int> state(plan_.nodes.size(), 0), path, order;
    for (size_t i = 0; i < plan_.nodes.size(); ++i) {
      if (state[i] == 0 && !Visit(static_cast<int>(i), &state, &path, &order)) return;
    }
    std::vector<int> position(order.size());
    std::vector<PlannedNode> sorted;
    for (size_t i = 0; i < order.size(); ++i) {
      position[order[i]] = static_cast<int>(i);
      sorted.push_back(std::move(plan_.nodes[order[i]]));
    }
    plan_.nodes = std::move(sorted);
    for (PlannedStream& stream : plan_.streams) stream.producer = position[stream.producer];
    original_index_ = std::move(order);
  }

  void FindScopes() {
    for (size_t i = 0; i < plan_.nodes.size(); ++i) {
      const PlannedNode& node = plan_.nodes[i];
      const bool opens = node.entry->kind == NodeKind::kSource || node.entry->kind == NodeKind::kCollect;
      int scope = -1;
      for (const int stream : node.inputs) {
        if (stream < 0) continue;
        const int other = plan_.streams[stream].scope;
        if (scope >= 0 && other != scope) {
          errors_.AddForNode(original_index_[i], "input", 0,
                             absl::StrCat("its inputs come from different sources, \"", plan_.nodes[scope].name,
                                          "\" and \"", plan_.nodes[other].name, "\": their items cannot be matched"));
        }
        scope = other;
      }
      if (scope < 0 && node.entry->kind != NodeKind::kSource) {
        errors_.AddForNode(original_index_[i], "", -1, "has no input connected");
      }
      for (const int stream : node.outputs) {
        if (stream >= 0) plan_.streams[stream].scope = opens ? static_cast<int>(i) : scope;
      }
    }
  }

  void WarnOfUnreadOutputs() {
    std::set<int> read;
    for (const PlannedNode& node : plan_.nodes) read.insert(node.inputs.begin(), node.inputs.end());
    for (size_t s = 0; s < plan_.streams.size(); ++s) {
      if (read.count(static_cast<int>(s)) != 0) continue;
      const PlannedNode& producer = plan_.nodes[plan_.streams[s].producer];
      plan_.warnings.push_back(absl::StrCat(producer.where, ": node \"", producer.name,
                                            "\": nobody reads the stream \"", plan_.streams[s].name, "\""));
    }
  }

  void CheckSourcesAndRun() {
    const RunConfig& run = plan_.run;
    if (run.threads() < 0 || run.model_threads() < 1 || run.max_in_flight() < 0) {
      errors_.Add(pipeline_.WhereRun(),
                  "run: threads and max_in_flight must not be negative, model_threads must be at least 1");
      return;
    }
    if (!(run.max_failed_fraction() >= 0 && run.max_failed_fraction() <= 1)) {
      errors_.Add(pipeline_.WhereRun(), "run: max_failed_fraction must lie between 0 and 1");
    }
    const int cores = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
    plan_.threads = run.threads() > 0 ? run.threads() : cores;
    plan_.model_threads = run.model_threads();
    int sources = 0, wanted = 2 * plan_.threads;
    plan_.least_in_flight = 1;
    for (const PlannedNode& node : plan_.nodes) {
      sources += node.entry->kind == NodeKind::kSource;
      plan_.least_in_flight += node.batch_size - 1;
      // A batch that fills while others are worked on.
      if (node.batch_size > 1) wanted += node.batch_size * (node.concurrency == 0 ? plan_.threads : node.concurrency);
    }
    if (sources == 0) errors_.Add(pipeline_.WhereRun(), "the pipeline has no source: no node that makes items");
    plan_.max_in_flight = run.max_in_flight() > 0 ? run.max_in_flight() : plan_.least_in_flight + wanted;
    if (plan_.max_in_flight < plan_.least_in_flight) {
      errors_.Add(pipeline_.WhereRun(),
                  absl::StrCat("run: max_in_flight is ", plan_.max_in_flight, ", but the batches need at least ",
                               plan_.least_in_flight, " to fill (1 + the sum of size - 1)"));
    }
  }

  const Pipeline& pipeline_;
  const GraphConfig& config_;
  const Registry& registry_;
  Plan plan_;
  ConfigErrors errors_;
  // Of a sorted node: where it stands in the pipeline.
  std::vector<int> original_index_;
};

}  // namespace

absl::StatusOr<Plan> Validate(const Pipeline& pipeline, const Registry& registry) {
  return Validator(pipeline, registry).Run();
}

}  // namespace diarflow
