// What the bodies of one run share: counters, failures, tokens. Internal to graph/.
#ifndef DIARFLOW_GRAPH_RUN_STATE_H_
#define DIARFLOW_GRAPH_RUN_STATE_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "graph/node.h"
#include "graph/packet.h"
#include "graph/plan.h"
#include "graph/run_report.pb.h"
#include "graph/runtime.h"
#include "graph/time_histogram.h"
#include "graph/trace.h"

namespace diarflow {

// Monotonic, in nanoseconds.
int64_t NowNanos();

struct NodeStats {
  std::atomic<int64_t> received{0};
  std::atomic<int64_t> items{0};
  std::atomic<int64_t> skipped{0};
  std::atomic<int64_t> failed{0};
  // The time of each call of the body.
  TimeHistogram calls;
  std::atomic<int64_t> media_micros{0};
  std::atomic<int64_t> cached_media_micros{0};

  // What an item's context gathered.
  void AddMedia(const ItemContext& item);
};

// Bytes of the payloads that live at the moment. Shared with the payloads, which may outlive the run.
struct LiveBytes {
  std::atomic<int64_t> now{0};
  std::atomic<int64_t> peak{0};
  void Add(int64_t bytes);
};

class RunState {
 public:
  // `cancel` ends the TBB graph.
  RunState(const Plan* plan, const RunOptions* options, std::function<void()> cancel);

  // An item failed in a node: recorded, and the end of the run when the node or the run's limits say so.
  void ItemFailed(const PlannedNode& node, NodeStats& stats, const Origin& origin, const absl::Status& status);
  // The first error is the one reported.
  void FailRun(const absl::Status& error);
  bool failed() const { return failed_.load(std::memory_order_relaxed); }

  // Somebody asked for an end (RunOptions.interrupts): sources make no further items.
  bool interrupted() const { return options_->interrupts != nullptr && *options_->interrupts > 0; }
  // Asked twice, or the run has failed: bodies are not called any more. Ends the TBB graph.
  bool Cancelled();
  // A source would have gone on, had nobody interrupted it.
  void CutShort() { cut_short_ = true; }
  bool cut_short() const { return cut_short_; }

  // A source made an item; the item is gone.
  void ItemStamped();
  void ItemRetired();
  // Whether the parts that this Expand makes tell how far the run is: true for the first one that asks.
  bool CountsParts(const PlannedNode* expand);
  // A part is gone, so much of its item.
  void PartRetired(double share);
  void set_items_total(int64_t total) { items_total_ = total; }
  void ReportProgress(bool last);
  // Without an error, yet some items never came out: a mistake in the engine, or a plan that no check has seen.
  bool stalled() const { return !failed() && stamped_ != retired_; }

  // Null when the run is not traced.
  Trace* trace() const { return options_->trace; }
  // The payload, counted among the live bytes until its last copy is gone.
  std::shared_ptr<const void> Count(const PayloadType* type, std::shared_ptr<const void> payload) const;

  // Fills everything but the nodes' part of the report.
  void Fill(RunReport* report) const;

 private:
  absl::Status Interrupted() const;
  // At most so often as the plan says.
  void ReportProgressInTime();

  const Plan* plan_;
  const RunOptions* options_;
  std::function<void()> cancel_;
  const int64_t start_nanos_ = NowNanos();
  std::atomic<bool> failed_{false};
  std::atomic<bool> cut_short_{false};
  std::atomic<int64_t> stamped_{0};
  std::atomic<int64_t> retired_{0};
  std::atomic<const PlannedNode*> counts_parts_{nullptr};
  // Shares of items, in millionths of a millionth.
  std::atomic<int64_t> parts_retired_{0};
  std::atomic<int64_t> peak_in_flight_{0};
  std::atomic<int64_t> next_progress_nanos_;
  int64_t items_total_ = -1;
  std::shared_ptr<LiveBytes> live_bytes_ = std::make_shared<LiveBytes>();

  std::mutex progress_mutex_;
  mutable std::mutex mutex_;  // guards what follows
  absl::Status error_;
  std::set<std::pair<uint64_t, std::string>> failed_items_;
  std::vector<FailureReport> failures_;
};

// Runs a body and turns what it throws into a status.
absl::Status Guarded(const std::function<absl::Status()>& body);

}  // namespace diarflow

#endif  // DIARFLOW_GRAPH_RUN_STATE_H_
