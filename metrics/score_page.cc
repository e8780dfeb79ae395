#include "metrics/score_page.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <numeric>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "diarization/turns.h"
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

// Those of `all`, recordings or regions, that are of `uri`.
template <typename T>
std::vector<T> OnlyOf(const std::string& uri, const std::vector<T>& all) {
  std::vector<T> some;
  std::copy_if(all.begin(), all.end(), std::back_inserter(some), [&uri](const T& one) { return one.uri == uri; });
  return some;
}

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
  ErrorTimelinePlot plot;
  plot.options = report.options.der;
  for (const size_t place : WorstRecordings(system, worst)) {
    const std::string& uri = report.uris[place];
    std::optional<std::vector<EvaluationRegion>> regions;
    if (input.regions.has_value()) regions = OnlyOf(uri, *input.regions);
    ASSIGN_OR_RETURN(std::vector<RecordingPair> one,
                     PairRecordings(OnlyOf(uri, input.references), OnlyOf(uri, input.systems[0].recordings), regions));
    plot.recordings.push_back(std::move(one[0]));
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
