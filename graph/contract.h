// What a node type or a resource type promises, known before any object exists and without opening a file.
//
//   static void Contract(ContractBuilder& contract) {
//     contract.Summary("Brings audio to another sample rate.")
//         .Input(kAudio).Output(kResampled)
//         .Options<options::Resample>(&CheckResample)
//         .Concurrent();
//   }
#ifndef DIARFLOW_GRAPH_CONTRACT_H_
#define DIARFLOW_GRAPH_CONTRACT_H_

#include <cstdint>
#include <functional>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "google/protobuf/message.h"
#include "graph/packet.h"
#include "graph/port.h"

namespace diarflow {

struct PortContract {
  std::string name;
  const PayloadType* type = nullptr;
  bool optional = false;
};

struct ResourceUse {
  std::string name;
  std::string type;
  bool optional = false;
};

// Options of a node or resource: their message type and a check of their values.
struct OptionsContract {
  // Null when there are none.
  const google::protobuf::Message* prototype = nullptr;
  std::function<absl::Status(const google::protobuf::Message&)> check;

  template <typename T>
  static OptionsContract Of(absl::Status (*check)(const T&)) {
    OptionsContract options;
    options.prototype = &T::default_instance();
    if (check != nullptr) {
      options.check = [check](const google::protobuf::Message& message) {
        return check(static_cast<const T&>(message));
      };
    }
    return options;
  }
};

// Frames per second, an exact fraction in lowest terms: 12.5 Hz is 25/2.
struct FrameRate {
  int64_t num = 0;
  int64_t den = 1;

  // REQUIRES: both are positive.
  static FrameRate Of(int64_t num, int64_t den) {
    const int64_t divisor = std::gcd(num, den);
    return {num / divisor, den / divisor};
  }
  friend bool operator==(const FrameRate& a, const FrameRate& b) { return a.num == b.num && a.den == b.den; }
};

// What all packets of a stream have in common, where it is known before the run.
struct StreamProperties {
  std::optional<int> sample_rate;  // Hz
  std::optional<FrameRate> frame_rate;
  std::optional<int> width;  // numbers in a frame or vector
};

// What a node with its options asks of its inputs, and what its outputs then are; in the order of the ports. What it
// leaves unset is not asked, or unknown. Left-out ports at the end count as unset.
struct StreamRules {
  std::vector<StreamProperties> takes;
  std::vector<StreamProperties> gives;
};

struct Contract {
  std::string summary;
  std::vector<PortContract> inputs;
  std::vector<PortContract> outputs;
  std::vector<ResourceUse> resources;
  OptionsContract options;
  // Null when nothing is said about streams. Called with options that passed their check and with what is known of the
  // inputs; one that is not connected is unknown.
  std::function<StreamRules(const google::protobuf::Message& options, absl::Span<const StreamProperties> inputs)>
      stream_rules;
  // Whether the node may work on several items (batches) at once.
  bool concurrent = false;
};

class ContractBuilder {
 public:
  // One sentence for the list of nodes and for drawings.
  ContractBuilder& Summary(std::string summary) {
    contract_.summary = std::move(summary);
    return *this;
  }
  template <typename T>
  ContractBuilder& Input(In<T> port) {
    contract_.inputs.push_back({port.name, PayloadTypeOf<T>(), false});
    return *this;
  }
  template <typename T>
  ContractBuilder& Input(OptionalIn<T> port) {
    contract_.inputs.push_back({port.name, PayloadTypeOf<T>(), true});
    return *this;
  }
  template <typename T>
  ContractBuilder& Output(Out<T> port) {
    contract_.outputs.push_back({port.name, PayloadTypeOf<T>(), false});
    return *this;
  }
  template <typename R>
  ContractBuilder& Resource(Uses<R> use) {
    contract_.resources.push_back({use.name, R::kResourceName, false});
    return *this;
  }
  template <typename R>
  ContractBuilder& Resource(OptionallyUses<R> use) {
    contract_.resources.push_back({use.name, R::kResourceName, true});
    return *this;
  }
  // `check` answers kInvalidArgument with a sentence, or is left out.
  template <typename T>
  ContractBuilder& Options(absl::Status (*check)(const T&) = nullptr) {
    contract_.options = OptionsContract::Of<T>(check);
    return *this;
  }
  // Rates and widths, which are checked along the streams before anything is loaded. T: the options' message.
  //
  //   StreamRules FbankStreams(const options::Fbank& options, absl::Span<const StreamProperties> inputs) {
  //     StreamRules rules;
  //     rules.takes = {{options.sample_rate(), {}, {}}};
  //     rules.gives = {{{}, FrameRate::Of(options.sample_rate(), options.hop_samples()), options.num_bins()}};
  //     return rules;
  //   }
  template <typename T>
  ContractBuilder& Streams(StreamRules (*rules)(const T& options, absl::Span<const StreamProperties> inputs)) {
    contract_.stream_rules = [rules](const google::protobuf::Message& options,
                                     absl::Span<const StreamProperties> inputs) {
      return rules(static_cast<const T&>(options), inputs);
    };
    return *this;
  }
  ContractBuilder& Concurrent() {
    contract_.concurrent = true;
    return *this;
  }

  const Contract& contract() const { return contract_; }

 private:
  Contract contract_;
};

}  // namespace diarflow

#endif  // DIARFLOW_GRAPH_CONTRACT_H_
