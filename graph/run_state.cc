#include "graph/run_state.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <exception>
#include <new>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace diarflow {

namespace {

// Fine enough for items of a million parts, and room for nine million items.
constexpr double kShareUnits = 1e12;

}  // namespace

int64_t NowNanos() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

void LiveBytes::Add(int64_t bytes) {
  const int64_t live = now += bytes;
  int64_t most = peak;
  while (live > most && !peak.compare_exchange_weak(most, live)) {
  }
}

std::shared_ptr<const void> RunState::Count(const PayloadType* type, std::shared_ptr<const void> payload) const {
  const int64_t bytes = type->byte_size == nullptr ? 0 : type->byte_size(payload.get());
  if (bytes == 0) return payload;
  live_bytes_->Add(bytes);
  const void* raw = payload.get();
  return std::shared_ptr<const void>(
      raw, [payload = std::move(payload), live = live_bytes_, bytes](const void*) { live->now -= bytes; });
}

void NodeStats::AddMedia(const ItemContext& item) {
  media_micros += std::llround(item.media_seconds() * 1e6);
  cached_media_micros += std::llround(item.cached_media_seconds() * 1e6);
}

absl::Status Guarded(const std::function<absl::Status()>& body) {
  try {
    return body();
  } catch (const std::bad_alloc&) {
    return absl::ResourceExhaustedError("out of memory");
  } catch (const std::exception& error) {
    // Some libraries append a stack trace in further lines.
    const std::vector<std::string> lines = absl::StrSplit(error.what(), absl::MaxSplits('\n', 1));
    return absl::InternalError(lines[0]);
  } catch (...) {
    return absl::InternalError("an exception of an unknown type");
  }
}

RunState::RunState(const Plan* plan, const RunOptions* options, std::function<void()> cancel)
    : plan_(plan),
      options_(options),
      cancel_(std::move(cancel)),
      next_progress_nanos_(start_nanos_ + static_cast<int64_t>(plan->run.progress_seconds() * 1e9)) {}

void RunState::ItemFailed(const PlannedNode& node, NodeStats& stats, const Origin& origin, const absl::Status& status) {
  ++stats.failed;
  FailureReport failure;
  const Origin& root = origin.root();
  failure.set_item(*origin.item);
  failure.set_sequence(static_cast<int64_t>(root.sequence));
  failure.set_seconds(1e-9 * static_cast<double>(NowNanos() - start_nanos_));
  failure.set_node(node.name);
  failure.set_code(absl::StatusCodeToString(status.code()));
  failure.set_message(std::string(status.message()));
  size_t failed_items = 0;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    failed_items_.insert({root.sequence, *root.item});
    failed_items = failed_items_.size();
    failures_.push_back(failure);
  }
  if (trace() != nullptr) {
    const int64_t now = trace()->Now();
    trace()->Instant(
        {node.name, NodeKindName(node.entry->kind), origin.item, origin.sequence, node.scope_name, 0, now, now},
        std::string(status.message()));
  }
  const std::string what = absl::StrCat(node.where, ": node \"", node.name, "\", item \"", *origin.item,
                                        "\": ", std::string(status.message()));
  const int limit = plan_->run.max_failed_items();
  if (node.on_error == FAIL_RUN) {
    FailRun(absl::Status(status.code(), what));
  } else if (limit >= 0 && failed_items > static_cast<size_t>(limit)) {
    FailRun(absl::Status(status.code(), absl::StrCat("more than ", limit,
                                                     " items failed (run.max_failed_items), the last one: ", what)));
  }
}

void RunState::FailRun(const absl::Status& error) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (error_.ok()) error_ = error;
  }
  failed_ = true;
  cancel_();
}

absl::Status RunState::Interrupted() const {
  const int64_t items = stamped_;
  return absl::CancelledError(absl::StrCat("interrupted after ", items,
                                           items_total_ < 0 ? "" : absl::StrCat(" of ", items_total_),
                                           " items: no results; what the caches hold is kept for the next run"));
}

bool RunState::Cancelled() {
  if (failed()) return true;
  if (options_->interrupts == nullptr || *options_->interrupts < 2) return false;
  FailRun(Interrupted());
  return true;
}

void RunState::ItemStamped() {
  const int64_t in_flight = ++stamped_ - retired_;
  if (trace() != nullptr) trace()->Counter("items in flight", in_flight);
  int64_t peak = peak_in_flight_;
  while (in_flight > peak && !peak_in_flight_.compare_exchange_weak(peak, in_flight)) {
  }
}

void RunState::ItemRetired() {
  const int64_t retired = ++retired_;
  if (trace() != nullptr) trace()->Counter("items in flight", stamped_ - retired);
  ReportProgressInTime();
}

bool RunState::CountsParts(const PlannedNode* expand) {
  const PlannedNode* nobody = nullptr;
  return counts_parts_.compare_exchange_strong(nobody, expand) || nobody == expand;
}

void RunState::PartRetired(double share) {
  parts_retired_ += static_cast<int64_t>(share * kShareUnits);
  ReportProgressInTime();
}

void RunState::ReportProgressInTime() {
  if (options_->progress && plan_->run.progress_seconds() > 0 && NowNanos() >= next_progress_nanos_)
    ReportProgress(false);
}

void RunState::ReportProgress(bool last) {
  if (!options_->progress) return;
  const std::unique_lock<std::mutex> lock(progress_mutex_, std::try_to_lock);
  if (!lock.owns_lock()) return;
  const int64_t now = NowNanos();
  if (!last && now < next_progress_nanos_) return;
  next_progress_nanos_ = now + static_cast<int64_t>(plan_->run.progress_seconds() * 1e9);
  Progress progress;
  progress.items_done = retired_;
  progress.items_total = items_total_;
  progress.in_flight = stamped_ - progress.items_done;
  progress.work_done =
      std::max(static_cast<double>(progress.items_done), static_cast<double>(parts_retired_) / kShareUnits);
  progress.seconds = 1e-9 * static_cast<double>(now - start_nanos_);
  progress.last = last;
  options_->progress(progress);
}

void RunState::Fill(RunReport* report) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  const int64_t items = stamped_;
  const int64_t failed = static_cast<int64_t>(failed_items_.size());
  absl::Status error = error_;
  if (error.ok() && cut_short()) error = Interrupted();
  if (error.ok() && stalled()) {
    error =
        absl::InternalError(absl::StrCat("stalled: ", items - retired_, " of ", items, " items never left the graph"));
  }
  // What a Stream says at the end of the run is one more than the items.
  const auto most = static_cast<double>(std::max(items, failed));
  if (error.ok() && static_cast<double>(failed) > plan_->run.max_failed_fraction() * most) {
    error = absl::DataLossError(absl::StrCat(
        failed, " of ", items, " items failed, more than run.max_failed_fraction = ", plan_->run.max_failed_fraction(),
        " allows"));
  }
  report->set_pipeline(plan_->pipeline);
  report->set_outcome(!error.ok()  ? RunReport::RUN_FAILED
                      : failed > 0 ? RunReport::SOME_ITEMS_FAILED
                                   : RunReport::ALL_ITEMS_OK);
  if (!error.ok()) report->set_error(std::string(error.message()));
  report->set_items(items);
  report->set_items_failed(failed);
  report->set_wall_seconds(1e-9 * static_cast<double>(NowNanos() - start_nanos_));
  report->set_threads(plan_->threads);
  report->set_model_threads(plan_->model_threads);
  report->set_max_in_flight(plan_->max_in_flight);
  report->set_peak_in_flight(peak_in_flight_);
  report->set_peak_payload_bytes(live_bytes_->peak);
  std::vector<FailureReport> failures = failures_;
  std::sort(failures.begin(), failures.end(), [](const FailureReport& a, const FailureReport& b) {
    return std::make_tuple(a.sequence(), a.item(), a.node()) < std::make_tuple(b.sequence(), b.item(), b.node());
  });
  for (FailureReport& failure : failures) *report->add_failure() = std::move(failure);
}

}  // namespace diarflow
