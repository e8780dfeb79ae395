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

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
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

struct Contract {
  std::string summary;
  std::vector<PortContract> inputs;
  std::vector<PortContract> outputs;
  std::vector<ResourceUse> resources;
  OptionsContract options;
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
