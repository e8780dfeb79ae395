// Test nodes that make parts of items and work on them.
#include <memory>
#include <mutex>
#include <utility>

#include "absl/strings/str_cat.h"
#include "graph/test_nodes.h"
#include "graph/test_nodes.pb.h"

namespace diarflow {
namespace {

bool Divides(int divisor, int value) { return divisor != 0 && value % divisor == 0; }

class SplitNode : public ExpandNode {
 public:
  static constexpr In<Number> kIn{"NUMBER"};
  static constexpr Out<Number> kOut{"PART"};
  static void Contract(ContractBuilder& contract) {
    contract.Summary("Takes a number apart.").Input(kIn).Output(kOut).Options<options::Split>();
  }
  absl::Status Open(OpenContext& context) override {
    options_ = context.options<options::Split>();
    return absl::OkStatus();
  }
  absl::StatusOr<std::unique_ptr<Parts>> Begin(const ItemContext& item) const override {
    const int value = item.Get(kIn).value;
    if (value == options_.begin_fails_at()) return absl::InvalidArgumentError("cannot be taken apart");
    return std::make_unique<NumberParts>(value, &options_);
  }

 private:
  class NumberParts : public Parts {
   public:
    NumberParts(int value, const options::Split* options) : value_(value), options_(options) {}
    absl::StatusOr<bool> Next(SourceContext& part) override {
      if (next_ == 1 && Divides(options_->fail_multiples_of(), value_))
        return absl::DataLossError("torn in the middle");
      if (next_ >= value_ % options_->modulo()) return false;
      part.Set(kOut, Number{10 * value_ + next_++});
      return true;
    }

   private:
    int value_;
    int next_ = 0;
    const options::Split* options_;
  };
  options::Split options_;
};

class TotalNode : public StreamNode {
 public:
  static constexpr In<Number> kIn{"NUMBER"};
  static constexpr Out<Number> kOut{"NUMBER"};
  static void Contract(ContractBuilder& contract) {
    contract.Summary("The sum so far.").Input(kIn).Output(kOut).Options<options::Total>();
  }
  absl::Status Open(OpenContext& context) override {
    options_ = context.options<options::Total>();
    return absl::OkStatus();
  }
  absl::StatusOr<std::unique_ptr<State>> NewState() const override { return std::make_unique<Sum>(); }
  absl::Status Step(State& state, ItemContext& part) const override {
    const int value = part.Get(kIn).value;
    if (Divides(options_.fail_multiples_of(), value)) return absl::DataLossError("it divides");
    static_cast<Sum&>(state).value += value;
    part.Set(kOut, Number{static_cast<Sum&>(state).value});
    return absl::OkStatus();
  }
  absl::Status Flush(State& state, ItemContext& last) const override {
    if (options_.flush()) last.Set(kOut, Number{-static_cast<Sum&>(state).value});
    return absl::OkStatus();
  }

 private:
  struct Sum : public State {
    int value = 0;
  };
  options::Total options_;
};

class SumUpNode : public CollectNode {
 public:
  static constexpr In<Number> kIn{"NUMBER"};
  static constexpr Out<Number> kOut{"SUM"};
  static void Contract(ContractBuilder& contract) {
    contract.Summary("Parts back to one number.").Input(kIn).Output(kOut);
  }
  absl::Status Begin() override {
    sum_ = 0;
    return absl::OkStatus();
  }
  absl::Status Add(ItemContext& part) override {
    // Depends on the order, unlike a sum.
    sum_ = (31 * sum_ + part.Get(kIn).value) % 1000003;
    return absl::OkStatus();
  }
  absl::Status Finish(FinishContext& context) override {
    context.Set(kOut, Number{sum_});
    return absl::OkStatus();
  }

 private:
  int sum_ = 0;
};

class DropNode : public MapNode {
 public:
  static constexpr In<Number> kIn{"NUMBER"};
  static constexpr Out<Number> kOut{"NUMBER"};
  static void Contract(ContractBuilder& contract) {
    contract.Summary("Leaves some numbers out.").Input(kIn).Output(kOut).Options<options::Drop>().Concurrent();
  }
  absl::Status Open(OpenContext& context) override {
    multiples_of_ = context.options<options::Drop>().multiples_of();
    return absl::OkStatus();
  }
  absl::Status Process(ItemContext& item) const override {
    const int value = item.Get(kIn).value;
    if (Divides(multiples_of_, value))
      item.Skip();
    else
      item.Set(kOut, Number{value});
    return absl::OkStatus();
  }

 private:
  int multiples_of_ = 0;
};

std::mutex records_mutex;

void KeepRecord(const std::string& label, uint64_t sequence, int value) {
  const std::lock_guard<std::mutex> lock(records_mutex);
  Records()[label].emplace(sequence, value);
}

class RecordNode : public MapNode {
 public:
  static constexpr In<Number> kIn{"NUMBER"};
  static void Contract(ContractBuilder& contract) {
    contract.Summary("A sink.").Input(kIn).Options<options::Record>().Concurrent();
  }
  absl::Status Open(OpenContext& context) override {
    label_ = context.options<options::Record>().label();
    return absl::OkStatus();
  }
  absl::Status Process(ItemContext& item) const override {
    KeepRecord(label_, item.sequence(), item.Get(kIn).value);
    return absl::OkStatus();
  }

 private:
  std::string label_;
};

// A sink in order: the place in line is the key.
class RecordAllNode : public CollectNode {
 public:
  static constexpr In<Number> kIn{"NUMBER"};
  static void Contract(ContractBuilder& contract) {
    contract.Summary("A sink in order.").Input(kIn).Options<options::RecordAll>();
  }
  absl::Status Open(OpenContext& context) override {
    label_ = context.options<options::RecordAll>().label();
    return absl::OkStatus();
  }
  absl::Status Add(ItemContext& part) override {
    KeepRecord(label_, count_++, part.Get(kIn).value);
    return absl::OkStatus();
  }
  absl::Status Finish(FinishContext& context) override { return absl::OkStatus(); }

 private:
  std::string label_;
  uint64_t count_ = 0;
};

DIARFLOW_REGISTER_NODE("Split", SplitNode);
DIARFLOW_REGISTER_NODE("Total", TotalNode);
DIARFLOW_REGISTER_NODE("SumUp", SumUpNode);
DIARFLOW_REGISTER_NODE("Drop", DropNode);
DIARFLOW_REGISTER_NODE("Record", RecordNode);
DIARFLOW_REGISTER_NODE("RecordAll", RecordAllNode);

}  // namespace

std::map<std::string, std::map<uint64_t, int>>& Records() {
  static auto* records = new std::map<std::string, std::map<uint64_t, int>>;
  return *records;
}

}  // namespace diarflow
