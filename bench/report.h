// What a benchmark found: as a table for the terminal, as JSON for programs, and as a drawing of bars.
//
//   BenchReport report;
//   report.title = "Mimi encoder";
//   report.facts = {{"CPU", ThisCpu().name}};
//   report.rows.push_back(row);
//   CompareWithPeers(&report);
//   std::printf("%s", BenchTable(report).c_str());
//   RETURN_IF_ERROR(WriteBenchReport(report, "mimi", folder));
//
// What was not measured is left empty: a column that no row fills is not printed.
#ifndef DIARFLOW_BENCH_REPORT_H_
#define DIARFLOW_BENCH_REPORT_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace diarflow {

struct BenchRow {
  std::string group;         // rows of one group did the same work and are compared
  std::string name;          // "diarflow bf16", "moshi fp32"
  bool ours = false;         // otherwise a peer
  std::string problem;       // why there are no figures, as a sentence; empty: there are
  std::string note;          // stands behind the figures
  std::optional<double> ms;  // median
  std::optional<double> p99_ms;
  std::optional<double> real_time;        // seconds of audio per second
  std::optional<double> gflops;           // 1e9 operations a second
  std::optional<double> compute_share;    // of the fastest matrix products on the same cores: 1 is all
  std::optional<double> bandwidth_share;  // of the memory's bandwidth: 1 is all
  std::optional<double> memory_mb;        // peak, of the process that did it
  std::optional<double> ratio;            // times as fast as the best peer of the group: CompareWithPeers()
};

struct BenchReport {
  std::string title;
  // What the figures depend on, in order: ("CPU", ...), ("threads", "2").
  std::vector<std::pair<std::string, std::string>> facts;
  std::vector<BenchRow> rows;
};

// Sets the ratio of every row whose group has a peer with a real-time factor.
void CompareWithPeers(BenchReport* report);

// Facts, then a table for each group; ends with a line end.
std::string BenchTable(const BenchReport& report);

// {"title": ..., "facts": {...}, "rows": [{"group": ..., "name": ..., "ours": true, "ms": ...}]}; shares as fractions.
std::string BenchJson(const BenchReport& report);

// Bars of the real-time factors, group by group, each group on a scale of its own. Rows without one are named.
std::string BenchSvg(const BenchReport& report);

// Writes NAME.json and NAME.svg into a folder, which is made where it is missing.
absl::Status WriteBenchReport(const BenchReport& report, absl::string_view name, const std::string& folder);

// What matters of a processor. Fields of an unknown one are empty.
struct CpuFacts {
  std::string name;      // "AMD EPYC"
  std::string features;  // "avx2, avx512f, avx512_bf16": of those that matrix products are made faster by
};

// From the text of /proc/cpuinfo.
CpuFacts ParseCpuInfo(absl::string_view text);
// Of the machine that this runs on.
CpuFacts ThisCpu();

}  // namespace diarflow

#endif  // DIARFLOW_BENCH_REPORT_H_
