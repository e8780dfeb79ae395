// What a packet costs at a node: a chain of Map nodes with trivial bodies, beside the same chain written by hand on
// TBB.
//
//   bazelw run //graph:graph_benchmark
//
// Counters: ns_packet_node, nanoseconds of wall time for a packet at a node (source and sink count as nodes); for the
// engine also `ratio`, how many times the chain by hand at the same number of threads takes, measured in turn with it.
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "benchmark/benchmark.h"
#include "graph/config_loader.h"
#include "graph/registry.h"
#include "graph/runtime.h"
#include "graph/validator.h"
#include "oneapi/tbb/flow_graph.h"
#include "oneapi/tbb/global_control.h"
#include "oneapi/tbb/task_arena.h"

namespace diarflow {
namespace {

namespace flow = oneapi::tbb::flow;

constexpr int kItems = 20000;
constexpr int kMaps = 8;
// With the source and the sink.
constexpr int kNodes = kMaps + 2;
constexpr int kTokens = 32;

struct Number {
  static constexpr char kPayloadName[] = "Number";
  int value = 0;
};

class FeedNode : public SourceNode {
 public:
  static constexpr Out<Number> kNumber{"NUMBER"};
  static void Contract(ContractBuilder& contract) { contract.Summary("Counts.").Output(kNumber); }
  absl::StatusOr<bool> Next(SourceContext& item) override {
    if (next_ == kItems) return false;
    item.Set(kNumber, Number{next_++});
    return true;
  }

 private:
  int next_ = 0;
};

class NextNode : public MapNode {
 public:
  static constexpr In<Number> kIn{"NUMBER"};
  static constexpr Out<Number> kOut{"NUMBER"};
  static void Contract(ContractBuilder& contract) {
    contract.Summary("One more.").Input(kIn).Output(kOut).Concurrent();
  }
  absl::Status Process(ItemContext& item) const override {
    item.Set(kOut, Number{item.Get(kIn).value + 1});
    return absl::OkStatus();
  }
};

std::atomic<int64_t> sum{0};

class SumNode : public MapNode {
 public:
  static constexpr In<Number> kIn{"NUMBER"};
  static void Contract(ContractBuilder& contract) { contract.Summary("Adds up.").Input(kIn).Concurrent(); }
  absl::Status Process(ItemContext& item) const override {
    sum += item.Get(kIn).value;
    return absl::OkStatus();
  }
};

DIARFLOW_REGISTER_NODE("Feed", FeedNode);
DIARFLOW_REGISTER_NODE("Next", NextNode);
DIARFLOW_REGISTER_NODE("Sum", SumNode);

// `concurrency` of the Map nodes and the sink: 0 is unlimited.
Plan ChainPlan(int threads, int concurrency) {
  std::string text = absl::StrCat("run { threads: ", threads, " max_in_flight: ", kTokens,
                                  " } node { type: \"Feed\" output: \"s0\" }");
  for (int i = 0; i < kMaps; ++i) {
    absl::StrAppend(&text, "node { name: \"m", i, "\" type: \"Next\" concurrency: ", concurrency, " input: \"s", i,
                    "\" output: \"s", i + 1, "\" }");
  }
  absl::StrAppend(&text, "node { type: \"Sum\" concurrency: ", concurrency, " input: \"s", kMaps, "\" }");
  absl::StatusOr<Pipeline> pipeline = Pipeline::Parse(text, "chain.textproto");
  if (!pipeline.ok()) std::abort();
  absl::StatusOr<Plan> plan = Validate(*pipeline);
  if (!plan.ok()) std::abort();
  return *std::move(plan);
}

void RunEngine(const Plan& plan) {
  if (!RunPlan(plan, {}).ok()) std::abort();
}

// The same by hand: one shared payload for each packet at each node, tokens given back by the sink.
void RunByHand(int threads, size_t concurrency) {
  using Message = std::shared_ptr<const Number>;
  oneapi::tbb::task_arena arena(threads);
  arena.execute([&] {
    flow::graph graph;
    flow::input_node<Message> source(graph, [next = 0](oneapi::tbb::flow_control& control) mutable -> Message {
      if (next < kItems) return std::make_shared<const Number>(Number{next++});
      control.stop();
      return nullptr;
    });
    flow::limiter_node<Message, int> limiter(graph, kTokens);
    std::vector<std::unique_ptr<flow::function_node<Message, Message>>> maps;
    for (int i = 0; i < kMaps; ++i) {
      maps.push_back(std::make_unique<flow::function_node<Message, Message>>(
          graph, concurrency,
          [](const Message& message) { return std::make_shared<const Number>(Number{message->value + 1}); }));
      if (i > 0) flow::make_edge(*maps[i - 1], *maps[i]);
    }
    flow::function_node<Message, int> sink(graph, concurrency, [](const Message& message) {
      sum += message->value;
      return 1;
    });
    flow::make_edge(source, limiter);
    flow::make_edge(limiter, *maps.front());
    flow::make_edge(*maps.back(), sink);
    flow::make_edge(sink, limiter.decrementer());
    source.activate();
    graph.wait_for_all();
  });
}

// Seconds that `run` takes; it must have added up every item once.
template <typename Run>
double Seconds(const Run& run) {
  sum = 0;
  const auto start = std::chrono::steady_clock::now();
  run();
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  constexpr int64_t kExpected = int64_t{kItems} * (kItems - 1) / 2 + int64_t{kItems} * kMaps;
  if (sum != kExpected) std::abort();
  return taken.count();
}

double NanosPerVisit(double seconds) { return 1e9 * seconds / (double{kItems} * kNodes); }

// Arguments: threads, concurrency.
void BM_Chain(benchmark::State& state) {
  const int threads = static_cast<int>(state.range(0));
  const int concurrency = static_cast<int>(state.range(1));
  const size_t by_hand_concurrency = concurrency == 0 ? size_t{flow::unlimited} : static_cast<size_t>(concurrency);
  const oneapi::tbb::global_control parallelism(oneapi::tbb::global_control::max_allowed_parallelism, threads);
  const Plan plan = ChainPlan(threads, concurrency);
  double engine = 0, by_hand = 0;
  for (auto _ : state) {
    const double seconds = Seconds([&] { RunEngine(plan); });
    state.SetIterationTime(seconds);
    engine += seconds;
    by_hand += Seconds([&] { RunByHand(threads, by_hand_concurrency); });
  }
  const auto runs = static_cast<double>(state.iterations());
  state.counters["ns_packet_node"] = NanosPerVisit(engine / runs);
  state.counters["by_hand"] = NanosPerVisit(by_hand / runs);
  state.counters["ratio"] = engine / by_hand;
}
BENCHMARK(BM_Chain)
    ->ArgNames({"threads", "concurrency"})
    ->ArgsProduct({{1, 2}, {1, 0}})
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace diarflow
