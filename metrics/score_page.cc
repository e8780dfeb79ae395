#include "metrics/score_page.h"

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "metrics/diarization_report_text.h"
#include "metrics/error_timeline_plot.h"
#include "metrics/recording_pairs.h"
#include "metrics/svg_text.h"

namespace diarflow {
namespace {

constexpr char kHead[] = R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Diarization score</title>
<style>
  :root { color-scheme: light dark; }
  body { margin: 24px; font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
         background: #ffffff; color: #1d2329; }
  pre { font-size: 13px; line-height: 1.45; overflow-x: auto; }
  svg { max-width: 100%; height: auto; }
  @media (prefers-color-scheme: dark) { body { background: #15191e; color: #e6eaee; } }
</style>
</head>
<body>
)";

}  // namespace

std::vector<size_t> WorstRecordings(const SystemScore& system, int count) {
  std::vector<size_t> places(system.files.size());
  std::iota(places.begin(), places.end(), 0);
  std::stable_sort(places.begin(), places.end(), [&system](size_t a, size_t b) {
    return system.files[a].der.components.errors() > system.files[b].der.components.errors();
  });
  places.resize(std::min(places.size(), static_cast<size_t>(std::max(0, count))));
  return places;
}

absl::StatusOr<ScorePage> MakeScorePage(const DiarizationReportInput& input, const DiarizationReport& report,
                                        int worst) {
  const SystemScore& system = report.systems[0];
  ASSIGN_OR_RETURN(std::vector<RecordingPair> pairs,
                   PairRecordings(input.references, input.systems[0].recordings, input.regions));
  std::map<std::string, RecordingPair*> by_uri;
  for (RecordingPair& pair : pairs) by_uri[pair.reference.uri] = &pair;
  ErrorTimelinePlot plot;
  plot.options = report.options.der;
  for (const size_t place : WorstRecordings(system, worst)) {
    plot.recordings.push_back(std::move(*by_uri.at(report.uris[place])));
  }
  plot.title = absl::StrCat(system.name, ": ", plot.recordings.size(), " of ", report.uris.size(),
                            " recordings, those with most errors");
  plot.subtitle = absl::StrFormat("DER of all %.2f %%; convention %s, %s", 100 * system.pooled.rate(),
                                  ConventionName(report.options.der.convention), ConditionText(report.options.der));
  ScorePage page;
  ASSIGN_OR_RETURN(page.svg, ErrorTimelineSvg(plot));
  page.html = absl::StrCat(kHead, "<pre>", SvgText(DiarizationReportTable(report), std::numeric_limits<int>::max()),
                           "</pre>\n", page.svg, "</body>\n</html>\n");
  return page;
}

}  // namespace diarflow
