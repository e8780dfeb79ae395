#include "graph/trace.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "nlohmann/json.hpp"
#include "oneapi/tbb/enumerable_thread_specific.h"

namespace diarflow {

struct Trace::Record {
  char phase;
  TraceEvent event;
  // The message of a failure.
  std::string message;
  // Of a counter.
  int64_t value = 0;
};

struct Trace::Buffers {
  struct Buffer {
    int worker = 0;
    std::vector<Record> records;
  };
  std::atomic<int> workers{0};
  std::atomic<int64_t> recorded{0};
  oneapi::tbb::enumerable_thread_specific<Buffer> of_thread{[this] { return Buffer{workers++, {}}; }};
};

namespace {

int64_t SteadyNanos() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

// In quotes. Bytes that are no UTF-8 become the replacement character.
std::string Quoted(absl::string_view text) {
  return nlohmann::json(std::string(text)).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// The format's unit is the microsecond; three digits behind the point keep the nanoseconds.
std::string Micros(int64_t nanos) {
  nanos = std::max<int64_t>(nanos, 0);
  return absl::StrFormat("%d.%03d", nanos / 1000, nanos % 1000);
}

std::string Args(const TraceEvent& event) {
  std::string args = absl::StrCat("\"sequence\":", event.sequence, ",\"scope\":", Quoted(event.scope));
  if (event.item != nullptr) args = absl::StrCat("\"item\":", Quoted(*event.item), ",", args);
  if (event.batch > 0) absl::StrAppend(&args, ",\"batch\":", event.batch);
  return args;
}

std::string Metadata(const char* what, int worker, absl::string_view name) {
  return absl::StrCat("{\"name\":\"", what, "\",\"ph\":\"M\",\"pid\":1,\"tid\":", worker,
                      ",\"args\":{\"name\":", Quoted(name), "}}");
}

}  // namespace

Trace::Trace(int64_t capacity, Clock clock)
    : clock_(clock ? std::move(clock) : &SteadyNanos),
      capacity_(capacity),
      zero_(clock_()),
      buffers_(std::make_unique<Buffers>()) {}

Trace::~Trace() = default;

void Trace::Keep(Record record) {
  if (buffers_->recorded.fetch_add(1, std::memory_order_relaxed) >= capacity_) return;
  buffers_->of_thread.local().records.push_back(std::move(record));
}

void Trace::Complete(TraceEvent event) { Keep({'X', std::move(event), "", 0}); }

void Trace::Instant(TraceEvent event, std::string message) { Keep({'i', std::move(event), std::move(message), 0}); }

void Trace::Counter(absl::string_view name, int64_t value) {
  TraceEvent event;
  event.name = name;
  event.start_nanos = clock_();
  Keep({'C', std::move(event), "", value});
}

int64_t Trace::dropped() const { return std::max<int64_t>(0, buffers_->recorded - capacity_); }

std::string Trace::ToJson(absl::string_view process_name) const {
  std::vector<std::pair<int, const Record*>> sorted;
  std::vector<int> workers;
  for (const Buffers::Buffer& buffer : buffers_->of_thread) {
    workers.push_back(buffer.worker);
    for (const Record& record : buffer.records) sorted.emplace_back(buffer.worker, &record);
  }
  std::sort(workers.begin(), workers.end());
  // Of two that begin together the longer one stands around the other.
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) {
    const auto key = [](const auto& r) {
      return std::make_tuple(r.second->event.start_nanos, r.first, -r.second->event.end_nanos);
    };
    return key(a) < key(b);
  });
  std::vector<std::string> lines = {Metadata("process_name", 0, process_name)};
  for (const int worker : workers) lines.push_back(Metadata("thread_name", worker, absl::StrCat("worker ", worker)));
  for (const auto& [worker, record] : sorted) {
    const TraceEvent& event = record->event;
    std::string line = absl::StrCat("{\"name\":", Quoted(event.name), ",\"ph\":\"", std::string(1, record->phase),
                                    "\",\"pid\":1,\"tid\":", worker, ",\"ts\":", Micros(event.start_nanos - zero_));
    if (!event.category.empty()) absl::StrAppend(&line, ",\"cat\":", Quoted(event.category));
    if (record->phase == 'C') {
      absl::StrAppend(&line, ",\"args\":{\"value\":", record->value, "}}");
    } else if (record->phase == 'i') {
      absl::StrAppend(&line, ",\"s\":\"t\",\"args\":{", Args(event), ",\"message\":", Quoted(record->message), "}}");
    } else {
      absl::StrAppend(&line, ",\"dur\":", Micros(event.end_nanos - event.start_nanos), ",\"args\":{", Args(event),
                      "}}");
    }
    lines.push_back(std::move(line));
  }
  std::string json = "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n";
  for (size_t i = 0; i < lines.size(); ++i) absl::StrAppend(&json, lines[i], i + 1 < lines.size() ? ",\n" : "\n");
  absl::StrAppend(&json, "],\"otherData\":{\"events_dropped\":", dropped(), "}}\n");
  return json;
}

}  // namespace diarflow
