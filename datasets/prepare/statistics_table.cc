#include "datasets/prepare/statistics_table.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"

namespace diarflow {
namespace {

struct Column {
  const char* head;
  int decimals;
  bool of_turns;
  double (*found)(const SplitStatistics&);
  std::optional<double> (*published)(const ExpectedSplit&);
};

std::optional<double> Number(const std::optional<int64_t>& count) {
  return count.has_value() ? std::optional<double>(static_cast<double>(*count)) : std::nullopt;
}

const Column kColumns[] = {
    {"files", 0, false, [](const SplitStatistics& s) { return static_cast<double>(s.files); },
     [](const ExpectedSplit& e) { return Number(e.files); }},
    {"speakers", 0, false, [](const SplitStatistics& s) { return static_cast<double>(s.speakers); },
     [](const ExpectedSplit& e) { return Number(e.speakers); }},
    {"audio h", 3, false, [](const SplitStatistics& s) { return s.audio_hours(); },
     [](const ExpectedSplit& e) { return e.hours; }},
    {"speaker h", 3, true, [](const SplitStatistics& s) { return s.speaker_hours(); },
     [](const ExpectedSplit& e) { return e.speaker_hours; }},
    {"speech h", 3, true, [](const SplitStatistics& s) { return s.speech_hours(); },
     [](const ExpectedSplit& e) { return e.speech_hours; }},
    {"overlap %", 2, true, [](const SplitStatistics& s) { return s.overlap_percent(); },
     [](const ExpectedSplit& e) { return e.overlap_percent; }},
    {"turns", 0, true, [](const SplitStatistics& s) { return static_cast<double>(s.turns); },
     [](const ExpectedSplit& e) { return Number(e.turns); }},
    {"median turn s", 3, true, [](const SplitStatistics& s) { return 1e-6 * static_cast<double>(s.median_turn); },
     [](const ExpectedSplit&) { return std::optional<double>(); }},
};

// "80.673" has three decimals.
bool Differs(double found, double published) {
  const std::string text = absl::StrCat(published);
  const size_t point = text.find('.');
  const int decimals = point == std::string::npos ? 0 : static_cast<int>(text.size() - point - 1);
  return std::fabs(found - published) > .5 * std::pow(10, -decimals) + 1e-9;
}

std::string SplitName(const SplitStatistics& split) {
  if (!split.split.empty()) return split.split;
  return split.files > 0 ? "(in no split)" : "(without audio)";
}

class Rows {
 public:
  explicit Rows(bool with_turns) {
    for (const Column& column : kColumns) {
      if (with_turns || !column.of_turns) columns_.push_back(&column);
    }
    rows_.push_back({"split"});
    for (const Column* column : columns_) rows_.back().push_back(column->head);
  }

  void AddFound(const SplitStatistics& split) {
    rows_.push_back({SplitName(split)});
    for (const Column* column : columns_) {
      rows_.back().push_back(absl::StrFormat("%.*f", column->decimals, column->found(split)));
    }
  }

  void AddPublished(const SplitStatistics& split, const ExpectedSplit& expected) {
    rows_.push_back({"  published"});
    for (const Column* column : columns_) {
      const std::optional<double> published = column->published(expected);
      const bool differs = published.has_value() && Differs(column->found(split), *published);
      any_differs_ = any_differs_ || differs;
      rows_.back().push_back(published.has_value() ? absl::StrCat(*published, differs ? "*" : "") : "");
    }
  }

  // Names to the left, numbers to the right.
  std::string Text() const {
    std::vector<size_t> widths(rows_[0].size(), 0);
    for (const auto& row : rows_) {
      for (size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], row[c].size());
    }
    std::string text;
    for (const auto& row : rows_) {
      std::string line;
      for (size_t c = 0; c < row.size(); ++c) {
        const std::string blanks(widths[c] - row[c].size(), ' ');
        absl::StrAppend(&line, c == 0 ? row[c] + blanks : absl::StrCat("  ", blanks, row[c]));
      }
      line.erase(line.find_last_not_of(' ') + 1);
      absl::StrAppend(&text, line, "\n");
    }
    return text;
  }

  bool any_differs() const { return any_differs_; }

 private:
  std::vector<const Column*> columns_;
  std::vector<std::vector<std::string>> rows_;
  bool any_differs_ = false;
};

}  // namespace

std::string StatisticsTable(const std::vector<SplitStatistics>& found, const std::vector<ExpectedSplit>& expected) {
  Rows rows(std::any_of(found.begin(), found.end(), [](const SplitStatistics& split) { return split.turns > 0; }));
  std::set<std::string> known;
  std::set<std::string> sources;
  for (const ExpectedSplit& split : expected) {
    known.insert(split.split);
    if (!split.source.empty()) sources.insert(split.source);
    const auto place =
        std::find_if(found.begin(), found.end(), [&](const SplitStatistics& s) { return s.split == split.split; });
    SplitStatistics nothing;
    nothing.split = split.split;
    const SplitStatistics& statistics = place == found.end() ? nothing : *place;
    rows.AddFound(statistics);
    rows.AddPublished(statistics, split);
  }
  for (const SplitStatistics& split : found) {
    if (known.count(split.split) == 0) rows.AddFound(split);
  }
  std::string text = rows.Text();
  for (const std::string& source : sources) absl::StrAppend(&text, "published: ", source, "\n");
  if (rows.any_differs()) absl::StrAppend(&text, "* is not what was found\n");
  return text;
}

}  // namespace diarflow
