// What a run did when: a trace in the Chrome trace event format (JSON), which Perfetto and chrome://tracing open.
//
// A run without a trace has a null pointer, so that switching it off costs one branch:
//
//   const int64_t start = trace == nullptr ? 0 : trace->Now();
//   ... the body ...
//   if (trace != nullptr) trace->Complete({name, kind, item, sequence, scope, batch, start, trace->Now()});
//
// All calls but ToJson may come from any thread at once; each thread writes into a buffer of its own.
#ifndef DIARFLOW_GRAPH_TRACE_H_
#define DIARFLOW_GRAPH_TRACE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"

namespace diarflow {

// One call of a node's body.
struct TraceEvent {
  // Node and kind. Names live as long as the trace: those of a plan do.
  absl::string_view name;
  absl::string_view category;
  // The item, or the first one of a batch; null when there is none.
  std::shared_ptr<const std::string> item;
  uint64_t sequence = 0;
  // What opened the sequence that the item is numbered in.
  absl::string_view scope;
  // Items of a batch; 0: no batch.
  int batch = 0;
  // As Trace::Now says it.
  int64_t start_nanos = 0;
  int64_t end_nanos = 0;
};

class Trace {
 public:
  // Monotonic nanoseconds.
  using Clock = std::function<int64_t()>;

  // Records up to `capacity` events (about 150 bytes each); further ones are counted, not kept. Without a `clock`:
  // the steady clock. The time of the making is the trace's zero.
  explicit Trace(int64_t capacity, Clock clock = nullptr);
  ~Trace();
  Trace(const Trace&) = delete;
  Trace& operator=(const Trace&) = delete;

  int64_t Now() const { return clock_(); }

  // "X": name = node, cat = kind, pid = 1, tid = dense number of the worker, args = item, sequence, scope, batch.
  void Complete(TraceEvent event);
  // "i": a failure at the time of event.start_nanos, with its message among the args.
  void Instant(TraceEvent event, std::string message);
  // "C": a value that changed now; `name` lives as long as the trace.
  void Counter(absl::string_view name, int64_t value);

  // Events that found the trace full.
  int64_t dropped() const;

  // The whole trace, sorted by time: one event a line. Call it when the run is over.
  std::string ToJson(absl::string_view process_name) const;

 private:
  struct Buffers;
  struct Record;
  void Keep(Record record);

  Clock clock_;
  const int64_t capacity_;
  const int64_t zero_;
  std::unique_ptr<Buffers> buffers_;
};

}  // namespace diarflow

#endif  // DIARFLOW_GRAPH_TRACE_H_
