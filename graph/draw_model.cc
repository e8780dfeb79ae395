#include "graph/draw_model.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace diarflow {
namespace {

// Kinds in front of which the compiler puts a sequencer.
bool TakesItemsInOrder(NodeKind kind) { return kind != NodeKind::kSource && kind != NodeKind::kMap; }

class DrawingMaker {
 public:
  DrawingMaker(const Plan& plan, const RunReport* report) : plan_(plan) {
    if (report == nullptr) return;
    for (const NodeReport& node : report->node()) {
      reports_[node.name()] = &node;
      busy_seconds_ += node.busy_seconds();
    }
  }

  Drawing Make() {
    for (const PlannedResource& resource : plan_.resources) {
      DrawnBox box = NamedBox(resource.name, resource.entry->contract().summary);
      box.look = DrawnBox::Look::kResource;
      box.detail = resource.entry->type;
      resources_.push_back(AddBox(std::move(box)));
    }
    for (const PlannedNode& node : plan_.nodes) AddNode(node);
    AddStreams();
    AddResourceUses();
    return std::move(drawing_);
  }

 private:
  static DrawnBox NamedBox(const std::string& name, const std::string& summary) {
    DrawnBox box;
    box.name = name;
    box.summary = summary;
    const size_t slash = name.find('/');
    box.caption = slash == std::string::npos ? name : name.substr(slash + 1);
    if (slash != std::string::npos) box.group = name.substr(0, slash);
    return box;
  }

  int AddBox(DrawnBox box) {
    if (!box.group.empty() &&
        std::find(drawing_.groups.begin(), drawing_.groups.end(), box.group) == drawing_.groups.end()) {
      drawing_.groups.push_back(box.group);
    }
    drawing_.boxes.push_back(std::move(box));
    return static_cast<int>(drawing_.boxes.size()) - 1;
  }

  int AddInserted(const std::string& caption, const std::string& summary, const std::string& group) {
    DrawnBox box;
    box.look = DrawnBox::Look::kInserted;
    box.name = box.caption = caption;
    box.summary = summary;
    box.group = group;
    return AddBox(std::move(box));
  }

  void AddNode(const PlannedNode& node) {
    DrawnBox box = NamedBox(node.name, node.contract.summary);
    box.detail = absl::StrCat(node.entry->type, ", ", NodeKindName(node.entry->kind));
    if (node.batch_size > 1) absl::StrAppend(&box.detail, " of ", node.batch_size);
    const auto report = reports_.find(node.name);
    if (report != reports_.end()) {
      const double seconds = report->second->busy_seconds();
      box.share = busy_seconds_ > 0 ? seconds / busy_seconds_ : 0;
      box.account = absl::StrFormat("%.1f %% of the work, %.2f s", 100 * box.share, seconds);
      if (report->second->items_failed() > 0) {
        absl::StrAppend(&box.account, ", ", report->second->items_failed(), " failed");
      }
    }
    const std::string group = box.group;
    // In the order of the data, so that boxes and wires read from top to bottom.
    const auto connected =
        std::count_if(node.inputs.begin(), node.inputs.end(), [](int stream) { return stream >= 0; });
    std::vector<int> chain;
    if (connected > 1) chain.push_back(AddInserted("join", "Waits for the packets of one item, by number.", group));
    if (TakesItemsInOrder(node.entry->kind)) {
      chain.push_back(AddInserted("order", "Puts the items back into the order of their numbers.", group));
    }
    nodes_.push_back(AddBox(std::move(box)));
    chain.push_back(nodes_.back());
    if (node.max_in_flight > 0) {
      chain.push_back(AddInserted(absl::StrCat(node.max_in_flight, " tokens"),
                                  "Bounds how many items are on their way at once.", group));
    }
    for (size_t i = 0; i + 1 < chain.size(); ++i) drawing_.wires.push_back({chain[i], {chain[i + 1]}, "", false});
    entrances_.push_back(chain.front());
    exits_.push_back(chain.back());
  }

  static std::string LabelOf(const PlannedStream& stream, const std::string& type) {
    std::string label = absl::StrCat(stream.name, ": ", type);
    const StreamProperties& known = stream.properties;
    if (known.sample_rate.has_value()) absl::StrAppend(&label, " @ ", *known.sample_rate, " Hz");
    if (known.frame_rate.has_value()) {
      const auto rate = static_cast<double>(known.frame_rate->num) / static_cast<double>(known.frame_rate->den);
      absl::StrAppendFormat(&label, " @ %g Hz", rate);
    }
    if (known.width.has_value()) absl::StrAppend(&label, " [", *known.width, "]");
    return label;
  }

  void AddStreams() {
    for (size_t s = 0; s < plan_.streams.size(); ++s) {
      const PlannedStream& stream = plan_.streams[s];
      const std::string& type = plan_.nodes[stream.producer].contract.outputs[stream.port].type->name;
      DrawnWire wire{exits_[stream.producer], {}, LabelOf(stream, type), false};
      for (size_t n = 0; n < plan_.nodes.size(); ++n) {
        const std::vector<int>& inputs = plan_.nodes[n].inputs;
        if (std::count(inputs.begin(), inputs.end(), static_cast<int>(s)) > 0) wire.to.push_back(entrances_[n]);
      }
      drawing_.wires.push_back(std::move(wire));
    }
  }

  void AddResourceUses() {
    for (size_t r = 0; r < plan_.resources.size(); ++r) {
      DrawnWire wire{resources_[r], {}, "", true};
      for (size_t n = 0; n < plan_.nodes.size(); ++n) {
        const std::vector<int>& uses = plan_.nodes[n].resources;
        if (std::count(uses.begin(), uses.end(), static_cast<int>(r)) > 0) wire.to.push_back(nodes_[n]);
      }
      if (!wire.to.empty()) drawing_.wires.push_back(std::move(wire));
    }
  }

  const Plan& plan_;
  std::map<std::string, const NodeReport*> reports_;
  double busy_seconds_ = 0;
  Drawing drawing_;
  // Boxes of the plan's resources and nodes; where streams enter and leave a node.
  std::vector<int> resources_, nodes_, entrances_, exits_;
};

}  // namespace

Drawing MakeDrawing(const Plan& plan, const RunReport* report) {
  Drawing drawing = DrawingMaker(plan, report).Make();
  drawing.title = plan.pipeline;
  drawing.subtitle = absl::StrCat(plan.threads, plan.threads == 1 ? " thread" : " threads", ", up to ",
                                  plan.max_in_flight, " items in flight");
  if (report != nullptr) {
    drawing.subtitle = absl::StrFormat("%d items in %.1f s with %d threads", report->items(), report->wall_seconds(),
                                       report->threads());
    if (report->items_failed() > 0) absl::StrAppend(&drawing.subtitle, ", ", report->items_failed(), " failed");
  }
  return drawing;
}

std::string ShareColor(double share) {
  constexpr double kFull[3] = {0xff, 0xa9, 0x4d};
  const double depth = std::clamp(2 * share, 0.0, 1.0);
  std::string color = "#";
  for (const double full : kFull) absl::StrAppendFormat(&color, "%02x", std::lround(255 + depth * (full - 255)));
  return color;
}

}  // namespace diarflow
