#include "bench/report.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/files.h"
#include "base/status_macros.h"
#include "metrics/svg_drawing.h"
#include "metrics/svg_text.h"
#include "nlohmann/json.hpp"

namespace diarflow {
namespace {

struct Column {
  const char* key;      // in JSON
  const char* heading;  // in the table
  std::optional<double> BenchRow::* value;
  double scale;  // in the table
  const char* unit;
};

constexpr Column kColumns[] = {
    {"ms", "median", &BenchRow::ms, 1, " ms"},
    {"p99_ms", "p99", &BenchRow::p99_ms, 1, " ms"},
    {"real_time", "real time", &BenchRow::real_time, 1, " x"},
    {"gflops", "speed", &BenchRow::gflops, 1, " GFLOPS"},
    {"compute_share", "of GEMM", &BenchRow::compute_share, 100, " %"},
    {"bandwidth_share", "of memory", &BenchRow::bandwidth_share, 100, " %"},
    {"memory_mb", "peak", &BenchRow::memory_mb, 1, " MB"},
    {"ratio", "to best peer", &BenchRow::ratio, 1, " x"},
};

constexpr double kWidth = 900, kLeft = 250, kRight = 120;
constexpr double kBar = 18, kPitch = 25, kGroupGap = 48, kFactPitch = 18;
constexpr size_t kFactLetters = 130;

constexpr char kLight[] = R"(
  .ours { fill: #0a6ebd; }
  .peer { fill: #8a95a1; }
)";
constexpr char kDark[] = R"(
    .ours { fill: #58b0f2; }
    .peer { fill: #76818c; }
)";

// Three figures or more: "1234", "123", "12.3", "1.23", "0.123".
std::string Figures(double value) {
  const double size = std::abs(value);
  if (!std::isfinite(value)) return "-";
  if (size >= 99.95) return absl::StrFormat("%.0f", value);
  if (size >= 9.995) return absl::StrFormat("%.1f", value);
  return absl::StrFormat(size >= 0.9995 || size == 0 ? "%.2f" : "%.3f", value);
}

std::string Cell(const BenchRow& row, const Column& column) {
  const std::optional<double>& value = row.*column.value;
  return value.has_value() ? absl::StrCat(Figures(column.scale * *value), column.unit) : "-";
}

// In the order of their first rows.
std::vector<std::string> Groups(const BenchReport& report) {
  std::vector<std::string> groups;
  for (const BenchRow& row : report.rows) {
    if (std::find(groups.begin(), groups.end(), row.group) == groups.end()) groups.push_back(row.group);
  }
  return groups;
}

std::vector<const BenchRow*> RowsOf(const BenchReport& report, const std::string& group) {
  std::vector<const BenchRow*> rows;
  for (const BenchRow& row : report.rows) {
    if (row.group == group) rows.push_back(&row);
  }
  return rows;
}

void AppendGroup(const std::string& group, const std::vector<const BenchRow*>& rows, std::string* text) {
  std::vector<const Column*> columns;
  for (const Column& column : kColumns) {
    const auto fills = [&column](const BenchRow* row) { return (row->*column.value).has_value(); };
    if (std::any_of(rows.begin(), rows.end(), fills)) columns.push_back(&column);
  }
  size_t name_width = group.size();
  for (const BenchRow* row : rows) name_width = std::max(name_width, row->name.size() + 2);
  std::vector<size_t> widths;
  for (const Column* column : columns) {
    size_t width = std::string(column->heading).size();
    for (const BenchRow* row : rows) width = std::max(width, Cell(*row, *column).size());
    widths.push_back(width);
  }
  const auto pad = [](const std::string& cell, size_t width) {
    return std::string(width - std::min(width, cell.size()), ' ');
  };
  absl::StrAppend(text, "\n", group, pad(group, name_width));
  for (size_t i = 0; i < columns.size(); ++i) {
    const std::string heading = columns[i]->heading;
    absl::StrAppend(text, "  ", pad(heading, widths[i]), heading);
  }
  absl::StrAppend(text, "\n");
  for (const BenchRow* row : rows) {
    absl::StrAppend(text, "  ", row->name, pad(row->name, name_width - 2));
    if (!row->problem.empty()) {
      absl::StrAppend(text, "  ", row->problem, "\n");
      continue;
    }
    for (size_t i = 0; i < columns.size(); ++i) {
      const std::string cell = Cell(*row, *columns[i]);
      absl::StrAppend(text, "  ", pad(cell, widths[i]), cell);
    }
    absl::StrAppend(text, row->note.empty() ? "" : "  ", row->note, "\n");
  }
}

// The facts in lines that fit the drawing.
std::vector<std::string> FactLines(const BenchReport& report) {
  constexpr absl::string_view kBetween = " · ";
  std::vector<std::string> lines;
  for (const auto& [name, value] : report.facts) {
    const std::string fact = absl::StrCat(name, ": ", value);
    if (lines.empty() || lines.back().size() + kBetween.size() + fact.size() > kFactLetters)
      lines.push_back(fact);
    else
      absl::StrAppend(&lines.back(), kBetween, fact);
  }
  return lines;
}

}  // namespace

void CompareWithPeers(BenchReport* report) {
  std::map<std::string, double> best;
  for (const BenchRow& row : report->rows) {
    if (row.ours || !row.problem.empty() || row.real_time.value_or(0) <= 0) continue;
    double& fastest = best[row.group];
    fastest = std::max(fastest, *row.real_time);
  }
  for (BenchRow& row : report->rows) {
    const auto peer = best.find(row.group);
    row.ratio.reset();
    if (peer != best.end() && row.real_time.has_value()) row.ratio = *row.real_time / peer->second;
  }
}

std::string BenchTable(const BenchReport& report) {
  std::string text = absl::StrCat(report.title, "\n");
  size_t width = 0;
  for (const auto& fact : report.facts) width = std::max(width, fact.first.size());
  for (const auto& [name, value] : report.facts) {
    absl::StrAppend(&text, name, std::string(width - name.size() + 2, ' '), value, "\n");
  }
  for (const std::string& group : Groups(report)) AppendGroup(group, RowsOf(report, group), &text);
  return text;
}

std::string BenchJson(const BenchReport& report) {
  nlohmann::ordered_json json;
  json["title"] = report.title;
  json["facts"] = nlohmann::ordered_json::object();
  for (const auto& [name, value] : report.facts) json["facts"][name] = value;
  json["rows"] = nlohmann::ordered_json::array();
  for (const BenchRow& row : report.rows) {
    nlohmann::ordered_json one = {{"group", row.group}, {"name", row.name}, {"ours", row.ours}};
    if (!row.problem.empty()) one["problem"] = row.problem;
    if (!row.note.empty()) one["note"] = row.note;
    for (const Column& column : kColumns) {
      const std::optional<double>& value = row.*column.value;
      if (value.has_value() && std::isfinite(*value)) one[column.key] = *value;
    }
    json["rows"].push_back(std::move(one));
  }
  // A peer's words may be no UTF-8.
  return json.dump(1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::string BenchSvg(const BenchReport& report) {
  const std::vector<std::string> groups = Groups(report);
  const std::vector<std::string> facts = FactLines(report);
  const double height = 66 + static_cast<double>(facts.size()) * kFactPitch +
                        static_cast<double>(report.rows.size()) * kPitch +
                        static_cast<double>(groups.size()) * kGroupGap;
  SvgDrawing drawing(kWidth, height, report.title, kLight, kDark);
  drawing.Text(24, 36, "title", "start", SvgText(report.title));
  double y = 60;
  for (const std::string& line : facts) {
    drawing.Text(24, y, "tick", "start", SvgText(line));
    y += kFactPitch;
  }
  for (const std::string& group : groups) {
    const std::vector<const BenchRow*> rows = RowsOf(report, group);
    double longest = 0;
    for (const BenchRow* row : rows) {
      if (std::isfinite(row->real_time.value_or(0))) longest = std::max(longest, row->real_time.value_or(0));
    }
    drawing.Text(24, y + 22, "heading", "start", SvgText(absl::StrCat(group, ", times real time"), 110));
    y += 32;
    for (const BenchRow* row : rows) {
      const double value = row->real_time.value_or(0);
      const bool drawn = value > 0 && std::isfinite(value);
      const double length = drawn ? (kWidth - kLeft - kRight) * value / longest : 0;
      drawing.Text(kLeft - 10, y + kBar - 4, "label", "end", SvgText(row->name, 34));
      if (drawn) drawing.Rect(kLeft, y, length, kBar, row->ours ? "ours" : "peer");
      const std::string text = drawn ? Figures(value) : row->problem.empty() ? "not measured" : row->problem;
      drawing.Text(kLeft + length + 8, y + kBar - 4, "tick", "start", SvgText(text, drawn ? 20 : 90));
      y += kPitch;
    }
    y += kGroupGap - 32;
  }
  return std::move(drawing).Finish();
}

absl::Status WriteBenchReport(const BenchReport& report, absl::string_view name, const std::string& folder) {
  RETURN_IF_ERROR(MakeDirectories(folder));
  RETURN_IF_ERROR(WriteFileAtomically(JoinPath(folder, absl::StrCat(name, ".json")), BenchJson(report)));
  return WriteFileAtomically(JoinPath(folder, absl::StrCat(name, ".svg")), BenchSvg(report));
}

CpuFacts ParseCpuInfo(absl::string_view text) {
  CpuFacts facts;
  std::vector<std::string> found;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(line, absl::MaxSplits(':', 1));
    const absl::string_view key = absl::StripAsciiWhitespace(parts.first);
    if (key == "model name" && facts.name.empty()) facts.name = std::string(absl::StripAsciiWhitespace(parts.second));
    if (key != "flags" || !found.empty()) continue;
    const std::vector<absl::string_view> flags = absl::StrSplit(parts.second, ' ', absl::SkipEmpty());
    for (const char* known : {"avx2", "avx512f", "avx512_vnni", "avx512_bf16", "avx512_fp16", "amx_tile", "amx_bf16"}) {
      if (std::find(flags.begin(), flags.end(), known) != flags.end()) found.push_back(known);
    }
  }
  facts.features = absl::StrJoin(found, ", ");
  return facts;
}

CpuFacts ThisCpu() {
  const absl::StatusOr<std::string> text = ReadFile("/proc/cpuinfo");
  return text.ok() ? ParseCpuInfo(*text) : CpuFacts();
}

}  // namespace diarflow
