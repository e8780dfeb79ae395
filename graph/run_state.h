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

namespace diarflow {

// Monotonic, in nanoseconds.
int64_t NowNanos();

struct NodeStats {
  std::atomic<int64_t> received{0};
  std::atomic<int64_t> items{0};
  std::atomic<int64_t> failed{0};
  std::atomic<int64_t> busy_nanos{0};
  std::atomic<int64_t> media_micros{0};
  std::atomic<int64_t> cached_media_micros{0};

  // What an item's context gathered.
  void AddMedia(const ItemContext& item);
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

  // A source made an item; the item is gone.
  void ItemStamped();
  void ItemRetired();
  void set_items_total(int64_t total) { items_total_ = total; }
  void ReportProgress(bool last);
  int64_t items_stamped() const { return stamped_; }

  FinishContext::Publication* publication() { return &publication_; }

  // Fills everything but the nodes' part of the report.
  void Fill(RunReport* report) const;

 private:
  const Plan* plan_;
  const RunOptions* options_;
  std::function<void()> cancel_;
  const int64_t start_nanos_ = NowNanos();
  std::atomic<bool> failed_{false};
  std::atomic<int64_t> stamped_{0};
  std::atomic<int64_t> retired_{0};
  std::atomic<int64_t> peak_in_flight_{0};
  std::atomic<int64_t> next_progress_nanos_;
  int64_t items_total_ = -1;
  FinishContext::Publication publication_;

  mutable std::mutex mutex_;  // guards what follows
  absl::Status error_;
  std::set<std::pair<uint64_t, std::string>> failed_items_;
  std::vector<FailureReport> failures_;
  std::mutex progress_mutex_;
};

// Runs a body and turns what it throws into a status.
absl::Status Guarded(const std::function<absl::Status()>& body);

}  // namespace diarflow

#endif  // DIARFLOW_GRAPH_RUN_STATE_H_
