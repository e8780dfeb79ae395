// What both drawings of graph/draw.h show: boxes and the wires between them. Internal to graph/.
#ifndef DIARFLOW_GRAPH_DRAW_MODEL_H_
#define DIARFLOW_GRAPH_DRAW_MODEL_H_

#include <string>
#include <vector>

#include "graph/plan.h"
#include "graph/run_report.pb.h"

namespace diarflow {

struct DrawnBox {
  enum class Look { kNode, kInserted, kResource };
  Look look = Look::kNode;
  // Whole, and what is written: without the group.
  std::string name;
  std::string caption;
  // Type and kind; empty for what the compiler inserts.
  std::string detail;
  // What it does, in a sentence.
  std::string summary;
  // "outer" of "outer/inner"; empty for most.
  std::string group;
  // Of the busy time of all nodes, 0 to 1; without a report 0, and no account.
  double share = 0;
  std::string account;
};

// From one box to those that read it: a stream, a resource, or what leads from an inserted box to its node.
struct DrawnWire {
  int from = 0;
  // Each once; empty when nobody reads the stream.
  std::vector<int> to;
  std::string label;
  bool resource = false;
};

struct Drawing {
  std::string title;
  std::string subtitle;
  std::vector<DrawnBox> boxes;
  std::vector<DrawnWire> wires;
  // In the order of their first box.
  std::vector<std::string> groups;
};

Drawing MakeDrawing(const Plan& plan, const RunReport* report);

// The colour of a box with this share, "#rrggbb": white at 0, orange from a half on.
std::string ShareColor(double share);

}  // namespace diarflow

#endif  // DIARFLOW_GRAPH_DRAW_MODEL_H_
