// Runs one node as a pipeline would, for tests.
//
//   NodeRunner runner(R"pb(type: "Resample" options { [diarflow/Resample] { sample_rate: 24000 } })pb");
//   runner.Push("AUDIO", audio);
//   ASSERT_OK(runner.Run());
//   const Audio& out = runner.Output<Audio>("AUDIO", 0);
//
// The node's textproto leaves inputs, outputs and resources out: the runner connects each port of the contract that
// is used. Values pushed into several ports belong to the same item when they have the same number.
#ifndef DIARFLOW_GRAPH_NODE_RUNNER_H_
#define DIARFLOW_GRAPH_NODE_RUNNER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "graph/packet.h"
#include "graph/registry.h"
#include "graph/run_report.pb.h"

namespace diarflow {

class NodeRunner {
 public:
  explicit NodeRunner(const std::string& node_textproto);

  // The next item's value at a port.
  template <typename T>
  void Push(const std::string& port, T value) {
    pushed_[port].push_back({PayloadTypeOf<T>(), std::make_shared<const T>(std::move(value)), absl::OkStatus()});
  }
  // The next item at a port failed upstream.
  void PushError(const std::string& port, absl::Status status) {
    pushed_[port].push_back({nullptr, nullptr, std::move(status)});
  }

  template <typename R>
  void SetResource(const std::string& use, std::shared_ptr<const R> resource) {
    SetResourceObject(use, R::kResourceName, std::move(resource));
  }
  void set_threads(int threads) { threads_ = threads; }
  void set_run_folder(std::string folder) { run_folder_ = std::move(folder); }

  // Runs all items. An error: the pipeline did not validate, did not start or failed; failed items are in report().
  absl::Status Run();

  const RunReport& report() const { return report_; }
  // What came out for item number `index`; null when it failed. Of an Expand: its outputs are numbered through all
  // items.
  template <typename T>
  const T* Output(const std::string& port, uint64_t index) const {
    const auto& packets = outputs_.at(port);
    const auto found = packets.find(index);
    return found == packets.end() ? nullptr : &found->second.template Get<T>();
  }
  // Of an Expand: what it made of item number `item`; nothing when the item failed.
  template <typename T>
  std::vector<const T*> Parts(const std::string& port, uint64_t item) const {
    std::vector<const T*> parts;
    const auto& items = parts_.at(port);
    const auto found = items.find(item);
    if (found == items.end()) return parts;
    for (const Packet& packet : found->second) parts.push_back(&packet.template Get<T>());
    return parts;
  }

 private:
  struct Pushed {
    const PayloadType* type;
    std::shared_ptr<const void> payload;
    absl::Status status;
  };
  class PushSource;
  class Sink;

  void SetResourceObject(const std::string& use, const std::string& type, std::shared_ptr<const void> resource);

  std::string node_text_;
  int threads_ = 2;
  std::string run_folder_;
  std::map<std::string, std::vector<Pushed>> pushed_;
  std::map<std::string, std::pair<std::string, std::shared_ptr<const void>>> resources_;
  // Port -> item number -> what came out.
  std::map<std::string, std::map<uint64_t, Packet>> outputs_;
  // The same of an Expand, by the item from which the parts come.
  std::map<std::string, std::map<uint64_t, std::vector<Packet>>> parts_;
  RunReport report_;
};

}  // namespace diarflow

#endif  // DIARFLOW_GRAPH_NODE_RUNNER_H_
