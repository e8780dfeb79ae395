#include "graph/validator.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "graph/overrides.h"
#include "graph/plan_builder.h"
#include "graph/port_names.h"
#include "graph/scopes.h"
#include "graph/stream_rules.h"

namespace diarflow {
namespace {

constexpr int kMaxThreads = 1024;

class Validator {
 public:
  Validator(const Pipeline& pipeline, const Registry& registry)
      : whole_(pipeline),
        pipeline_(pipeline.WithoutDisabled()),
        config_(pipeline_.config()),
        registry_(registry),
        errors_(&pipeline_) {}

  absl::StatusOr<Plan> Run() {
    plan_.pipeline = pipeline_.name();
    plan_.run = config_.run();
    CheckNames();
    PlanBuilder(pipeline_, registry_, &plan_, &errors_).Build();
    CheckParams();
    if (errors_.empty()) SortNodes();
    if (errors_.empty()) {
      FindScopes(original_index_, &plan_, &errors_);
      CheckStreamRules(original_index_, &plan_, &errors_);
      WarnOfUnreadOutputs();
      CheckSourcesAndRun();
    }
    if (!errors_.empty()) return absl::InvalidArgumentError(absl::StrJoin(errors_.list(), "\n"));
    return std::move(plan_);
  }

 private:
  void CheckNames() {
    const GraphConfig& config = whole_.config();
    std::map<std::string, std::string> first_place = {{"run", whole_.WhereRun()}};
    // Runs write into a folder of this name.
    if (absl::StrContains(config.name(), "/") || config.name() == "." || config.name() == "..") {
      errors_.Add(
          absl::StrCat(whole_.file_name(), ":1"),
          absl::StrCat("name \"", config.name(), "\": a run writes into a folder of this name, so no / and no .."));
    }
    const auto check = [&](const std::string& what, const std::string& name, bool is_path, const std::string& where) {
      const std::string who = absl::StrCat(what, " \"", name, "\"");
      if (!(is_path ? IsNamePath(name) : IsName(name))) {
        errors_.Add(where, who + ": a name is a letter followed by letters, digits and _");
      }
      const auto [place, added] = first_place.emplace(name, where);
      if (!added) {
        errors_.Add(where, absl::StrCat(who, ": the name is taken (", place->second, "); give it a `name` of its own"));
      }
    };
    for (int i = 0; i < config.resource_size(); ++i) {
      check("resource", config.resource(i).name(), false, whole_.WhereResource(i));
    }
    for (int i = 0; i < config.node_size(); ++i) {
      const NodeConfig& node = config.node(i);
      if (node.has_type()) check("node", node.name(), whole_.HasPathNames(i), whole_.WhereNode(i));
      for (int e = 0; e < node.output_size(); ++e) {
        const std::string name = SplitPort(node.output(e)).name;
        if (whole_.HasPathNames(i) ? IsNamePath(name) : IsName(name)) continue;
        errors_.Add(whole_.WhereNode(i, "output", e),
                    absl::StrCat("node \"", node.name(), "\": stream \"", name,
                                 "\": a name is a letter followed by letters, digits and _", whole_.NodeContext(i)));
      }
    }
  }

  void CheckParams() {
    std::set<std::string> names;
    std::string positional;
    for (int i = 0; i < whole_.config().param_size(); ++i) {
      const ParamConfig& param = whole_.config().param(i);
      const std::string who = absl::StrCat("param \"", param.name(), "\": ");
      if (!names.insert(param.name()).second) errors_.Add(whole_.WhereParam(i), absl::StrCat(who, "the name is taken"));
      const absl::Status status = CheckParam(param, whole_, registry_);
      if (!status.ok()) errors_.Add(whole_.WhereParam(i), absl::StrCat(who, std::string(status.message())));
      if (!param.positional()) continue;
      if (!positional.empty()) {
        errors_.Add(whole_.WhereParam(i),
                    absl::StrCat(who, "\"", positional, "\" takes the arguments that are no flags already"));
      }
      positional = param.name();
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

  void WarnOfUnreadOutputs() {
    std::set<int> read;
    for (const PlannedNode& node : plan_.nodes) read.insert(node.inputs.begin(), node.inputs.end());
    for (size_t s = 0; s < plan_.streams.size(); ++s) {
      if (read.count(static_cast<int>(s)) != 0 || pipeline_.unread_streams().count(plan_.streams[s].name) != 0)
        continue;
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
    if (run.threads() > kMaxThreads || run.model_threads() > kMaxThreads) {
      errors_.Add(pipeline_.WhereRun(), absl::StrCat("run: threads and model_threads must be at most ", kMaxThreads));
      return;
    }
    if (!std::isfinite(run.progress_seconds())) {
      errors_.Add(pipeline_.WhereRun(), "run: progress_seconds is not a finite number");
    }
    if (!(run.max_failed_fraction() >= 0 && run.max_failed_fraction() <= 1)) {
      errors_.Add(pipeline_.WhereRun(), "run: max_failed_fraction must lie between 0 and 1");
    }
    const int cores = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
    plan_.threads = run.threads() > 0 ? run.threads() : cores;
    plan_.model_threads = run.model_threads();
    const bool has_source = std::any_of(plan_.nodes.begin(), plan_.nodes.end(),
                                        [](const PlannedNode& node) { return node.entry->kind == NodeKind::kSource; });
    if (!has_source) errors_.Add(pipeline_.WhereRun(), "the pipeline has no source: no node that makes items");
    DistributeTokens(pipeline_, original_index_, &plan_, &errors_);
  }

  // As it was written, for what names nodes whether they are enabled or not.
  const Pipeline& whole_;
  const Pipeline pipeline_;
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
