#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "metrics/session_scores.h"

namespace diarflow {
namespace {

std::string IntervalText(const SessionScores::Row& row) {
  return row.has_low() ? absl::StrFormat("%.2f to %.2f", 100 * row.low(), 100 * row.high()) : "";
}

// `told`: systems whose differences are there already.
void AddDifferences(const SessionScores::Row& row, std::set<std::string>* told, std::string* text) {
  if (!row.trivial()) told->insert(row.system());
  for (const SessionScores::Difference& difference : row.difference()) {
    if (told->count(difference.other()) != 0) continue;
    absl::StrAppendFormat(text, "    %s less %s: %+.2f   (%+.2f to %+.2f)%s\n", row.system(), difference.other(),
                          100 * difference.value(), 100 * difference.low(), 100 * difference.high(),
                          difference.high() < 0  ? "   better"
                          : difference.low() > 0 ? "   worse"
                                                 : "   may be chance");
  }
}

}  // namespace

std::string SessionScoresTable(const SessionScores& scores) {
  std::string text;
  for (const SessionScores::System& system : scores.system()) {
    absl::StrAppendFormat(&text, "%s, %s: threshold %.2f, median of %d frames (%.2f %% on validation)\n", system.name(),
                          system.protocol() == SessionScores::HONEST ? "honest" : "original", system.threshold(),
                          system.median_frames(), 100 * system.validation_rate());
  }
  std::string differences;
  std::string head;
  std::set<std::string> told;
  for (const SessionScores::Row& row : scores.row()) {
    const bool honest = row.protocol() == SessionScores::HONEST;
    const std::string here = absl::StrFormat(
        "\n%s, %d sessions, %s\n   rate %%    95 %% interval   missed    false  confused   %7s  system\n", row.set(),
        row.sessions(),
        honest ? "honest: diarization error rate, speakers mapped, no collar, overlap scored"
               : "original: frame error, columns in the session's order, NOT a diarization error rate",
        honest ? "JER" : "mean");
    if (here != head) {
      text += differences;
      differences.clear();
      told.clear();
      text += here;
      head = here;
    }
    const bool has_last = honest ? row.has_jaccard() : row.has_mean_of_windows();
    const double last = honest ? row.jaccard() : row.mean_of_windows();
    absl::StrAppendFormat(&text, "%9.2f  %16s %8.2f %8.2f  %8.2f   %7s  %s%s\n", 100 * row.rate(), IntervalText(row),
                          100 * row.missed(), 100 * row.false_alarm(), 100 * row.confusion(),
                          has_last ? absl::StrFormat("%.2f", 100 * last) : "", row.trivial() ? "trivial: " : "",
                          row.system());
    AddDifferences(row, &told, &differences);
  }
  return text + differences;
}

}  // namespace diarflow
