// Source and Expand: what makes a sequence.
//
//   input_node (the body) -> limiter_node (tokens) -> function_node (attaches the token) -> broadcast nodes
//
// An Expand feeds its input node: items wait in a queue, in order, and the node is activated for each. Its body makes
// one part a call, so parts come into being only as fast as tokens come home.
#include <atomic>
#include <utility>

#include "absl/strings/str_cat.h"
#include "graph/run_node.h"
#include "oneapi/tbb/concurrent_queue.h"

namespace diarflow {

namespace flow = oneapi::tbb::flow;

// The way back of tokens. Shared with the packets, which may outlive the limiter when a run ends early.
struct TokenHome {
  std::atomic<bool> open{true};
  std::function<void()> give_back;
};

class Token {
 public:
  // `run` is told when an item of a source is gone, or a part that is a share of its item; null for everything else.
  Token(std::shared_ptr<TokenHome> home, RunState* run, double share)
      : home_(std::move(home)), run_(run), share_(share) {}
  ~Token() {
    if (!home_->open) return;
    if (run_ != nullptr && share_ > 0) run_->PartRetired(share_);
    if (run_ != nullptr && share_ == 0) run_->ItemRetired();
    home_->give_back();
  }

 private:
  std::shared_ptr<TokenHome> home_;
  RunState* run_;
  double share_;
};

namespace {

class Generator : public RunNode {
 public:
  using RunNode::RunNode;

  void Close() override { home_->open = false; }

 protected:
  void BuildGenerator(flow::graph& graph) {
    BuildOutputs(graph);
    generator_ = std::make_unique<flow::input_node<Bundle>>(
        graph, [this](oneapi::tbb::flow_control& control) { return Next(control); });
    limiter_ = std::make_unique<flow::limiter_node<Bundle, int>>(graph, planned_->max_in_flight);
    // Behind the limiter, as the input node keeps a copy of the last message that it made.
    stamp_ = std::make_unique<flow::function_node<Bundle>>(graph, flow::unlimited, [this](const Bundle& bundle) {
      Stamp(bundle);
      return flow::continue_msg();
    });
    flow::make_edge(*generator_, *limiter_);
    flow::make_edge(*limiter_, *stamp_);
    home_->give_back = [this] { limiter_->decrementer().try_put(1); };
  }

  // The next item's packets, or control.stop().
  virtual Bundle Next(oneapi::tbb::flow_control& control) = 0;

  // The packets of a filled item, or empty ones: for a marker, or for a failure.
  Bundle ToPackets(const Origin& origin, const ItemContext* item, const absl::Status& failure) const {
    Bundle bundle;
    for (size_t port = 0; port < planned_->contract.outputs.size(); ++port) {
      if (item == nullptr || !failure.ok() || item->skipped()) {
        bundle.emplace_back(origin, failure);
      } else {
        const ItemContext::Output& output = item->outputs()[port];
        bundle.emplace_back(origin, output.type, run_->Count(output.type, output.payload));
      }
    }
    return bundle;
  }

  // What is wrong with an item that a body says it made.
  absl::Status CheckMade(const ItemContext& item) const {
    if (!item.status().ok() || item.skipped()) return item.status();
    return CheckOutputs(item, /*may_be_empty=*/false);
  }

  uint64_t next_sequence_ = 0;
  std::unique_ptr<flow::input_node<Bundle>> generator_;

 private:
  void Stamp(const Bundle& bundle) {
    const Origin& origin = bundle.front().origin();
    const bool is_marker = origin.end || origin.tail;
    const bool from_source = origin.parent == nullptr;
    if (!is_marker) ++stats_.items;
    if (!is_marker && from_source) run_->ItemStamped();
    const bool is_counted = !is_marker && (from_source || origin.share > 0);
    const auto token = std::make_shared<Token>(home_, is_counted ? run_ : nullptr, from_source ? 0 : origin.share);
    for (size_t port = 0; port < bundle.size(); ++port) {
      Packet packet = bundle[port];
      packet.set_token(token);
      outputs_[port]->try_put(packet);
    }
  }

  std::shared_ptr<TokenHome> home_ = std::make_shared<TokenHome>();
  std::unique_ptr<flow::limiter_node<Bundle, int>> limiter_;
  std::unique_ptr<flow::function_node<Bundle>> stamp_;
};

class RunSource : public Generator {
 public:
  using Generator::Generator;

  void Build(flow::graph& graph) override { BuildGenerator(graph); }
  void Activate() override { generator_->activate(); }

 private:
  Bundle Next(oneapi::tbb::flow_control& control) override {
    if (ended_ || run_->Cancelled()) {
      control.stop();
      return {};
    }
    SourceContext item(&planned_->contract, next_sequence_);
    bool made = false;
    if (!closed_ && run_->interrupted()) {
      run_->CutShort();
    } else if (!closed_) {
      Origin origin = item.origin();
      const absl::Status status = Time(origin, 0, [&] {
        absl::StatusOr<bool> next = static_cast<SourceNode&>(*node_).Next(item);
        if (next.ok()) made = *next;
        origin.item = item.name();
        return next.status();
      });
      if (!status.ok()) {
        run_->FailRun(AtNode(status));
        control.stop();
        return {};
      }
    }
    closed_ = !made;
    if (closed_) return Closing();
    const Origin origin = OriginAt(next_sequence_++, item.name());
    const absl::Status failure = CheckMade(item);
    if (!failure.ok()) run_->ItemFailed(*planned_, stats_, origin, failure);
    return ToPackets(origin, &item, failure);
  }

  // Behind the last item: seats for what Streams have left to say, then the end.
  Bundle Closing() {
    ended_ = tails_ == planned_->tail_seats;
    if (!ended_) ++tails_;
    Origin origin =
        OriginAt(next_sequence_++, std::make_shared<const std::string>(absl::StrCat("end of ", planned_->name)));
    origin.end = ended_;
    origin.tail = !ended_;
    origin.last = origin.tail && tails_ == planned_->tail_seats;
    return ToPackets(origin, nullptr, absl::OkStatus());
  }

  bool closed_ = false;
  int tails_ = 0;
  bool ended_ = false;
};

class RunExpand : public Generator {
 public:
  using Generator::Generator;

  void Build(flow::graph& graph) override {
    BuildGenerator(graph);
    feed_ = std::make_unique<flow::function_node<Bundle>>(graph, flow::serial, [this](const Bundle& bundle) {
      ++stats_.received;
      waiting_.push(bundle);
      generator_->activate();
      return flow::continue_msg();
    });
    flow::make_edge(BuildOrderedGather(graph), *feed_);
  }

 private:
  Bundle Next(oneapi::tbb::flow_control& control) override {
    if (run_->Cancelled()) {
      control.stop();
      return {};
    }
    if (tails_ > 0) return Tail();
    if (whole_.empty()) {
      if (!waiting_.try_pop(whole_)) {
        control.stop();
        return {};
      }
      parent_ = std::make_shared<const Origin>(OriginOf(whole_));
      if (parent_->end) return End();
      const absl::Status failure = FailureOf(whole_);
      if (!failure.ok() || !IsComplete(whole_)) return CloseItem(failure, /*hollow=*/true);
      item_ = std::make_unique<ItemContext>(&planned_->contract, *parent_, whole_);
      const absl::Status begun = Time(*parent_, 0, [&] {
        auto parts = static_cast<ExpandNode&>(*node_).Begin(*item_);
        if (parts.ok()) parts_ = *std::move(parts);
        return parts.status();
      });
      if (!begun.ok()) return FailItem(begun);
      const bool counts = parent_->parent == nullptr && parts_->Count() > 0 && run_->CountsParts(planned_);
      share_ = counts ? 1 / static_cast<float>(parts_->Count()) : 0;
    }
    if (run_->interrupted() && parent_->parent == nullptr && parts_->MayEndEarly()) {
      run_->CutShort();
      early_ = true;
      return CloseItem(absl::OkStatus());
    }
    SourceContext part(&planned_->contract, next_sequence_);
    bool made = false;
    const absl::Status status = Time(*parent_, 0, [&] {
      absl::StatusOr<bool> next = parts_->Next(part);
      if (next.ok()) made = *next;
      return next.status();
    });
    if (!status.ok()) return FailItem(status);
    if (!made) return CloseItem(absl::OkStatus());
    const auto name = part.name()->empty() ? parent_->item : part.name();
    Origin origin = OriginAt(next_sequence_++, name, parent_);
    origin.share = share_;
    stats_.AddMedia(part);
    const absl::Status failure = CheckMade(part);
    if (!failure.ok()) run_->ItemFailed(*planned_, stats_, origin, failure);
    return ToPackets(origin, &part, failure);
  }

  // The item has failed: said by its last seats, so that the Collect behind knows.
  Bundle FailItem(const absl::Status& status) {
    run_->ItemFailed(*planned_, stats_, *parent_, status);
    return CloseItem(status);
  }

  // No further part of the item: the first of its last seats.
  Bundle CloseItem(const absl::Status& status, bool hollow = false) {
    parts_.reset();
    item_.reset();
    tails_ = planned_->tail_seats;
    closing_ = status;
    hollow_ = hollow;
    return Tail();
  }

  Bundle Tail() {
    --tails_;
    Origin origin = OriginAt(next_sequence_++, parent_->item, parent_);
    origin.tail = true;
    origin.last = tails_ == 0;
    origin.hollow = hollow_;
    origin.early = early_;
    Bundle seat = ToPackets(origin, nullptr, closing_);
    if (tails_ == 0) Forget();
    return seat;
  }

  // The end of the scope.
  Bundle End() {
    Origin origin = OriginAt(next_sequence_++, parent_->item, parent_);
    origin.end = true;
    Forget();
    return ToPackets(origin, nullptr, absl::OkStatus());
  }

  void Forget() {
    parent_.reset();
    whole_.clear();
    early_ = false;
  }

  oneapi::tbb::concurrent_queue<Bundle> waiting_;
  // The item that is being taken apart; whole_ is empty between two.
  Bundle whole_;
  std::shared_ptr<const Origin> parent_;
  std::unique_ptr<ItemContext> item_;
  std::unique_ptr<ExpandNode::Parts> parts_;
  float share_ = 0;
  // While the item is being closed: seats to come, and what they say.
  int tails_ = 0;
  absl::Status closing_;
  bool hollow_ = false;
  bool early_ = false;
  std::unique_ptr<flow::function_node<Bundle>> feed_;
};

}  // namespace

std::unique_ptr<RunNode> MakeRunSource(const PlannedNode* planned, std::unique_ptr<Node> node, RunState* run) {
  return std::make_unique<RunSource>(planned, std::move(node), run);
}

std::unique_ptr<RunNode> MakeRunExpand(const PlannedNode* planned, std::unique_ptr<Node> node, RunState* run) {
  return std::make_unique<RunExpand>(planned, std::move(node), run);
}

}  // namespace diarflow
