// The node kinds, and what their bodies see. An author derives from one of them, states ports and contract, and
// registers the class (graph/registry.h). docs/pipelines.md shows a whole node in thirty lines.
//
//   SourceNode   makes the items of the run, one by one
//   MapNode      one item in, one out
//   BatchNode    several items in company, each with its own result
//   ExpandNode   one item in, its parts out: a file to pieces
//   StreamNode   parts in order, each with its result, with a state that lasts as long as the item
//   CollectNode  takes every part of an item in order, emits once at its end; outside of an Expand: once a run
//
// What an Expand makes of an item is numbered anew: a scope of its own, which a Collect closes. Inside of it the parts
// of different items follow one another in the order of the items, so a batch may hold parts of two items.
//
// Life of a node: made, Open() once, then its items, then destroyed. Bodies may be called from any thread; those of
// a contract that says Concurrent() also from several at once, which is why they are const. No body may keep a
// thread waiting for another item. An error from a body concerns its item alone (NodeConfig.on_error); no exception
// need be caught: the framework turns what escapes into a status.
#ifndef DIARFLOW_GRAPH_NODE_H_
#define DIARFLOW_GRAPH_NODE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "google/protobuf/message.h"
#include "graph/contract.h"
#include "graph/packet.h"
#include "graph/port.h"

namespace diarflow {

// What Open() sees: options, resources, the run.
class OpenContext {
 public:
  struct Fields {
    const google::protobuf::Message* options = nullptr;
    std::map<std::string, std::shared_ptr<const void>> resources;
    // The names of the connected ports: inputs and outputs.
    std::vector<std::string> inputs;
    std::vector<std::string> outputs;
    std::string run_folder;
  };
  explicit OpenContext(Fields fields) : fields_(std::move(fields)) {}

  // REQUIRES: T is the options type of the contract.
  template <typename T>
  const T& options() const {
    return static_cast<const T&>(*fields_.options);
  }
  template <typename R>
  std::shared_ptr<const R> Get(Uses<R> use) const {
    return std::static_pointer_cast<const R>(fields_.resources.at(use.name));
  }
  // Null when the pipeline names none.
  template <typename R>
  std::shared_ptr<const R> Get(OptionallyUses<R> use) const {
    const auto found = fields_.resources.find(use.name);
    return found == fields_.resources.end() ? nullptr : std::static_pointer_cast<const R>(found->second);
  }
  template <typename T>
  bool IsConnected(OptionalIn<T> port) const {
    for (const std::string& name : fields_.inputs) {
      if (name == port.name) return true;
    }
    return false;
  }
  // Where the run writes its files; empty when it writes none.
  const std::string& run_folder() const { return fields_.run_folder; }

 private:
  Fields fields_;
};

// One item as a body sees it.
class ItemContext {
 public:
  // `inputs` and `outputs`: in the order of the contract; an unconnected input is an empty packet.
  ItemContext(const Contract* contract, Origin origin, std::vector<Packet> inputs)
      : contract_(contract),
        origin_(std::move(origin)),
        inputs_(std::move(inputs)),
        outputs_(contract->outputs.size()) {}

  const std::string& item() const { return *origin_.item; }
  uint64_t sequence() const { return origin_.sequence; }
  const Origin& origin() const { return origin_; }

  template <typename T>
  const T& Get(In<T> port) const {
    return inputs_[IndexOf(contract_->inputs, port.name)].template Get<T>();
  }
  // Null when the port is not connected.
  template <typename T>
  const T* Get(OptionalIn<T> port) const {
    const Packet& packet = inputs_[IndexOf(contract_->inputs, port.name)];
    return packet.has_payload() ? &packet.template Get<T>() : nullptr;
  }
  // Every output must be set, unless the item fails.
  template <typename T>
  void Set(Out<T> port, T value) {
    outputs_[IndexOf(contract_->outputs, port.name)] = {PayloadTypeOf<T>(),
                                                        std::make_shared<const T>(std::move(value))};
  }
  // This item fails, the others go on: for batches, and for sources (a line that makes no sense).
  void Fail(absl::Status status) { status_ = std::move(status); }
  // This item has no result and that is no failure: it travels on empty, and nodes behind are not called for it.
  void Skip() { skipped_ = true; }

  // Seconds of audio worked on; the report divides them by the time it took.
  void AddMediaTime(double seconds) { media_seconds_ += seconds; }
  // Of which a cache answered.
  void AddCachedMediaTime(double seconds) { cached_media_seconds_ += seconds; }

  // For the framework.
  struct Output {
    const PayloadType* type = nullptr;
    std::shared_ptr<const void> payload;
  };
  const std::vector<Output>& outputs() const { return outputs_; }
  void SetOutput(size_t index, Output output) { outputs_[index] = std::move(output); }
  const Packet& input(size_t index) const { return inputs_[index]; }
  const absl::Status& status() const { return status_; }
  bool skipped() const { return skipped_; }
  double media_seconds() const { return media_seconds_; }
  double cached_media_seconds() const { return cached_media_seconds_; }
  void Clear() {
    outputs_.assign(outputs_.size(), {});
    status_ = absl::OkStatus();
    skipped_ = false;
    media_seconds_ = cached_media_seconds_ = 0;
  }

 private:
  static size_t IndexOf(const std::vector<PortContract>& ports, const char* name) {
    for (size_t i = 0; i < ports.size(); ++i) {
      if (ports[i].name == name) return i;
    }
    assert(false && "the port is not in the node's contract");
    return 0;
  }

  const Contract* contract_;
  Origin origin_;
  std::vector<Packet> inputs_;
  std::vector<Output> outputs_;
  absl::Status status_;
  bool skipped_ = false;
  double media_seconds_ = 0;
  double cached_media_seconds_ = 0;
};

// What a Source fills for one item, or an Expand for one part: its name and every output.
class SourceContext : public ItemContext {
 public:
  SourceContext(const Contract* contract, uint64_t sequence)
      : ItemContext(contract, {sequence, false, false, nullptr, nullptr, nullptr}, {}) {}
  void SetItem(std::string name) { name_ = std::make_shared<const std::string>(std::move(name)); }
  const std::shared_ptr<const std::string>& name() const { return name_; }

 private:
  std::shared_ptr<const std::string> name_ = std::make_shared<const std::string>();
};

// What a Collect sees at the end: it may set its outputs, publish a message for the report, and say something.
class FinishContext : public ItemContext {
 public:
  struct Publication {
    std::vector<std::unique_ptr<google::protobuf::Message>> results;
    std::vector<std::string> summaries;
  };
  FinishContext(const Contract* contract, Origin origin, Publication* publication, bool ended_early = false)
      : ItemContext(contract, std::move(origin), {}), publication_(publication), ended_early_(ended_early) {}

  // An interruption left the item without some of its parts (ExpandNode::Parts::MayEndEarly()).
  bool ended_early() const { return ended_early_; }

  // Into report.textproto.
  void Publish(const google::protobuf::Message& result) {
    publication_->results.emplace_back(result.New());
    publication_->results.back()->CopyFrom(result);
  }
  // Printed on standard output when the run is over.
  void Say(std::string text) { publication_->summaries.push_back(std::move(text)); }

 private:
  Publication* publication_;
  bool ended_early_;
};

class Node {
 public:
  virtual ~Node() = default;
  // An error ends the run before its first item.
  virtual absl::Status Open(OpenContext& context) { return absl::OkStatus(); }
};

class SourceNode : public Node {
 public:
  // Fills the next item and answers true, or false when there is none left. An error ends the run. To be short: name
  // the file here and read it in a Map, as other threads may have to wait for this call.
  virtual absl::StatusOr<bool> Next(SourceContext& item) = 0;
  // How many items there will be; -1 when unknown. For progress lines.
  virtual int64_t ItemCount() const { return -1; }
};

class MapNode : public Node {
 public:
  virtual absl::Status Process(ItemContext& item) const = 0;
};

class BatchNode : public Node {
 public:
  // Items in the order of the source, at least one. An error for the whole batch makes the framework try each item
  // alone, so that one bad item does not cost its neighbours; ItemContext::Fail is for errors of single items.
  virtual absl::Status ProcessBatch(absl::Span<ItemContext* const> items) const = 0;
};

class ExpandNode : public Node {
 public:
  // One item on its way to parts. The item's payloads live as long as this.
  class Parts {
   public:
    virtual ~Parts() = default;
    // Fills the next part and answers true, or false when there is none left. An error fails the item. To be short,
    // as SourceNode::Next.
    virtual absl::StatusOr<bool> Next(SourceContext& part) = 0;
    // How many parts there will be; -1 when unknown. For progress lines.
    virtual int64_t Count() const { return -1; }
    // Whether fewer parts make sense: when the run is interrupted, the item then ends with those that it has. For an
    // Expand of whole items, not of parts.
    virtual bool MayEndEarly() const { return false; }
  };
  virtual absl::StatusOr<std::unique_ptr<Parts>> Begin(const ItemContext& item) const = 0;
};

class StreamNode : public Node {
 public:
  // What one item (outside of an Expand: the run) has left behind so far.
  class State {
   public:
    virtual ~State() = default;
  };
  virtual absl::StatusOr<std::unique_ptr<State>> NewState() const = 0;
  // The next part, in order. After an error, or a part that failed before it came here, the item has failed: no
  // further part of it is stepped through. Outside of an Expand the parts are the items of the run: one that fails
  // does not stop the others.
  virtual absl::Status Step(State& state, ItemContext& part) const = 0;
  // After the last part. What it sets as outputs travels as one more part; it need not set any, but all or none.
  // Streams in a row flush one after another. Where two rows meet, they must be equally long: what one flushes is
  // matched with what the other one flushes.
  virtual absl::Status Flush(State& state, ItemContext& last) const { return absl::OkStatus(); }
};

class CollectNode : public Node {
 public:
  // Before the first part of each item: forget the last one.
  virtual absl::Status Begin() { return absl::OkStatus(); }
  // Parts in order, without those that failed or were skipped on their way.
  virtual absl::Status Add(ItemContext& part) = 0;
  // After the last part. Inside of an Expand an item of which a part failed has failed, and this is not called for
  // it; an error here fails the item. Outside it is called once, and an error ends the run; an interrupted run ends
  // without it.
  virtual absl::Status Finish(FinishContext& context) = 0;
};

}  // namespace diarflow

#endif  // DIARFLOW_GRAPH_NODE_H_
