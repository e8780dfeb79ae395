// ScoreSessions: what systems say of sessions, as activities, beside who really speaks when: thresholds chosen, error
// rates under two protocols, tables and files.
#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/files.h"
#include "base/status_macros.h"
#include "datasets/formats/rttm.h"
#include "graph/registry.h"
#include "metrics/session_scores.h"
#include "nodes/payloads.h"
#include "nodes/score_sessions.pb.h"
#include "nodes/session_role.h"

namespace diarflow {
namespace {

SessionScoresOptions OptionsOf(const options::ScoreSessions& options) {
  SessionScoresOptions scores;
  if (options.threshold_size() > 0) scores.thresholds.assign(options.threshold().begin(), options.threshold().end());
  if (options.median_frames_size() > 0) {
    scores.median_frames.assign(options.median_frames().begin(), options.median_frames().end());
  }
  scores.window_frames = options.window_frames();
  return scores;
}

class ScoreSessionsNode : public CollectNode {
 public:
  static constexpr In<Turns> kTurns{"TURNS"};
  static constexpr In<SessionRole> kRole{"ROLE"};
  // A join takes eight inputs.
  static constexpr OptionalIn<Frames> kActivity[] = {OptionalIn<Frames>{"ACTIVITY"}, OptionalIn<Frames>{"ACTIVITY_2"},
                                                     OptionalIn<Frames>{"ACTIVITY_3"},
                                                     OptionalIn<Frames>{"ACTIVITY_4"}};
  static constexpr OptionalIn<Frames> kOriginal[] = {OptionalIn<Frames>{"ORIGINAL"}, OptionalIn<Frames>{"ORIGINAL_2"}};

  static void Contract(ContractBuilder& contract) {
    contract
        .Summary(
            "Error rates of systems that say who speaks when as activities, under two protocols; thresholds are chosen "
            "on the sessions for validation.")
        .Input(kTurns)
        .Input(kRole);
    for (const auto& port : kActivity) contract.Input(port);
    for (const auto& port : kOriginal) contract.Input(port);
    contract.Options<options::ScoreSessions>();
  }

  absl::Status Open(OpenContext& context) override {
    const auto& options = context.options<options::ScoreSessions>();
    options_ = OptionsOf(options);
    folder_ = context.run_folder();
    for (const auto& port : kActivity) AddSystem(context, port, options.system(), SessionScores::HONEST);
    for (const auto& port : kOriginal) AddSystem(context, port, options.original_system(), SessionScores::ORIGINAL);
    return absl::OkStatus();
  }

  absl::Status Add(ItemContext& item) override {
    ScoredSession session;
    const SessionRole& role = item.Get(kRole);
    session.set = role.set;
    session.validation = role.validation;
    session.reference = item.Get(kTurns).recording;
    if (ports_.empty()) return absl::OkStatus();
    size_t system = 0;
    for (const auto* port : ports_) {
      const Frames& frames = *item.Get(*port);
      if (session.activity.empty()) session.grid = frames.grid;
      session.activity.push_back(frames.values);
      if (frames.producer != nullptr) systems_[system].producer = *frames.producer;
      ++system;
    }
    RETURN_IF_ERROR(CheckScoredSession(session, systems_.size()));
    if (!uris_.insert(session.reference.uri).second) {
      return absl::InvalidArgumentError(absl::StrCat("there is a session \"", session.reference.uri, "\" already"));
    }
    sessions_.push_back(std::move(session));
    return absl::OkStatus();
  }

  absl::Status Finish(FinishContext& context) override {
    if (ports_.empty()) {
      context.Say("nothing comes in at ACTIVITY or ORIGINAL: no system is scored");
      return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(const ScoredSystems scored, ScoreSessions(systems_, sessions_, options_));
    context.Publish(scored.scores);
    const std::string table = SessionScoresTable(scored.scores);
    context.Say(table);
    if (folder_.empty()) return absl::OkStatus();
    RETURN_IF_ERROR(WriteFileAtomically(JoinPath(folder_, "scores.txt"), table));
    RETURN_IF_ERROR(WriteFileAtomically(JoinPath(folder_, "scores.svg"), SessionScoresSvg(scored.scores)));
    for (const SetTurns& turns : scored.turns) {
      const std::string name =
          absl::StrReplaceAll(absl::StrCat(turns.set, ".", turns.system), {{" ", "_"}, {"/", "_"}});
      RETURN_IF_ERROR(WriteRttm(JoinPath(folder_, absl::StrCat(name, ".rttm")), turns.recordings));
    }
    std::vector<Recording> references;
    for (const ScoredSession& session : sessions_) {
      if (!session.validation) references.push_back(session.reference);
    }
    return WriteRttm(JoinPath(folder_, "reference.rttm"), references);
  }

 private:
  void AddSystem(const OpenContext& context, const OptionalIn<Frames>& port,
                 const google::protobuf::RepeatedPtrField<std::string>& names, SessionScores::Protocol protocol) {
    if (!context.IsConnected(port)) return;
    // A name's place is that of its port, whichever of them are connected.
    const std::string name = port.name;
    const size_t underscore = name.find('_');
    const int place = underscore == std::string::npos ? 0 : name[underscore + 1] - '1';
    ports_.push_back(&port);
    systems_.push_back({place < names.size() ? names[place] : name, protocol, ""});
  }

  SessionScoresOptions options_;
  std::string folder_;
  std::vector<const OptionalIn<Frames>*> ports_;
  std::vector<ActivitySystem> systems_;
  std::vector<ScoredSession> sessions_;
  std::set<std::string> uris_;
};

DIARFLOW_REGISTER_NODE("ScoreSessions", ScoreSessionsNode);

}  // namespace
}  // namespace diarflow
