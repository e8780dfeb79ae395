#include "cli/results_text.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "base/status_macros.h"
#include "metrics/session_scores.pb.h"
#include "nodes/probe_report.pb.h"
#include "nodes/score_report.pb.h"

namespace diarflow {
namespace {

// What a run published, as far as it is known here.
struct Results {
  std::vector<ScoreReport> verification;
  std::vector<ProbeReport> probes;
  std::vector<SessionScores> sessions;
};

absl::StatusOr<Results> ResultsOf(const std::string& name, const RunReport& report) {
  Results results;
  for (const google::protobuf::Any& any : report.result()) {
    bool read = true;
    if (any.Is<ScoreReport>()) read = any.UnpackTo(&results.verification.emplace_back());
    if (any.Is<ProbeReport>()) read = any.UnpackTo(&results.probes.emplace_back());
    if (any.Is<SessionScores>()) read = any.UnpackTo(&results.sessions.emplace_back());
    if (!read) return absl::InvalidArgumentError(absl::StrCat(name, ": its report holds a damaged ", any.type_url()));
  }
  return results;
}

std::string Percent(double share) { return absl::StrFormat("%.2f", 100 * share); }

std::string WithInterval(double rate, bool has_interval, double low, double high) {
  return has_interval ? absl::StrCat(Percent(rate), " (", Percent(low), " to ", Percent(high), ")") : Percent(rate);
}

std::string EerOf(const SystemScores& scores) {
  return WithInterval(scores.eer(), scores.has_eer_interval(), scores.eer_interval().low(),
                      scores.eer_interval().high());
}

// "|" parts a table's cells.
std::string Cell(const std::string& text) { return absl::StrReplaceAll(text, {{"|", "/"}, {"\n", " "}}); }

void EerRow(const std::string& protocol, const std::string& name, const std::string& more, const SystemScores& scores,
            std::string* text) {
  absl::StrAppend(text, "| ", protocol, " | ", Cell(name), " | ", EerOf(scores), " | ", Percent(scores.mean_positive()),
                  " / ", Percent(scores.mean_negative()), " | ", more, " |\n");
}

constexpr char kEerHead[] =
    "\n| protocol | system | EER %, 95 % interval | mean score % same / other | |\n|---|---|---|---|---|\n";

void AddVerification(const ScoreReport& report, std::string* text) {
  absl::StrAppend(text, "\nTrials: ", report.trials(), ", ", report.system().pairs(), " pairs of which ",
                  report.system().positive_pairs(), " are of one speaker.\n", kEerHead);
  EerRow("both", report.system().name(), absl::StrCat("verdict: ", report.verdict()), report.system(), text);
  for (const SystemScores& other : report.other()) EerRow("both", other.name(), "for comparison", other, text);
  if (report.has_floor()) EerRow("both", report.floor().name(), "floor", report.floor(), text);
}

void AddProbes(const ProbeReport& report, std::string* text) {
  absl::StrAppend(text, "\nTrials: ", report.trials(), ".\n", kEerHead);
  for (const ProbeScores& probe : report.probe()) {
    const bool honest = probe.protocol() == ProbeScores::HONEST;
    EerRow(honest ? "honest" : "original",
           absl::StrCat("probe trained on ", probe.training_speakers(),
                        honest ? " speakers who are in no trial" : " speakers, those of the trials"),
           absl::StrCat("training accuracy ", Percent(probe.training_accuracy()), " %"), probe.scores(), text);
  }
  EerRow("both", "no probe", "the same trials", report.without_probe(), text);
}

std::string ProtocolName(SessionScores::Protocol protocol) {
  return protocol == SessionScores::HONEST ? "honest" : "original";
}

void AddSessions(const SessionScores& scores, std::string* text) {
  absl::StrAppendFormat(text, "\nThresholds and median filters are chosen on %d validation sessions (%.0f s).\n",
                        scores.validation_sessions(), scores.validation_seconds());
  absl::StrAppend(text,
                  "\n| set | protocol | system | rate %, 95 % interval | missed | false alarm | confused | JER |\n"
                  "|---|---|---|---|---|---|---|---|\n");
  for (const SessionScores::Row& row : scores.row()) {
    absl::StrAppend(text, "| ", Cell(row.set()), ", ", row.sessions(), " sessions | ", ProtocolName(row.protocol()),
                    " | ", row.trivial() ? "*trivial: " : "**", Cell(row.system()), row.trivial() ? "*" : "**", " | ",
                    WithInterval(row.rate(), row.has_low(), row.low(), row.high()), " | ", Percent(row.missed()), " | ",
                    Percent(row.false_alarm()), " | ", Percent(row.confusion()), " | ",
                    row.has_jaccard() ? Percent(row.jaccard()) : "", " |\n");
  }
  absl::StrAppend(text,
                  "\n| set | protocol | difference of | and | points, 95 % interval | |\n|---|---|---|---|---|---|\n");
  for (const SessionScores::Row& row : scores.row()) {
    for (const SessionScores::Difference& difference : row.difference()) {
      absl::StrAppendFormat(text, "| %s | %s | %s | %s | %+.2f (%+.2f to %+.2f) | %s |\n", Cell(row.set()),
                            ProtocolName(row.protocol()), Cell(row.system()), Cell(difference.other()),
                            100 * difference.value(), 100 * difference.low(), 100 * difference.high(),
                            difference.high() < 0  ? "better"
                            : difference.low() > 0 ? "worse"
                                                   : "may be chance");
    }
  }
}

// The first system of the first set, under a protocol, beside one speaker: the row in short.
std::string InShort(const SessionScores& scores, SessionScores::Protocol protocol) {
  const SessionScores::Row* first = nullptr;
  for (const SessionScores::Row& row : scores.row()) {
    if (row.protocol() != protocol) continue;
    if (first == nullptr) first = &row;
    if (row.set() == first->set() && row.system() == "one speaker") {
      return absl::StrCat(protocol == SessionScores::HONEST ? "DER " : "error ", Percent(first->rate()), " % for ",
                          Cell(first->system()), ", one speaker ", Percent(row.rate()), " %");
    }
  }
  return "not run";
}

// What the figures say of the systems, in sentences: which trivial systems each beats surely.
void AddVerdicts(const SessionScores& scores, std::string* text) {
  absl::StrAppend(text, "\n");
  for (const SessionScores::Row& row : scores.row()) {
    if (row.trivial()) continue;
    std::vector<std::string> better, worse, open;
    for (const SessionScores::Difference& difference : row.difference()) {
      (difference.high() < 0 ? better : difference.low() > 0 ? worse : open).push_back(difference.other());
    }
    std::vector<std::string> parts;
    if (!better.empty()) parts.push_back(absl::StrCat("better than ", absl::StrJoin(better, ", ")));
    if (!worse.empty()) parts.push_back(absl::StrCat("worse than ", absl::StrJoin(worse, ", ")));
    if (!open.empty()) parts.push_back(absl::StrCat("not told apart from ", absl::StrJoin(open, ", ")));
    absl::StrAppend(text, "- ", row.set(), ", ", ProtocolName(row.protocol()), ": **", row.system(), "** is ",
                    parts.empty() ? "alone" : absl::StrJoin(parts, "; "), ".\n");
  }
}

// Whether our figures bear the conclusion out, protocol by protocol and set by set.
void AddClaim(const PublishedFigures::Claim& claim, const Results& results, std::string* text) {
  const auto add = [text](const std::string& where, const std::string& what, const char* verdict) {
    absl::StrAppend(text, "- The conclusion **", verdict, "** here", where.empty() ? "" : absl::StrCat(", ", where),
                    ": ", what, ".\n");
  };
  absl::StrAppend(text, "\n");
  for (const ScoreReport& report : results.verification) {
    const double eer = report.system().eer();
    add("",
        absl::StrCat("the equal error rate is ", Percent(eer), " %, the band begins at ", Percent(claim.eer_above()),
                     " %"),
        eer > claim.eer_above() ? "holds" : "falls");
  }
  for (const ProbeReport& report : results.probes) {
    const double without = report.without_probe().eer();
    for (const ProbeScores& probe : report.probe()) {
      const double eer = probe.scores().eer();
      add(probe.protocol() == ProbeScores::HONEST ? "honest" : "original",
          absl::StrCat(Percent(eer), " % with the probe, ", Percent(without), " % without"),
          eer < without ? "holds" : "falls");
    }
  }
  for (const SessionScores& scores : results.sessions) {
    for (const SessionScores::Row& row : scores.row()) {
      if (row.system() != claim.system()) continue;
      for (const SessionScores::Difference& difference : row.difference()) {
        if (difference.other() != claim.other()) continue;
        const bool better = difference.high() < 0, worse = difference.low() > 0;
        add(absl::StrCat(ProtocolName(row.protocol()), ", ", row.set()),
            absl::StrFormat("%s less %s is %+.2f points (%+.2f to %+.2f)", row.system(), difference.other(),
                            100 * difference.value(), 100 * difference.low(), 100 * difference.high()),
            !better && !worse          ? "is not decided"
            : better == claim.better() ? "holds"
                                       : "falls");
      }
    }
  }
}

struct Summary {
  std::string original = "not run";
  std::string honest = "not run";
};

Summary SummaryOf(const Results& results) {
  Summary summary;
  for (const ScoreReport& report : results.verification) {
    summary.original = absl::StrCat("EER ", Percent(report.system().eer()), " %");
    summary.honest = absl::StrCat("EER ", EerOf(report.system()), " %, floor ", Percent(report.floor().eer()), " %");
  }
  for (const ProbeReport& report : results.probes) {
    for (const ProbeScores& probe : report.probe()) {
      const bool honest = probe.protocol() == ProbeScores::HONEST;
      (honest ? summary.honest : summary.original) = absl::StrCat("EER ", EerOf(probe.scores()), " %, without a probe ",
                                                                  Percent(report.without_probe().eer()), " %");
    }
  }
  for (const SessionScores& scores : results.sessions) {
    summary.original = InShort(scores, SessionScores::ORIGINAL);
    summary.honest = InShort(scores, SessionScores::HONEST);
  }
  return summary;
}

}  // namespace

absl::StatusOr<std::string> ResultsText(const ResultsInput& input) {
  std::string summary, sections;
  for (const PublishedFigures::Row& row : input.published.row()) {
    const auto run = input.runs.find(row.pipeline());
    Results results;
    std::string state;
    if (run == input.runs.end()) {
      state = "Not run.";
    } else if (run->second.outcome() == RunReport::RUN_FAILED) {
      state = absl::StrCat("The run failed: ", run->second.error());
    } else {
      ASSIGN_OR_RETURN(results, ResultsOf(row.pipeline(), run->second));
      if (run->second.items_failed() > 0) {
        state = absl::StrCat(run->second.items_failed(), " of ", run->second.items(), " items failed.");
      }
    }
    const Summary in_short = SummaryOf(results);
    absl::StrAppend(&summary, "| ", Cell(row.title()), " | ", Cell(row.figure()), " | ", in_short.original, " | ",
                    in_short.honest, " |\n");
    absl::StrAppend(&sections, "\n## ", row.title(), "\n\n`./bazelw run //experiments:", row.pipeline(),
                    "`\n\nReported: ", row.figure(), ". Concluded from it: ", row.conclusion(), ".");
    if (!row.remark().empty()) absl::StrAppend(&sections, " But: ", row.remark(), ".");
    absl::StrAppend(&sections, "\n");
    if (!state.empty()) absl::StrAppend(&sections, "\n", state, "\n");
    for (const ScoreReport& report : results.verification) AddVerification(report, &sections);
    for (const ProbeReport& report : results.probes) AddProbes(report, &sections);
    for (const SessionScores& scores : results.sessions) {
      AddSessions(scores, &sections);
      AddVerdicts(scores, &sections);
    }
    if (row.has_claim()) AddClaim(row.claim(), results, &sections);
    if (!row.tried().empty()) absl::StrAppend(&sections, "\nTried: ", row.tried(), ".\n");
  }
  std::string text = absl::StrCat(
      "# Results of the experiments\n\nMade by `./bazelw run //experiments:results` from the reports of the runs, ",
      input.commit.empty() ? "of a tree without a commit" : absl::StrCat("at commit ", input.commit),
      ". Reported figures: ", input.published.source(),
      ". Ours: the small Mimi and small adapters that were trained here, on the sets that come with the build; so "
      "columns stand beside each other to compare what is concluded, not the numbers.\n\n"
      "*original*: the rules of the original work; *honest*: those of the field (speakers of training, validation and "
      "test disjoint, whole sessions, speakers mapped, no collar, overlap scored). The error of the original protocol "
      "is NOT a diarization error rate. *Trivial* systems are told from the reference when somebody speaks, which the "
      "others have to find out; only \"one speaker in the speech of\" a system hears what that one hears. Intervals: "
      "95 %, bootstrap over groups of sessions with the same speakers, or over speakers.\n\n"
      "| experiment | reported | here, original | here, honest |\n|---|---|---|---|\n",
      summary);
  absl::StrAppend(&text, sections, "\n## Weights\n\n| file | SHA-256 |\n|---|---|\n");
  for (const auto& [file, digest] : input.weights) absl::StrAppend(&text, "| `", file, "` | `", digest, "` |\n");
  return text;
}

}  // namespace diarflow
