#include "graph/run_node.h"

#include <algorithm>
#include <functional>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"

namespace diarflow {

namespace flow = oneapi::tbb::flow;

namespace {

// Joins N inputs by sequence number; the tuple becomes a bundle at the places that `ports` names.
template <size_t... I>
flow::sender<Bundle>& BuildJoin(flow::graph& graph, const std::vector<int>& ports, size_t width,
                                const std::function<void(Bundle&)>& check, std::vector<std::shared_ptr<void>>& parts,
                                std::vector<flow::receiver<Packet>*>& inputs, std::index_sequence<I...>) {
  using Tuple =
      std::tuple<typename std::tuple_element<0, std::tuple<Packet, std::integral_constant<size_t, I>>>::type...>;
  using Join = flow::join_node<Tuple, flow::key_matching<uint64_t>>;
  const auto sequence = [](const Packet& packet) { return packet.origin().sequence; };
  auto join = std::make_shared<Join>(graph, (static_cast<void>(I), sequence)...);
  auto gather = std::make_shared<flow::function_node<Tuple, Bundle>>(graph, flow::unlimited,
                                                                     [ports, width, check](const Tuple& tuple) {
                                                                       Bundle bundle(width);
                                                                       ((bundle[ports[I]] = std::get<I>(tuple)), ...);
                                                                       check(bundle);
                                                                       return bundle;
                                                                     });
  flow::make_edge(*join, *gather);
  ((inputs[ports[I]] = &flow::input_port<I>(*join)), ...);
  parts.push_back(join);
  parts.push_back(gather);
  return *gather;
}

}  // namespace

Origin OriginAt(uint64_t sequence, std::shared_ptr<const std::string> item, std::shared_ptr<const Origin> parent) {
  Origin origin;
  origin.sequence = sequence;
  origin.item = std::move(item);
  origin.parent = std::move(parent);
  return origin;
}

const Origin& OriginOf(const Bundle& bundle) {
  for (const Packet& packet : bundle) {
    if (packet.origin().item != nullptr) return packet.origin();
  }
  return bundle.front().origin();
}

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
  const auto check = [this](Bundle& bundle) { CheckTail(bundle); };
  switch (ports.size()) {
    case 2: return BuildJoin(graph, ports, width, check, parts_, inputs_, std::make_index_sequence<2>());
    case 3: return BuildJoin(graph, ports, width, check, parts_, inputs_, std::make_index_sequence<3>());
    case 4: return BuildJoin(graph, ports, width, check, parts_, inputs_, std::make_index_sequence<4>());
    case 5: return BuildJoin(graph, ports, width, check, parts_, inputs_, std::make_index_sequence<5>());
    case 6: return BuildJoin(graph, ports, width, check, parts_, inputs_, std::make_index_sequence<6>());
    case 7: return BuildJoin(graph, ports, width, check, parts_, inputs_, std::make_index_sequence<7>());
    case 8: return BuildJoin(graph, ports, width, check, parts_, inputs_, std::make_index_sequence<8>());
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

void RunNode::CheckTail(Bundle& bundle) {
  const Origin origin = OriginOf(bundle);
  if (!origin.tail || !FailureOf(bundle).ok() || IsComplete(bundle)) return;
  const auto has_payload = [](const Packet& packet) { return packet.has_payload(); };
  if (std::none_of(bundle.begin(), bundle.end(), has_payload)) return;
  const absl::Status status = absl::FailedPreconditionError(
      "what the Streams in front of one input have flushed has nothing to be matched with at another input: between "
      "here and where the rows part, equally many Streams must flush");
  run_->ItemFailed(*planned_, stats_, origin, status);
  for (Packet& packet : bundle) packet = Packet(origin, status);
}

absl::Status RunNode::FailureOf(const Bundle& bundle) const {
  for (const Packet& packet : bundle) {
    if (!packet.status().ok()) return packet.status();
  }
  return absl::OkStatus();
}

bool RunNode::IsComplete(const Bundle& bundle) const {
  for (size_t i = 0; i < bundle.size(); ++i) {
    if (!planned_->contract.inputs[i].optional && !bundle[i].has_payload()) return false;
  }
  // With optional inputs only, one of them must carry something.
  for (const Packet& packet : bundle) {
    if (packet.has_payload()) return true;
  }
  return false;
}

bool RunNode::PassOnEmpty(const Bundle& bundle) {
  const absl::Status failure = FailureOf(bundle);
  if (failure.ok() && IsComplete(bundle)) return false;
  SendEmpty(OriginOf(bundle), failure);
  return true;
}

absl::Status RunNode::Time(const Origin& origin, int batch, const std::function<absl::Status()>& body) {
  const int64_t start = NowNanos();
  Trace* trace = run_->trace();
  const int64_t trace_start = trace == nullptr ? 0 : trace->Now();
  const absl::Status status = Guarded(body);
  stats_.calls.Add(NowNanos() - start);
  if (trace != nullptr) {
    trace->Complete({planned_->name, NodeKindName(planned_->entry->kind), origin.item, origin.sequence,
                     planned_->scope_name, batch, trace_start, trace->Now()});
  }
  return status;
}

absl::Status RunNode::CheckOutputs(const ItemContext& item, bool may_be_empty) const {
  for (size_t port = 0; port < item.outputs().size(); ++port) {
    const ItemContext::Output& output = item.outputs()[port];
    const std::string& name = planned_->contract.outputs[port].name;
    if (output.payload == nullptr) {
      if (may_be_empty) continue;
      return absl::InternalError(absl::StrCat("the node left its output ", name, " unset"));
    }
    const std::string fault = output.type->fault == nullptr ? "" : output.type->fault(output.payload.get());
    if (!fault.empty()) return absl::DataLossError(absl::StrCat("the output ", name, " makes no sense: ", fault));
  }
  return absl::OkStatus();
}

void RunNode::Deliver(ItemContext& item, const absl::Status& status, bool may_be_empty) {
  absl::Status failure = status.ok() ? item.status() : status;
  if (failure.ok() && !item.skipped()) failure = CheckOutputs(item, may_be_empty);
  if (!failure.ok()) {
    run_->ItemFailed(*planned_, stats_, item.origin(), failure);
    return SendEmpty(item.origin(), failure);
  }
  stats_.AddMedia(item);
  const bool empty = item.skipped() || std::any_of(item.outputs().begin(), item.outputs().end(),
                                                   [](const auto& output) { return output.payload == nullptr; });
  if (item.skipped())
    ++stats_.skipped;
  else if (!empty)
    ++stats_.items;
  if (empty) return SendEmpty(item.origin(), absl::OkStatus());
  for (size_t port = 0; port < outputs_.size(); ++port) {
    const ItemContext::Output& output = item.outputs()[port];
    outputs_[port]->try_put(Packet(item.origin(), output.type, run_->Count(output.type, output.payload)));
  }
}

void RunNode::SendEmpty(const Origin& origin, const absl::Status& status) {
  for (const auto& output : outputs_) output->try_put(Packet(origin, status));
}

absl::Status RunNode::AtNode(const absl::Status& status) const {
  return absl::Status(
      status.code(), absl::StrCat(planned_->where, ": node \"", planned_->name, "\": ", std::string(status.message())));
}

std::unique_ptr<RunNode> MakeRunNode(const PlannedNode* planned, std::unique_ptr<Node> node, RunState* run) {
  switch (planned->entry->kind) {
    case NodeKind::kSource: return MakeRunSource(planned, std::move(node), run);
    case NodeKind::kExpand: return MakeRunExpand(planned, std::move(node), run);
    default: return MakeRunWorker(planned, std::move(node), run);
  }
}

}  // namespace diarflow
