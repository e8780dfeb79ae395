// PrintTurns: turns to standard output as they come, one line each; all of them into NAME.rttm at the end.
#include <algorithm>
#include <cstdio>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/files.h"
#include "base/status_macros.h"
#include "datasets/formats/rttm.h"
#include "graph/registry.h"
#include "nlohmann/json.hpp"
#include "nodes/diarization.h"
#include "nodes/print_turns.pb.h"

namespace diarflow {
namespace {

absl::Status CheckPrintTurns(const options::PrintTurns& options) {
  if (options.name().empty() || options.name().find_first_of("/ \t\r\n") != std::string::npos) {
    return absl::InvalidArgumentError("name must be part of a file's name: not empty, without blanks and slashes");
  }
  return absl::OkStatus();
}

double Seconds(int64_t microseconds) { return static_cast<double>(microseconds) / kMicrosecondsPerSecond; }

class PrintTurnsNode : public CollectNode {
 public:
  static constexpr In<LiveTurns> kTurns{"TURNS"};

  static void Contract(ContractBuilder& contract) {
    contract.Summary("Prints turns as they are decided, and writes them as RTTM at the end.")
        .Input(kTurns)
        .Options<options::PrintTurns>(&CheckPrintTurns);
  }

  absl::Status Open(OpenContext& context) override {
    options_ = context.options<options::PrintTurns>();
    folder_ = context.run_folder();
    recording_.uri = options_.name();
    return absl::OkStatus();
  }

  absl::Status Add(ItemContext& part) override {
    const LiveTurns& turns = part.Get(kTurns);
    for (const LiveRecord& record : turns.records) {
      if (record.kind == LiveRecord::kEnded) {
        Recording checked;
        checked.uri = recording_.uri;
        checked.turns.push_back({record.start, record.end - record.start, record.speaker});
        RETURN_IF_ERROR(CheckTurns(checked));
        recording_.turns.push_back(std::move(checked.turns[0]));
      }
      // A run without a folder is a test's.
      if (folder_.empty()) continue;
      std::printf("%s\n", LineOf(record, turns.position).c_str());
      std::fflush(stdout);
    }
    return absl::OkStatus();
  }

  absl::Status Finish(FinishContext& context) override {
    context.Say(absl::StrCat(recording_.turns.size(), " turns"));
    if (folder_.empty()) return absl::OkStatus();
    return WriteRttm(JoinPath(folder_, absl::StrCat(recording_.uri, ".rttm")), {recording_});
  }

 private:
  std::string LineOf(const LiveRecord& record, int64_t now) const {
    const bool json = options_.format() == options::PrintTurns::JSON;
    const char* event = record.kind == LiveRecord::kStarted ? "start"
                        : record.kind == LiveRecord::kEnded ? "end"
                                                            : "revise";
    if (json) {
      nlohmann::ordered_json line = {{"event", event},
                                     {"speaker", record.speaker},
                                     {"start", Seconds(record.start)},
                                     {"end", Seconds(record.end)},
                                     {"now", Seconds(now)}};
      if (record.kind == LiveRecord::kRevised) line["is"] = record.other;
      return line.dump();
    }
    if (record.kind == LiveRecord::kStarted) {
      return absl::StrFormat("%10.3f            %s begins", Seconds(record.start), record.speaker);
    }
    if (record.kind == LiveRecord::kEnded) {
      return absl::StrFormat("%10.3f %10.3f  %s", Seconds(record.start), Seconds(record.end), record.speaker);
    }
    return absl::StrFormat("%10.3f            %s is %s", Seconds(record.start), record.speaker, record.other);
  }

  options::PrintTurns options_;
  std::string folder_;
  Recording recording_;
};

DIARFLOW_REGISTER_NODE("PrintTurns", PrintTurnsNode);

}  // namespace
}  // namespace diarflow
