#include "metrics/diarization_report_text.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace diarflow {
namespace {

using Row = std::vector<std::string>;

std::string Percent(double rate) { return absl::StrFormat("%.2f", 100 * rate); }

std::string Share(int64_t part, int64_t total) {
  return total == 0 ? "-" : Percent(static_cast<double>(part) / static_cast<double>(total));
}

std::string Seconds(int64_t microseconds) {
  return absl::StrFormat("%.2f", static_cast<double>(microseconds) / kMicrosecondsPerSecond);
}

std::string ExactSeconds(int64_t microseconds) {
  return absl::StrFormat("%d.%06d", microseconds / kMicrosecondsPerSecond, microseconds % kMicrosecondsPerSecond);
}

std::string JerText(const JerSum& jer) { return jer.speakers == 0 ? "-" : Percent(jer.rate()); }

// Characters, so that columns of names in UTF-8 line up.
size_t Width(const std::string& text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

// The first column to the left, all others to the right.
std::string Aligned(const std::vector<Row>& rows) {
  std::vector<size_t> widths;
  for (const Row& row : rows) {
    widths.resize(std::max(widths.size(), row.size()), 0);
    for (size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], Width(row[c]));
  }
  std::string text;
  for (const Row& row : rows) {
    for (size_t c = 0; c < row.size(); ++c) {
      const std::string padding(widths[c] - Width(row[c]), ' ');
      absl::StrAppend(&text, c == 0 ? "" : "  ", c == 0 ? row[c] : padding, c == 0 ? padding : row[c]);
    }
    text.erase(text.find_last_not_of(' ') + 1);
    text += "\n";
  }
  return text;
}

Row ComponentCells(const std::string& name, const DerComponents& sum, const JerSum& jer, const std::string& speakers) {
  return {name,
          Percent(sum.rate()),
          Share(sum.missed, sum.total),
          Share(sum.false_alarm, sum.total),
          Share(sum.confusion, sum.total),
          JerText(jer),
          Seconds(sum.total),
          Seconds(sum.missed),
          Seconds(sum.false_alarm),
          Seconds(sum.confusion),
          speakers};
}

std::string FilesTable(const SystemScore& system) {
  std::vector<Row> rows = {{"recording", "DER %", "miss %", "f.a. %", "conf. %", "JER %", "speech s", "missed s",
                            "false alarm s", "confusion s", "speakers"}};
  for (const FileScore& file : system.files) {
    rows.push_back(ComponentCells(
        file.der.uri, file.der.components, file.jer.sum,
        absl::StrCat(file.der.reference_speakers.size(), " / ",
                     file.has_hypothesis ? absl::StrCat(file.der.hypothesis_speakers.size()) : "missing")));
  }
  rows.push_back(ComponentCells(absl::StrCat("all ", system.files.size()), system.pooled, system.jer, ""));
  return Aligned(rows);
}

std::string Draws(const DiarizationReport& report, int num_groups) {
  const std::string sessions = absl::StrCat(report.uris.size(), " recordings");
  return absl::StrCat(report.options.bootstrap.replicates, " draws of ",
                      report.has_groups ? absl::StrCat(num_groups, " groups of ", sessions) : sessions);
}

std::string ConfidenceText(const DiarizationReport& report) {
  return absl::StrFormat("%g %% interval", 100 * report.options.bootstrap.confidence);
}

std::string IntervalLine(const DiarizationReport& report, const SystemScore& system) {
  if (!system.interval.has_value()) {
    return absl::StrCat("DER ", Percent(system.pooled.rate()),
                        " %; no interval: it needs two recordings (or groups) at least, and speech\n");
  }
  return absl::StrFormat("DER %s %%, %s %s to %s (%s)\n", Percent(system.interval->rate), ConfidenceText(report),
                         Percent(system.interval->interval.low), Percent(system.interval->interval.high),
                         Draws(report, system.interval->num_groups));
}

std::string ComparisonLine(const DiarizationReport& report, const SystemComparison& comparison) {
  std::string line = absl::StrCat(report.systems[0].name, " minus ", comparison.other, ": ");
  if (!comparison.difference.has_value()) {
    return line + "no interval: it needs two recordings (or groups) at least, and speech\n";
  }
  const PairedDifference& difference = *comparison.difference;
  absl::StrAppendFormat(&line, "%+.2f %% DER, %s %+.2f to %+.2f; the first is better in %.1f %% of %s\n",
                        100 * difference.difference, ConfidenceText(report), 100 * difference.interval.low,
                        100 * difference.interval.high, 100 * difference.share_a_better,
                        Draws(report, difference.num_groups));
  return line;
}

std::string TrivialText(const DiarizationReport& report) {
  const TrivialSystems& trivial = report.trivial;
  return absl::StrCat(
      "For scale, systems that are told from the reference when somebody speaks, DER %:\n",
      Aligned({{"  one speaker says everything", Percent(trivial.one_speaker.rate())},
               {absl::StrCat("  ", trivial.num_random_speakers, " speakers at random, expected"),
                Percent(trivial.random_speakers.rate())},
               {"  all speakers right, one at a time", Percent(trivial.oracle_without_overlap.rate())}}));
}

std::string AssumedText(const DiarizationReport& report) {
  const bool mdeval = report.options.der.convention == DerConvention::kMdEval;
  std::string text = absl::StrCat("Assumed:\n  convention ", ConventionName(report.options.der.convention), ", ",
                                  ConditionText(report.options.der), "\n  scored is ");
  if (report.has_regions) {
    text += "what the UEM says\n";
  } else if (mdeval) {
    text +=
        "the first to the last turn of each recording's reference: false alarms outside vanish (no UEM was given)\n";
  } else {
    text += "the first to the last turn of each recording's reference and hypothesis together (no UEM was given)\n";
  }
  absl::StrAppend(&text, "  JER: ", mdeval ? "speakers mapped for the least JER" : "speakers mapped by common time",
                  ", no collar, overlap scored; the mean over all reference speakers\n");
  return text;
}

}  // namespace

std::string ConventionName(DerConvention convention) {
  return convention == DerConvention::kMdEval ? "mdeval" : "pyannote";
}

std::string ConditionText(const DerOptions& options) {
  return absl::StrCat(options.collar == 0 ? "no collar"
                                          : absl::StrFormat("collar +/- %.6g s", static_cast<double>(options.collar) /
                                                                                     kMicrosecondsPerSecond),
                      options.skip_overlap ? ", overlap not scored" : ", overlap scored");
}

std::string DiarizationReportTable(const DiarizationReport& report) {
  std::string text;
  for (const SystemScore& system : report.systems) {
    if (report.systems.size() > 1) absl::StrAppend(&text, system.name, "\n");
    absl::StrAppend(&text, FilesTable(system), "\n", IntervalLine(report, system), "\n");
  }
  for (const SystemComparison& comparison : report.comparisons) text += ComparisonLine(report, comparison);
  if (!report.comparisons.empty()) text += "\n";
  return absl::StrCat(text, TrivialText(report), "\n", AssumedText(report));
}

std::string DiarizationReportTsv(const DiarizationReport& report) {
  std::string text =
      "system\trecording\tgroup\tder\tjer\tspeech_s\tmissed_s\tfalse_alarm_s\tconfusion_s\treference_speakers\t"
      "hypothesis_speakers\thas_hypothesis\n";
  for (const SystemScore& system : report.systems) {
    std::string name = system.name;
    std::replace_if(name.begin(), name.end(), [](char c) { return c == '\t' || c == '\n' || c == '\r'; }, ' ');
    for (size_t i = 0; i < system.files.size(); ++i) {
      const FileScore& file = system.files[i];
      const DerComponents& sum = file.der.components;
      absl::StrAppend(
          &text,
          absl::StrJoin(Row{name, file.der.uri, report.groups[i], absl::StrFormat("%.6f", sum.rate()),
                            file.jer.sum.speakers == 0 ? "" : absl::StrFormat("%.6f", file.jer.sum.rate()),
                            ExactSeconds(sum.total), ExactSeconds(sum.missed), ExactSeconds(sum.false_alarm),
                            ExactSeconds(sum.confusion), absl::StrCat(file.der.reference_speakers.size()),
                            absl::StrCat(file.der.hypothesis_speakers.size()), file.has_hypothesis ? "1" : "0"},
                        "\t"),
          "\n");
    }
  }
  return text;
}

}  // namespace diarflow
