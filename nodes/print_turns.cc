// PrintTurns: turns to standard output as they come, one line each, and into NAME.rttm when they are over.
#include <cstdio>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

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

class PrintTurnsNode : public CollectNode {
 public:
  static constexpr In<LiveTurns> kTurns{"TURNS"};

  static void Contract(ContractBuilder& contract) {
    contract.Summary("Prints turns as they are decided, and writes each as RTTM when it is over.")
        .Input(kTurns)
        .Options<options::PrintTurns>(&CheckPrintTurns);
  }

  absl::Status Open(OpenContext& context) override {
    options_ = context.options<options::PrintTurns>();
    const std::string folder = context.run_folder();
    // A run without a folder is a test's.
    if (folder.empty()) return absl::OkStatus();
    path_ = JoinPath(folder, absl::StrCat(options_.name(), ".rttm"));
    // Whoever ends a live run with Ctrl-C has the turns up to there.
    return WriteFileAtomically(path_, "");
  }

  absl::Status Add(ItemContext& part) override {
    const LiveTurns& turns = part.Get(kTurns);
    for (const LiveRecord& record : turns.records) {
      if (record.kind == LiveRecord::kRevised) renamed_.emplace_back(record.speaker, record.other);
      if (record.kind == LiveRecord::kEnded) RETURN_IF_ERROR(Append(record));
      if (path_.empty()) continue;
      std::printf("%s\n", LineOf(record, turns.position).c_str());
      std::fflush(stdout);
    }
    return absl::OkStatus();
  }

  absl::Status Finish(FinishContext& context) override {
    context.Say(absl::StrCat(turns_, " turns"));
    if (path_.empty() || renamed_.empty()) return absl::OkStatus();
    // Names that turned out to be one person's.
    ASSIGN_OR_RETURN(std::vector<Recording> recordings, ReadRttm(path_));
    for (Recording& recording : recordings) {
      for (Turn& turn : recording.turns) {
        for (const auto& [speaker, other] : renamed_) {
          if (turn.speaker == speaker) turn.speaker = other;
        }
      }
    }
    return WriteRttm(path_, recordings);
  }

 private:
  // A turn that is over goes to the file at once: memory does not grow with the day.
  absl::Status Append(const LiveRecord& record) {
    ++turns_;
    const Turn turn = {record.start, record.end - record.start, record.speaker};
    ASSIGN_OR_RETURN(const std::string line, FormatRttm({{options_.name(), {turn}}}));
    if (path_.empty()) return absl::OkStatus();
    std::ofstream file(path_, std::ios::app | std::ios::binary);
    file << line << std::flush;
    return file.good() ? absl::OkStatus() : absl::DataLossError(absl::StrCat("cannot write ", path_));
  }

  std::string LineOf(const LiveRecord& record, int64_t now) const {
    const bool json = options_.format() == options::PrintTurns::JSON;
    const char* event = record.kind == LiveRecord::kStarted ? "start"
                        : record.kind == LiveRecord::kEnded ? "end"
                                                            : "revise";
    if (json) {
      nlohmann::ordered_json line = {{"event", event},
                                     {"speaker", record.speaker},
                                     {"start", ToSeconds(record.start)},
                                     {"end", ToSeconds(record.end)},
                                     {"now", ToSeconds(now)}};
      if (record.kind == LiveRecord::kRevised) line["is"] = record.other;
      return line.dump();
    }
    if (record.kind == LiveRecord::kStarted) {
      return absl::StrFormat("%10.3f            %s begins", ToSeconds(record.start), record.speaker);
    }
    if (record.kind == LiveRecord::kEnded) {
      return absl::StrFormat("%10.3f %10.3f  %s", ToSeconds(record.start), ToSeconds(record.end), record.speaker);
    }
    return absl::StrFormat("%10.3f            %s is %s", ToSeconds(record.start), record.speaker, record.other);
  }

  options::PrintTurns options_;
  std::string path_;  // of the RTTM file; empty: none is written
  int64_t turns_ = 0;
  std::vector<std::pair<std::string, std::string>> renamed_;
};

DIARFLOW_REGISTER_NODE("PrintTurns", PrintTurnsNode);

}  // namespace
}  // namespace diarflow
