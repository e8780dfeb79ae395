#include "graph/compiler.h"

#include <atomic>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"

namespace diarflow {

namespace flow = oneapi::tbb::flow;

// Comes back to its limiter when the last packet of the item is gone. Shared with the packets, which may outlive the
// limiter when a run ends early.
struct TokenHome {
  std::atomic<bool> open{true};
  std::function<void()> give_back;
};

class Token {
 public:
  Token(std::shared_ptr<TokenHome> home, RunState* run) : home_(std::move(home)), run_(run) {}
  ~Token() {
    if (!home_->open) return;
    if (run_ != nullptr) run_->ItemRetired();
    home_->give_back();
  }

 private:
  std::shared_ptr<TokenHome> home_;
  // Null for the end marker, which is no item.
  RunState* run_;
};

namespace {

const Origin& OriginOf(const Bundle& bundle) {
  for (const Packet& packet : bundle) {
    if (packet.origin().item != nullptr) return packet.origin();
  }
  return bundle.front().origin();
}

// Joins N inputs by sequence number; the tuple becomes a bundle at the places that `ports` names.
template <size_t... I>
flow::sender<Bundle>& BuildJoin(flow::graph& graph, const std::vector<int>& ports, size_t width,
                                std::vector<std::shared_ptr<void>>& parts, std::vector<flow::receiver<Packet>*>& inputs,
                                std::index_sequence<I...>) {
  using Tuple =
      std::tuple<typename std::tuple_element<0, std::tuple<Packet, std::integral_constant<size_t, I>>>::type...>;
  using Join = flow::join_node<Tuple, flow::key_matching<uint64_t>>;
  const auto sequence = [](const Packet& packet) { return packet.origin().sequence; };
  auto join = std::make_shared<Join>(graph, (static_cast<void>(I), sequence)...);
  auto gather =
      std::make_shared<flow::function_node<Tuple, Bundle>>(graph, flow::unlimited, [ports, width](const Tuple& tuple) {
        Bundle bundle(width);
        ((bundle[ports[I]] = std::get<I>(tuple)), ...);
        return bundle;
      });
  flow::make_edge(*join, *gather);
  ((inputs[ports[I]] = &flow::input_port<I>(*join)), ...);
  parts.push_back(join);
  parts.push_back(gather);
  return *gather;
}

// ---- The kinds ----

class RunSource : public RunNode {
 public:
  using RunNode::RunNode;

  void Build(flow::graph& graph, const Plan& plan) override {
    BuildOutputs(graph);
    source_ = std::make_unique<flow::input_node<Bundle>>(
        graph, [this](oneapi::tbb::flow_control& control) { return Next(control); });
    limiter_ = std::make_unique<flow::limiter_node<Bundle, int>>(graph, plan.max_in_flight);
    // Behind the limiter, as the input node keeps a copy of the last message that it made.
    stamp_ = std::make_unique<flow::function_node<Bundle>>(graph, flow::unlimited, [this](const Bundle& bundle) {
      Stamp(bundle);
      return flow::continue_msg();
    });
    flow::make_edge(*source_, *limiter_);
    flow::make_edge(*limiter_, *stamp_);
    home_->give_back = [this] { limiter_->decrementer().try_put(1); };
  }
  void Activate() override { source_->activate(); }
  void Close() override { home_->open = false; }

 private:
  Bundle Next(oneapi::tbb::flow_control& control) {
    if (ended_ || run_->failed()) {
      control.stop();
      return {};
    }
    SourceContext item(&planned_->contract, sequence_);
    bool made = false;
    const int64_t start = NowNanos();
    const absl::Status status = Guarded([&] {
      absl::StatusOr<bool> next = static_cast<SourceNode&>(*node_).Next(item);
      if (next.ok()) made = *next;
      return next.status();
    });
    stats_.busy_nanos += NowNanos() - start;
    if (!status.ok()) {
      run_->FailRun(absl::Status(status.code(), absl::StrCat(planned_->where, ": node \"", planned_->name,
                                                             "\": ", std::string(status.message()))));
      control.stop();
      return {};
    }
    ended_ = !made;
    const Origin origin{sequence_++, ended_, item.name(), nullptr};
    absl::Status failure = item.status();
    for (const ItemContext::Output& output : item.outputs()) {
      if (made && failure.ok() && output.payload == nullptr)
        failure = absl::InternalError("the source left an output unset");
    }
    if (made && !failure.ok()) run_->ItemFailed(*planned_, stats_, origin, failure);
    Bundle bundle;
    for (const ItemContext::Output& output : item.outputs()) {
      bundle.push_back(failure.ok() ? Packet(origin, output.type, output.payload) : Packet(origin, failure));
    }
    return bundle;
  }

  void Stamp(const Bundle& bundle) {
    const bool end = bundle.front().origin().end;
    if (!end) {
      run_->ItemStamped();
      ++stats_.items;
    }
    const auto token = std::make_shared<Token>(home_, end ? nullptr : run_);
    for (size_t port = 0; port < bundle.size(); ++port) {
      Packet packet = bundle[port];
      packet.set_token(token);
      outputs_[port]->try_put(packet);
    }
  }

  uint64_t sequence_ = 0;
  bool ended_ = false;
  std::shared_ptr<TokenHome> home_ = std::make_shared<TokenHome>();
  std::unique_ptr<flow::input_node<Bundle>> source_;
  std::unique_ptr<flow::limiter_node<Bundle, int>> limiter_;
  std::unique_ptr<flow::function_node<Bundle>> stamp_;
};

class RunMap : public RunNode {
 public:
  using RunNode::RunNode;

  void Build(flow::graph& graph, const Plan& plan) override {
    BuildOutputs(graph);
    const size_t concurrency = planned_->concurrency == 0 ? flow::unlimited : planned_->concurrency;
    body_ = std::make_unique<flow::function_node<Bundle>>(graph, concurrency, [this](const Bundle& bundle) {
      Process(bundle);
      return flow::continue_msg();
    });
    flow::make_edge(BuildGather(graph), *body_);
  }

 private:
  void Process(const Bundle& bundle) {
    if (PassOnEmpty(bundle)) return;
    ItemContext item(&planned_->contract, OriginOf(bundle), bundle);
    const int64_t start = NowNanos();
    const absl::Status status = Guarded([&] { return static_cast<MapNode&>(*node_).Process(item); });
    stats_.busy_nanos += NowNanos() - start;
    if (!status.ok()) return Fail(item.origin(), status);
    SendOutputs(item);
  }

  std::unique_ptr<flow::function_node<Bundle>> body_;
};

class RunBatch : public RunNode {
 public:
  using RunNode::RunNode;
  using Batch = std::shared_ptr<const std::vector<Bundle>>;

  void Build(flow::graph& graph, const Plan& plan) override {
    BuildOutputs(graph);
    const size_t concurrency = planned_->concurrency == 0 ? flow::unlimited : planned_->concurrency;
    body_ = std::make_unique<flow::function_node<Batch>>(graph, concurrency, [this](const Batch& batch) {
      ProcessBatch(*batch);
      return flow::continue_msg();
    });
    seats_ = std::make_unique<flow::function_node<Bundle>>(graph, flow::serial, [this](const Bundle& bundle) {
      TakeSeat(bundle);
      return flow::continue_msg();
    });
    flow::make_edge(BuildOrderedGather(graph), *seats_);
  }

 private:
  void TakeSeat(const Bundle& bundle) {
    const bool end = OriginOf(bundle).end;
    if (!end) waiting_.push_back(bundle);
    if (static_cast<int>(waiting_.size()) == planned_->batch_size || (end && !waiting_.empty())) {
      body_->try_put(std::make_shared<const std::vector<Bundle>>(std::move(waiting_)));
      waiting_.clear();
    }
    if (end) SendEmpty(OriginOf(bundle), absl::OkStatus());
  }

  void ProcessBatch(const std::vector<Bundle>& batch) {
    std::vector<std::unique_ptr<ItemContext>> items;
    std::vector<ItemContext*> pointers;
    for (const Bundle& bundle : batch) {
      if (PassOnEmpty(bundle)) continue;
      items.push_back(std::make_unique<ItemContext>(&planned_->contract, OriginOf(bundle), bundle));
      pointers.push_back(items.back().get());
    }
    if (items.empty()) return;
    const int64_t start = NowNanos();
    absl::Status status = Work(absl::MakeConstSpan(pointers));
    if (!status.ok() && items.size() > 1) {
      for (ItemContext* item : pointers) {
        item->Clear();
        const absl::Status alone = Work(absl::MakeConstSpan(&item, 1));
        if (!alone.ok()) item->Fail(alone);
      }
      status = absl::OkStatus();
    }
    stats_.busy_nanos += NowNanos() - start;
    for (ItemContext* item : pointers) {
      const absl::Status& failure = status.ok() ? item->status() : status;
      if (failure.ok())
        SendOutputs(*item);
      else
        Fail(item->origin(), failure);
    }
  }

  absl::Status Work(absl::Span<ItemContext* const> items) {
    return Guarded([&] { return static_cast<BatchNode&>(*node_).ProcessBatch(items); });
  }

  std::vector<Bundle> waiting_;
  std::unique_ptr<flow::function_node<Bundle>> seats_;
  std::unique_ptr<flow::function_node<Batch>> body_;
};

class RunCollect : public RunNode {
 public:
  using RunNode::RunNode;

  void Build(flow::graph& graph, const Plan& plan) override {
    BuildOutputs(graph);
    body_ = std::make_unique<flow::function_node<Bundle>>(graph, flow::serial, [this](const Bundle& bundle) {
      if (OriginOf(bundle).end)
        Finish();
      else
        Add(bundle);
      return flow::continue_msg();
    });
    flow::make_edge(BuildOrderedGather(graph), *body_);
  }

 private:
  void Add(const Bundle& bundle) {
    ++stats_.received;
    for (const Packet& packet : bundle) {
      if (!packet.status().ok()) return;
    }
    ItemContext item(&planned_->contract, OriginOf(bundle), bundle);
    const int64_t start = NowNanos();
    const absl::Status status = Guarded([&] { return static_cast<CollectNode&>(*node_).Add(item); });
    stats_.busy_nanos += NowNanos() - start;
    if (status.ok()) {
      ++stats_.items;
      stats_.AddMedia(item);
    } else {
      run_->ItemFailed(*planned_, stats_, item.origin(), status);
    }
  }

  // What a Collect emits is a sequence of its own: one packet and the end.
  void Finish() {
    const auto name = std::make_shared<const std::string>(planned_->name);
    FinishContext context(&planned_->contract, {0, false, name, nullptr}, run_->publication());
    const int64_t start = NowNanos();
    const absl::Status status = Guarded([&] { return static_cast<CollectNode&>(*node_).Finish(context); });
    stats_.busy_nanos += NowNanos() - start;
    if (!status.ok()) {
      run_->FailRun(absl::Status(status.code(), absl::StrCat(planned_->where, ": node \"", planned_->name,
                                                             "\": ", std::string(status.message()))));
      return;
    }
    if (outputs_.empty()) return;
    SendOutputs(context);
    SendEmpty({1, true, name, nullptr}, absl::OkStatus());
  }

  std::unique_ptr<flow::function_node<Bundle>> body_;
};

}  // namespace

// ---- What all kinds share ----

void RunNode::BuildOutputs(flow::graph& graph) {
  for (size_t i = 0; i < planned_->contract.outputs.size(); ++i) {
    outputs_.push_back(std::make_unique<flow::broadcast_node<Packet>>(graph));
  }
}

flow::sender<Bundle>& RunNode::BuildGather(flow::graph& graph) {
  const size_t width = planned_->inputs.size();
  inputs_.assign(width, nullptr);
  std::vector<int> ports;
  for (size_t i = 0; i < width; ++i) {
    if (planned_->inputs[i] >= 0) ports.push_back(static_cast<int>(i));
  }
  switch (ports.size()) {
    case 2: return BuildJoin(graph, ports, width, parts_, inputs_, std::make_index_sequence<2>());
    case 3: return BuildJoin(graph, ports, width, parts_, inputs_, std::make_index_sequence<3>());
    case 4: return BuildJoin(graph, ports, width, parts_, inputs_, std::make_index_sequence<4>());
    case 5: return BuildJoin(graph, ports, width, parts_, inputs_, std::make_index_sequence<5>());
    case 6: return BuildJoin(graph, ports, width, parts_, inputs_, std::make_index_sequence<6>());
    case 7: return BuildJoin(graph, ports, width, parts_, inputs_, std::make_index_sequence<7>());
    case 8: return BuildJoin(graph, ports, width, parts_, inputs_, std::make_index_sequence<8>());
    default: break;
  }
  const int port = ports[0];
  auto gather = std::make_shared<flow::function_node<Packet, Bundle>>(graph, flow::unlimited,
                                                                      [port, width](const Packet& packet) {
                                                                        Bundle bundle(width);
                                                                        bundle[port] = packet;
                                                                        return bundle;
                                                                      });
  parts_.push_back(gather);
  inputs_[port] = gather.get();
  return *gather;
}

flow::sender<Bundle>& RunNode::BuildOrderedGather(flow::graph& graph) {
  auto sequencer = std::make_shared<flow::sequencer_node<Bundle>>(
      graph, [](const Bundle& bundle) -> size_t { return OriginOf(bundle).sequence; });
  flow::make_edge(BuildGather(graph), *sequencer);
  parts_.push_back(sequencer);
  return *sequencer;
}

void RunNode::SendEmpty(const Origin& origin, const absl::Status& status) {
  for (const auto& output : outputs_) output->try_put(Packet(origin, status));
}

void RunNode::SendOutputs(ItemContext& item) {
  for (size_t port = 0; port < outputs_.size(); ++port) {
    if (item.outputs()[port].payload == nullptr) {
      return Fail(item.origin(), absl::InternalError(absl::StrCat("the node left its output ",
                                                                  planned_->contract.outputs[port].name, " unset")));
    }
  }
  ++stats_.items;
  stats_.AddMedia(item);
  for (size_t port = 0; port < outputs_.size(); ++port) {
    const ItemContext::Output& output = item.outputs()[port];
    outputs_[port]->try_put(Packet(item.origin(), output.type, output.payload));
  }
}

void RunNode::Fail(const Origin& origin, const absl::Status& status) {
  run_->ItemFailed(*planned_, stats_, origin, status);
  SendEmpty(origin, status);
}

bool RunNode::PassOnEmpty(const Bundle& bundle) {
  ++stats_.received;
  const Origin& origin = OriginOf(bundle);
  if (origin.end) {
    SendEmpty(origin, absl::OkStatus());
    return true;
  }
  for (const Packet& packet : bundle) {
    if (packet.status().ok()) continue;
    SendEmpty(origin, packet.status());
    return true;
  }
  return false;
}

std::unique_ptr<RunNode> MakeRunNode(const PlannedNode* planned, std::unique_ptr<Node> node, RunState* run) {
  switch (planned->entry->kind) {
    case NodeKind::kSource: return std::make_unique<RunSource>(planned, std::move(node), run);
    case NodeKind::kMap: return std::make_unique<RunMap>(planned, std::move(node), run);
    case NodeKind::kBatch: return std::make_unique<RunBatch>(planned, std::move(node), run);
    case NodeKind::kCollect: return std::make_unique<RunCollect>(planned, std::move(node), run);
  }
  return nullptr;
}

}  // namespace diarflow
