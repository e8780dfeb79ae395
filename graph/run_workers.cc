// Map, Batch, Stream and Collect: what works on a sequence.
#include <utility>

#include "absl/strings/str_cat.h"
#include "graph/run_node.h"

namespace diarflow {

namespace flow = oneapi::tbb::flow;

namespace {

size_t TbbConcurrency(const PlannedNode& planned) {
  constexpr size_t kUnlimited = flow::unlimited;
  return planned.concurrency == 0 ? kUnlimited : static_cast<size_t>(planned.concurrency);
}

class RunMap : public RunNode {
 public:
  using RunNode::RunNode;

  void Build(flow::graph& graph) override {
    BuildOutputs(graph);
    body_ =
        std::make_unique<flow::function_node<Bundle>>(graph, TbbConcurrency(*planned_), [this](const Bundle& bundle) {
          Process(bundle);
          return flow::continue_msg();
        });
    flow::make_edge(BuildGather(graph), *body_);
  }

 private:
  void Process(const Bundle& bundle) {
    ++stats_.received;
    if (run_->Cancelled() || PassOnEmpty(bundle)) return;
    ItemContext item(&planned_->contract, OriginOf(bundle), bundle);
    Deliver(item, Time(item.origin(), 0, [&] { return static_cast<MapNode&>(*node_).Process(item); }));
  }

  std::unique_ptr<flow::function_node<Bundle>> body_;
};

// One serial part hands out seats in order; full batches are worked on side by side.
class RunBatch : public RunNode {
 public:
  using RunNode::RunNode;
  using Batch = std::shared_ptr<const std::vector<Bundle>>;

  void Build(flow::graph& graph) override {
    BuildOutputs(graph);
    body_ = std::make_unique<flow::function_node<Batch>>(graph, TbbConcurrency(*planned_), [this](const Batch& batch) {
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
    ++stats_.received;
    const bool end = OriginOf(bundle).end;
    if (!end) waiting_.push_back(bundle);
    if (static_cast<int>(waiting_.size()) == planned_->batch_size || (end && !waiting_.empty())) {
      body_->try_put(std::make_shared<const std::vector<Bundle>>(std::move(waiting_)));
      waiting_.clear();
    }
    if (end) SendEmpty(OriginOf(bundle), absl::OkStatus());
  }

  void ProcessBatch(const std::vector<Bundle>& batch) {
    if (run_->Cancelled()) return;
    std::vector<std::unique_ptr<ItemContext>> items;
    std::vector<ItemContext*> pointers;
    for (const Bundle& bundle : batch) {
      if (PassOnEmpty(bundle)) continue;
      items.push_back(std::make_unique<ItemContext>(&planned_->contract, OriginOf(bundle), bundle));
      pointers.push_back(items.back().get());
    }
    if (items.empty()) return;
    absl::Status status = Work(absl::MakeConstSpan(pointers));
    if (!status.ok() && items.size() > 1) {
      for (ItemContext* item : pointers) {
        if (run_->Cancelled()) return;
        item->Clear();
        const absl::Status alone = Work(absl::MakeConstSpan(&item, 1));
        if (!alone.ok()) item->Fail(alone);
      }
      status = absl::OkStatus();
    }
    for (ItemContext* item : pointers) Deliver(*item, status);
  }

  absl::Status Work(absl::Span<ItemContext* const> items) {
    return Time(items[0]->origin(), static_cast<int>(items.size()),
                [&] { return static_cast<BatchNode&>(*node_).ProcessBatch(items); });
  }

  std::vector<Bundle> waiting_;
  std::unique_ptr<flow::function_node<Bundle>> seats_;
  std::unique_ptr<flow::function_node<Batch>> body_;
};

class RunStream : public RunNode {
 public:
  using RunNode::RunNode;

  void Build(flow::graph& graph) override {
    BuildOutputs(graph);
    body_ = std::make_unique<flow::function_node<Bundle>>(graph, flow::serial, [this](const Bundle& bundle) {
      Step(bundle);
      return flow::continue_msg();
    });
    flow::make_edge(BuildOrderedGather(graph), *body_);
  }

 private:
  // Parts of one item follow one another, so there is one state at a time.
  void Step(const Bundle& bundle) {
    ++stats_.received;
    if (run_->Cancelled()) return;
    const Origin& origin = OriginOf(bundle);
    const bool in_item = origin.parent != nullptr;
    const absl::Status arrived = FailureOf(bundle);
    if (!in_item || failure_.ok()) failure_ = arrived;
    const bool complete = IsComplete(bundle);
    // What it has left goes into the first seat behind the parts that no Stream in front has taken.
    const bool flushes = !complete && origin.tail && !origin.hollow && !flushed_;
    if (!failure_.ok() || (!complete && !flushes)) {
      SendEmpty(origin, failure_);
    } else {
      ItemContext part(&planned_->contract, origin, bundle);
      const auto& stream = static_cast<const StreamNode&>(*node_);
      const absl::Status status = Time(origin, 0, [&]() -> absl::Status {
        if (state_ == nullptr) {
          absl::StatusOr<std::unique_ptr<StreamNode::State>> made = stream.NewState();
          if (!made.ok()) return made.status();
          state_ = *std::move(made);
        }
        flushed_ |= flushes;
        return flushes ? stream.Flush(*state_, part) : stream.Step(*state_, part);
      });
      failure_ = status.ok() ? part.status() : status;
      Deliver(part, status, /*may_be_empty=*/flushes);
    }
    if (origin.last) {
      state_.reset();
      failure_ = absl::OkStatus();
      flushed_ = false;
    }
  }

  std::unique_ptr<StreamNode::State> state_;
  bool flushed_ = false;
  // Why the item can go no further.
  absl::Status failure_;
  std::unique_ptr<flow::function_node<Bundle>> body_;
};

class RunCollect : public RunNode {
 public:
  using RunNode::RunNode;

  void Build(flow::graph& graph) override {
    BuildOutputs(graph);
    body_ = std::make_unique<flow::function_node<Bundle>>(graph, flow::serial, [this](const Bundle& bundle) {
      Take(bundle);
      return flow::continue_msg();
    });
    flow::make_edge(BuildOrderedGather(graph), *body_);
  }

 private:
  CollectNode& collect() { return static_cast<CollectNode&>(*node_); }

  void Take(const Bundle& bundle) {
    ++stats_.received;
    if (run_->Cancelled()) return;
    const Origin& origin = OriginOf(bundle);
    Add(bundle);
    if (origin.parent == nullptr) {
      if (origin.end) FinishRun();
    } else if (origin.last) {
      FinishItem(origin, origin.hollow && !begun_);
    } else if (origin.end) {
      SendEmpty(*origin.parent, absl::OkStatus());
    }
  }

  void Add(const Bundle& bundle) {
    const Origin& origin = OriginOf(bundle);
    if (failure_.ok() && origin.parent != nullptr) failure_ = FailureOf(bundle);
    if (!failure_.ok() || !FailureOf(bundle).ok() || !IsComplete(bundle)) return;
    ItemContext part(&planned_->contract, origin, bundle);
    const absl::Status status = Time(origin, 0, [&]() -> absl::Status {
      const absl::Status begun = Begin();
      return begun.ok() ? collect().Add(part) : begun;
    });
    if (status.ok()) {
      ++stats_.items;
      stats_.AddMedia(part);
    } else {
      run_->ItemFailed(*planned_, stats_, origin, status);
      if (origin.parent != nullptr) failure_ = status;
    }
  }

  absl::Status Begin() {
    if (begun_) return absl::OkStatus();
    const absl::Status status = collect().Begin();
    begun_ = status.ok();
    return status;
  }

  // What closes an Expand: the result takes the place of the item.
  // `hollow`: the item came without a payload and leaves without one.
  void FinishItem(const Origin& last, bool hollow) {
    const Origin& item = *last.parent;
    if (failure_.ok() && !hollow) {
      FinishContext context(&planned_->contract, item, &publication_, last.early);
      Deliver(context, Finish(context));
    } else {
      SendEmpty(item, failure_);
    }
    failure_ = absl::OkStatus();
    begun_ = false;
  }

  // Over the whole run: what is emitted is a sequence of its own, one packet, the seats for tails and the end.
  void FinishRun() {
    // What an interrupted run has seen is no result.
    if (run_->cut_short()) return;
    const auto name = std::make_shared<const std::string>(planned_->name);
    FinishContext context(&planned_->contract, OriginAt(0, name), &publication_);
    const absl::Status status = Finish(context);
    if (!status.ok()) return run_->FailRun(AtNode(status));
    if (outputs_.empty()) return;
    Deliver(context, status);
    const auto seats = static_cast<uint64_t>(planned_->tail_seats);
    for (uint64_t seat = 1; seat <= seats; ++seat) {
      Origin tail = OriginAt(seat, name);
      tail.tail = true;
      tail.last = seat == seats;
      SendEmpty(tail, absl::OkStatus());
    }
    Origin end = OriginAt(seats + 1, name);
    end.end = true;
    SendEmpty(end, absl::OkStatus());
  }

  absl::Status Finish(FinishContext& context) {
    return Time(context.origin(), 0, [&]() -> absl::Status {
      const absl::Status begun = Begin();
      return begun.ok() ? collect().Finish(context) : begun;
    });
  }

  bool begun_ = false;
  absl::Status failure_;
  std::unique_ptr<flow::function_node<Bundle>> body_;
};

}  // namespace

std::unique_ptr<RunNode> MakeRunWorker(const PlannedNode* planned, std::unique_ptr<Node> node, RunState* run) {
  switch (planned->entry->kind) {
    case NodeKind::kBatch: return std::make_unique<RunBatch>(planned, std::move(node), run);
    case NodeKind::kStream: return std::make_unique<RunStream>(planned, std::move(node), run);
    case NodeKind::kCollect: return std::make_unique<RunCollect>(planned, std::move(node), run);
    default: return std::make_unique<RunMap>(planned, std::move(node), run);
  }
}

}  // namespace diarflow
