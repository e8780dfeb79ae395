#include "graph/test_nodes.h"

#include <mutex>
#include <stdexcept>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "graph/test_nodes.pb.h"

namespace diarflow {
namespace {

class CountNode : public SourceNode {
 public:
  static constexpr Out<Number> kNumber{"NUMBER"};
  static void Contract(ContractBuilder& contract) {
    contract.Summary("Counts from 0.").Output(kNumber).Options<options::Count>();
  }
  absl::Status Open(OpenContext& context) override {
    options_ = context.options<options::Count>();
    return absl::OkStatus();
  }
  absl::StatusOr<bool> Next(SourceContext& item) override {
    if (next_ == options_.count()) return false;
    if (next_ == options_.break_at()) return absl::DataLossError("the list is torn");
    item.SetItem(absl::StrCat("n", next_));
    if (next_ == options_.fail_at()) item.Fail(absl::InvalidArgumentError("no such number"));
    item.Set(kNumber, Number{next_++});
    return true;
  }
  int64_t ItemCount() const override { return options_.count(); }

 private:
  options::Count options_;
  int next_ = 0;
};

absl::Status CheckAdd(const options::Add& options) {
  if (options.amount() < 0) return absl::InvalidArgumentError("amount is negative");
  return absl::OkStatus();
}

class AddNode : public MapNode {
 public:
  static constexpr In<Number> kIn{"NUMBER"};
  static constexpr Out<Number> kOut{"NUMBER"};
  static constexpr OptionallyUses<OffsetResource> kOffset{"OFFSET"};
  static void Contract(ContractBuilder& contract) {
    contract.Summary("Adds.").Input(kIn).Output(kOut).Resource(kOffset).Options<options::Add>(&CheckAdd).Concurrent();
  }
  absl::Status Open(OpenContext& context) override {
    options_ = context.options<options::Add>();
    offset_ = context.Get(kOffset);
    return absl::OkStatus();
  }
  absl::Status Process(ItemContext& item) const override {
    const int value = item.Get(kIn).value;
    if (options_.fail_multiples_of() != 0 && value % options_.fail_multiples_of() == 0) {
      if (options_.throw_instead()) throw std::runtime_error("thrown\nwith a trace");
      return absl::DataLossError("it divides");
    }
    item.AddMediaTime(0.5);
    item.Set(kOut, Number{value + options_.amount() + (offset_ == nullptr ? 0 : offset_->offset)});
    return absl::OkStatus();
  }

 private:
  options::Add options_;
  std::shared_ptr<const OffsetResource> offset_;
};

class Sum2Node : public MapNode {
 public:
  static constexpr In<Number> kA{"A"};
  static constexpr In<Number> kB{"B"};
  static constexpr OptionalIn<Number> kC{"C"};
  static constexpr Out<Number> kOut{"SUM"};
  static void Contract(ContractBuilder& contract) {
    contract.Summary("Adds two or three numbers.").Input(kA).Input(kB).Input(kC).Output(kOut).Concurrent();
  }
  absl::Status Process(ItemContext& item) const override {
    const Number* c = item.Get(kC);
    item.Set(kOut, Number{item.Get(kA).value + item.Get(kB).value + (c == nullptr ? 0 : c->value)});
    return absl::OkStatus();
  }
};

StreamRules RatedStreams(const options::Rated& options, absl::Span<const StreamProperties> inputs) {
  StreamProperties takes, gives = inputs[0];
  if (options.has_takes_sample_rate()) takes.sample_rate = options.takes_sample_rate();
  if (options.has_takes_frame_rate_num()) {
    takes.frame_rate = FrameRate::Of(options.takes_frame_rate_num(), options.takes_frame_rate_den());
  }
  if (options.has_takes_width()) takes.width = options.takes_width();
  if (options.has_gives_sample_rate()) gives.sample_rate = options.gives_sample_rate();
  if (options.has_gives_frame_rate_num()) {
    gives.frame_rate = FrameRate::Of(options.gives_frame_rate_num(), options.gives_frame_rate_den());
  }
  if (options.has_gives_width()) gives.width = options.gives_width();
  return {{takes}, {gives}};
}

absl::Status CheckRated(const options::Rated& options) {
  if (options.takes_frame_rate_den() > 0 && options.gives_frame_rate_den() > 0) return absl::OkStatus();
  return absl::InvalidArgumentError("a frame rate has no positive denominator");
}

class RatedNode : public MapNode {
 public:
  static constexpr In<Number> kIn{"NUMBER"};
  static constexpr Out<Number> kOut{"NUMBER"};
  static void Contract(ContractBuilder& contract) {
    contract.Summary("Passes on what it takes, under a rate.")
        .Input(kIn)
        .Output(kOut)
        .Options<options::Rated>(&CheckRated)
        .Streams<options::Rated>(&RatedStreams);
  }
  absl::Status Process(ItemContext& item) const override {
    item.Set(kOut, Number(item.Get(kIn)));
    return absl::OkStatus();
  }
};

// Adds the number of its resource.
class OffsetByNode : public MapNode {
 public:
  static constexpr In<Number> kIn{"NUMBER"};
  static constexpr Out<Number> kOut{"NUMBER"};
  static constexpr Uses<OffsetResource> kOffset{"OFFSET"};
  static void Contract(ContractBuilder& contract) {
    contract.Summary("Adds its resource.").Input(kIn).Output(kOut).Resource(kOffset);
  }
  absl::Status Open(OpenContext& context) override {
    offset_ = context.Get(kOffset);
    return absl::OkStatus();
  }
  absl::Status Process(ItemContext& item) const override {
    item.Set(kOut, Number{item.Get(kIn).value + offset_->offset});
    return absl::OkStatus();
  }

 private:
  std::shared_ptr<const OffsetResource> offset_;
};

struct UnitResource {
  static constexpr char kResourceName[] = "Unit";
  static void Contract(ContractBuilder& contract) { contract.Summary("Nothing."); }
  static absl::StatusOr<std::shared_ptr<const UnitResource>> Load(const ResourceContext& context) {
    return std::make_shared<const UnitResource>();
  }
};

std::mutex batches_mutex;

// Adds the number of items in the batch; refuses batches that hold a 13 unless it is alone, and 13 itself.
class PairwiseNode : public BatchNode {
 public:
  static constexpr In<Number> kIn{"NUMBER"};
  static constexpr Out<Number> kOut{"NUMBER"};
  static void Contract(ContractBuilder& contract) {
    contract.Summary("Works in company.").Input(kIn).Output(kOut).Concurrent();
  }
  absl::Status ProcessBatch(absl::Span<ItemContext* const> items) const override {
    std::vector<int> values;
    for (const ItemContext* item : items) values.push_back(item->Get(kIn).value);
    for (const int value : values) {
      if (value == 13) return absl::InvalidArgumentError("unlucky");
    }
    for (ItemContext* item : items) item->Set(kOut, Number{item->Get(kIn).value});
    const std::lock_guard<std::mutex> lock(batches_mutex);
    LastBatches().push_back(absl::StrJoin(values, ","));
    return absl::OkStatus();
  }
};

class ToListNode : public CollectNode {
 public:
  static constexpr In<Number> kIn{"NUMBER"};
  static constexpr Out<NumberList> kOut{"LIST"};
  static void Contract(ContractBuilder& contract) { contract.Summary("Keeps all.").Input(kIn).Output(kOut); }
  absl::Status Add(ItemContext& item) override {
    list_.values.push_back(item.Get(kIn).value);
    return absl::OkStatus();
  }
  absl::Status Finish(FinishContext& context) override {
    LastList() = list_.values;
    context.Say(absl::StrCat("collected ", list_.values.size()));
    options::Count published;
    published.set_count(static_cast<int>(list_.values.size()));
    context.Publish(published);
    context.Set(kOut, list_);
    return absl::OkStatus();
  }

 private:
  NumberList list_;
};

class ToTextNode : public MapNode {
 public:
  static constexpr In<Number> kIn{"NUMBER"};
  static constexpr Out<Text> kOut{"TEXT"};
  static void Contract(ContractBuilder& contract) { contract.Summary("Writes it out.").Input(kIn).Output(kOut); }
  absl::Status Process(ItemContext& item) const override {
    item.Set(kOut, Text{absl::StrCat(item.Get(kIn).value)});
    return absl::OkStatus();
  }
};

// Forgets to set its output.
class ForgetfulNode : public MapNode {
 public:
  static constexpr In<Number> kIn{"NUMBER"};
  static constexpr Out<Number> kOut{"NUMBER"};
  static void Contract(ContractBuilder& contract) { contract.Summary("Forgets.").Input(kIn).Output(kOut); }
  absl::Status Process(ItemContext& item) const override { return absl::OkStatus(); }
};

class ListLengthNode : public MapNode {
 public:
  static constexpr In<NumberList> kIn{"LIST"};
  static void Contract(ContractBuilder& contract) { contract.Summary("Takes what a Collect emits.").Input(kIn); }
  absl::Status Process(ItemContext& item) const override {
    LastList().push_back(-static_cast<int>(item.Get(kIn).values.size()));
    return absl::OkStatus();
  }
};

DIARFLOW_REGISTER_NODE("Count", CountNode);
DIARFLOW_REGISTER_NODE("Add", AddNode);
DIARFLOW_REGISTER_NODE("Sum2", Sum2Node);
DIARFLOW_REGISTER_NODE("OffsetBy", OffsetByNode);
DIARFLOW_REGISTER_NODE("Rated", RatedNode);
DIARFLOW_REGISTER_NODE("Pairwise", PairwiseNode);
DIARFLOW_REGISTER_NODE("ToList", ToListNode);
DIARFLOW_REGISTER_NODE("ToText", ToTextNode);
DIARFLOW_REGISTER_NODE("Forgetful", ForgetfulNode);
DIARFLOW_REGISTER_NODE("ListLength", ListLengthNode);
DIARFLOW_REGISTER_RESOURCE("Offset", OffsetResource);
DIARFLOW_REGISTER_RESOURCE("Unit", UnitResource);

}  // namespace

void OffsetResource::Contract(ContractBuilder& contract) { contract.Summary("A number.").Options<options::Offset>(); }

absl::StatusOr<std::shared_ptr<const OffsetResource>> OffsetResource::Load(const ResourceContext& context) {
  const int offset = context.options<options::Offset>().offset();
  if (offset == 0) return absl::NotFoundError("offset 0 cannot be found");
  auto resource = std::make_shared<OffsetResource>();
  resource->offset = offset;
  return resource;
}

std::vector<int>& LastList() {
  static auto* list = new std::vector<int>;
  return *list;
}

std::vector<std::string>& LastBatches() {
  static auto* batches = new std::vector<std::string>;
  return *batches;
}

}  // namespace diarflow
