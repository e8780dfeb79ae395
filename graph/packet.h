// Packet: what travels along a stream. An immutable payload with its place in the run, or an error in its stead.
//
// Only the framework makes and stamps packets; nodes read and set payloads through their contexts (graph/node.h).
// A packet that failed, or that a node skipped, travels on without a payload and keeps its sequence number: so joins,
// batches and ordered nodes never wait for something that will not come.
#ifndef DIARFLOW_GRAPH_PACKET_H_
#define DIARFLOW_GRAPH_PACKET_H_

#include <cassert>
#include <cstdint>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"

namespace diarflow {

// The type of a payload. A payload class states its name, static constexpr char kPayloadName[] = "Audio". It may say
// how much memory it holds, int64_t byte_size() const: the run's report then counts it. And it may say what is wrong
// with it, std::string Fault() const, empty when nothing is: a node that sends one with a fault has failed.
struct PayloadType {
  std::string name;
  // Null when the class does not say.
  int64_t (*byte_size)(const void* payload) = nullptr;
  std::string (*fault)(const void* payload) = nullptr;
};

template <typename T, typename = void>
struct PayloadByteSize {
  static constexpr int64_t (*kFunction)(const void*) = nullptr;
};

template <typename T>
struct PayloadByteSize<T, std::void_t<decltype(std::declval<const T&>().byte_size())>> {
  static int64_t kFunction(const void* payload) { return static_cast<const T*>(payload)->byte_size(); }
};

template <typename T, typename = void>
struct PayloadFault {
  static constexpr std::string (*kFunction)(const void*) = nullptr;
};

template <typename T>
struct PayloadFault<T, std::void_t<decltype(std::declval<const T&>().Fault())>> {
  static std::string kFunction(const void* payload) { return static_cast<const T*>(payload)->Fault(); }
};

template <typename T>
const PayloadType* PayloadTypeOf() {
  static const auto* type = new PayloadType{T::kPayloadName, PayloadByteSize<T>::kFunction, PayloadFault<T>::kFunction};
  return type;
}

// Given back to its source when the last packet of the item is gone.
class Token;

struct Origin {
  // Dense from 0 in its scope: the items of a Source, or all that an Expand makes of all its items. The key of joins,
  // batches and ordered nodes. Never media time.
  uint64_t sequence = 0;
  // Behind the last item of the scope: carries nothing, tells batches to flush and collectors to finish.
  bool end = false;
  // The last seat of what an Expand made of one item, or a Source made at all.
  bool last = false;
  // The name of the item, for messages and reports: an utterance, a file.
  std::shared_ptr<const std::string> item;
  std::shared_ptr<Token> token;
  // In the scope of an Expand: the item that this is a part of.
  std::shared_ptr<const Origin> parent;
  // With `tail`: the item came without a payload, skipped or a mere seat, so it has no result.
  bool hollow = false;
  // A seat behind the parts of an item: empty, unless a Stream had something left to say. There are as many as Streams
  // in a row (PlannedNode::tail_seats), so that each finds one; the last of them is `last`.
  bool tail = false;
  // Of a part: how much of its item it is, for progress; 0 when nobody knows.
  float share = 0;
  // With `tail`: an interruption left the item without some of its parts.
  bool early = false;

  // The item that came out of the source.
  const Origin& root() const { return parent == nullptr ? *this : parent->root(); }
};

class Packet {
 public:
  Packet() = default;

  // An empty packet: failed, skipped (the status is OK then), or a marker.
  Packet(Origin origin, absl::Status status) : origin_(std::move(origin)), status_(std::move(status)) {}
  Packet(Origin origin, const PayloadType* type, std::shared_ptr<const void> payload)
      : origin_(std::move(origin)), type_(type), payload_(std::move(payload)) {}

  const Origin& origin() const { return origin_; }
  void set_token(std::shared_ptr<Token> token) { origin_.token = std::move(token); }
  const absl::Status& status() const { return status_; }
  bool has_payload() const { return payload_ != nullptr; }

  // REQUIRES: the payload is a T. The contracts, checked before the run, say so.
  template <typename T>
  const T& Get() const {
    assert(payload_ != nullptr && type_->name == PayloadTypeOf<T>()->name);
    return *static_cast<const T*>(payload_.get());
  }

  const PayloadType* type() const { return type_; }
  const std::shared_ptr<const void>& payload() const { return payload_; }

 private:
  Origin origin_;
  absl::Status status_;
  const PayloadType* type_ = nullptr;
  std::shared_ptr<const void> payload_;
};

}  // namespace diarflow

#endif  // DIARFLOW_GRAPH_PACKET_H_
