#include "datasets/formats/text_grid.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "base/files.h"
#include "base/status_macros.h"
#include "base/suggest.h"
#include "datasets/formats/decimal_seconds.h"
#include "datasets/formats/praat_text.h"

namespace diarflow {
namespace {

constexpr absl::string_view kIntervalTier = "IntervalTier";
constexpr absl::string_view kTextTier = "TextTier";
constexpr absl::string_view kBlanks = " \t\r\n";

void Widen(TimeSpan inner, TimeSpan* outer) {
  outer->start = std::min(outer->start, inner.start);
  outer->end = std::max(outer->end, inner.end);
}

class Parser {
 public:
  explicit Parser(absl::string_view text) : words_(text) {}

  int64_t line() const { return words_.line(); }

  absl::StatusOr<TextGrid> Parse() {
    RETURN_IF_ERROR(Head());
    TextGrid grid;
    ASSIGN_OR_RETURN(grid.span, Span("the grid"));
    ASSIGN_OR_RETURN(const Word tiers, Take(PraatWords::Kind::kFlag, "<exists> or <absent>, whether there are tiers"));
    if (tiers.text == "exists") {
      ASSIGN_OR_RETURN(const int64_t count, Count("the number of tiers"));
      for (int64_t i = 0; i < count; ++i) {
        ASSIGN_OR_RETURN(TextGridTier tier, Tier(absl::StrCat("tier ", i + 1, " of ", count)));
        Widen(tier.span, &grid.span);
        grid.tiers.push_back(std::move(tier));
      }
    } else if (tiers.text != "absent") {
      return Unexpected(tiers, "<exists> or <absent>, whether there are tiers");
    }
    ASSIGN_OR_RETURN(const Word more, words_.Next());
    if (more.kind != PraatWords::Kind::kEnd) return Unexpected(more, "the end of the file, behind the last tier");
    return grid;
  }

 private:
  using Word = PraatWords::Word;

  static absl::Status Unexpected(const Word& word, absl::string_view wanted) {
    return absl::InvalidArgumentError(absl::StrCat("here is ", DescribePraatWord(word), "; wanted is ", wanted));
  }

  absl::StatusOr<Word> Take(PraatWords::Kind kind, absl::string_view wanted) {
    ASSIGN_OR_RETURN(Word word, words_.Next());
    if (word.kind != kind) return Unexpected(word, wanted);
    return word;
  }

  absl::StatusOr<int64_t> Time(absl::string_view what) {
    ASSIGN_OR_RETURN(const Word word, Take(PraatWords::Kind::kNumber, what));
    return ParseFloatMicroseconds(word.text);
  }

  absl::StatusOr<int64_t> Count(absl::string_view what) {
    ASSIGN_OR_RETURN(const Word word, Take(PraatWords::Kind::kNumber, what));
    int64_t count = 0;
    if (absl::SimpleAtoi(word.text, &count) && count >= 0) return count;
    return Unexpected(word, absl::StrCat(what, ", a whole number from 0 on"));
  }

  absl::Status Head() {
    ASSIGN_OR_RETURN(const Word type, words_.Next());
    if (type.kind == PraatWords::Kind::kText && absl::StrContains(type.text, "chronological")) {
      return absl::InvalidArgumentError(
          "this is the chronological form of a TextGrid, which is not read; save it in Praat as text file");
    }
    if (type.kind != PraatWords::Kind::kText || (type.text != "ooTextFile" && type.text != "ooTextFile short")) {
      return absl::InvalidArgumentError("this is no TextGrid: it does not begin with `File type = \"ooTextFile\"`");
    }
    ASSIGN_OR_RETURN(const Word object, Take(PraatWords::Kind::kText, "the class of the object, \"TextGrid\""));
    if (object.text != "TextGrid") return Unexpected(object, "the class of the object, \"TextGrid\"");
    return absl::OkStatus();
  }

  absl::StatusOr<TimeSpan> Span(absl::string_view what) {
    TimeSpan span;
    ASSIGN_OR_RETURN(span.start, Time(absl::StrCat("where ", what, " starts")));
    ASSIGN_OR_RETURN(span.end, Time(absl::StrCat("where ", what, " ends")));
    if (span.end < span.start) {
      return absl::InvalidArgumentError(absl::StrCat(what, " starts at ", FormatExactSeconds(span.start),
                                                     " s and ends at ", FormatExactSeconds(span.end), " s, before"));
    }
    return span;
  }

  absl::StatusOr<TextGridTier> Tier(absl::string_view which) {
    const std::string wanted = absl::StrCat("the class of ", which, ", \"", kIntervalTier, "\" or \"", kTextTier, "\"");
    ASSIGN_OR_RETURN(const Word kind, Take(PraatWords::Kind::kText, wanted));
    if (kind.text != kIntervalTier && kind.text != kTextTier) return Unexpected(kind, wanted);
    TextGridTier tier;
    tier.kind = kind.text == kTextTier ? TextGridTier::Kind::kPoints : TextGridTier::Kind::kIntervals;
    ASSIGN_OR_RETURN(Word name, Take(PraatWords::Kind::kText, absl::StrCat("the name of ", which)));
    tier.name = std::move(name.text);
    const std::string described = absl::StrCat("the tier \"", tier.name, "\"");
    ASSIGN_OR_RETURN(tier.span, Span(described));
    const bool has_points = tier.kind == TextGridTier::Kind::kPoints;
    const absl::string_view what = has_points ? "point" : "interval";
    ASSIGN_OR_RETURN(const int64_t count, Count(absl::StrCat("the number of ", what, "s of ", described)));
    for (int64_t i = 0; i < count; ++i) {
      const std::string item = absl::StrCat(what, " ", i + 1, " of ", count, " of ", described);
      RETURN_IF_ERROR(has_points ? AddPoint(item, &tier) : AddInterval(item, &tier));
    }
    return tier;
  }

  absl::Status AddInterval(const std::string& which, TextGridTier* tier) {
    LabeledSpan interval;
    ASSIGN_OR_RETURN(interval.span.start, Time(absl::StrCat("where ", which, " starts")));
    ASSIGN_OR_RETURN(interval.span.end, Time(absl::StrCat("where ", which, " ends")));
    ASSIGN_OR_RETURN(Word text, Take(PraatWords::Kind::kText, absl::StrCat("the text of ", which)));
    interval.label = std::move(text.text);
    TimeSpan& span = interval.span;
    const int64_t before = tier->intervals.empty() ? 0 : tier->intervals.back().span.end;
    if (span.start < before - kTextGridSlack) {
      return absl::InvalidArgumentError(absl::StrCat(which, " starts at ", FormatExactSeconds(span.start),
                                                     " s, before the one in front of it ends (",
                                                     FormatExactSeconds(before), " s)"));
    }
    const bool is_sliver = span.end >= span.start - kTextGridSlack && interval.label.empty();
    span.start = std::max(span.start, before);
    if (span.end > span.start) {
      Widen(span, &tier->span);
      tier->intervals.push_back(std::move(interval));
      return absl::OkStatus();
    }
    if (is_sliver) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrCat(which, " starts at ", FormatExactSeconds(span.start),
                                                   " s and ends at ", FormatExactSeconds(span.end),
                                                   " s, there or before"));
  }

  absl::Status AddPoint(const std::string& which, TextGridTier* tier) {
    TextGridPoint point;
    ASSIGN_OR_RETURN(point.time, Time(absl::StrCat("the time of ", which)));
    ASSIGN_OR_RETURN(Word mark, Take(PraatWords::Kind::kText, absl::StrCat("the mark of ", which)));
    point.mark = std::move(mark.text);
    if (!tier->points.empty() && point.time < tier->points.back().time) {
      return absl::InvalidArgumentError(absl::StrCat(which, " stands at ", FormatExactSeconds(point.time),
                                                     " s, before the one in front of it (",
                                                     FormatExactSeconds(tier->points.back().time), " s)"));
    }
    Widen({point.time, point.time}, &tier->span);
    tier->points.push_back(std::move(point));
    return absl::OkStatus();
  }

  PraatWords words_;
};

bool IsInside(TimeSpan inner, TimeSpan outer) { return inner.start >= outer.start && inner.end <= outer.end; }

absl::Status CheckTier(const TextGridTier& tier, TimeSpan grid) {
  const auto error = [&](absl::string_view why) {
    return absl::InvalidArgumentError(absl::StrCat("the tier \"", tier.name, "\" cannot be written: ", why));
  };
  if (tier.span.length() <= 0 || !IsInside(tier.span, grid)) {
    return error("it ends where it starts or before, or lies outside the grid");
  }
  if (!(tier.kind == TextGridTier::Kind::kPoints ? tier.intervals.empty() : tier.points.empty())) {
    return error("it holds intervals as well as points");
  }
  int64_t before = tier.span.start;
  for (const LabeledSpan& interval : tier.intervals) {
    if (interval.span.length() <= 0 || interval.span.start < before || interval.span.end > tier.span.end) {
      return error(absl::StrCat("the interval \"", interval.label,
                                "\" has no length, overlaps the one in front of it, or lies outside the tier"));
    }
    before = interval.span.end;
  }
  for (const TextGridPoint& point : tier.points) {
    if (point.time < before || point.time > tier.span.end) {
      return error(
          absl::StrCat("the point \"", point.mark, "\" lies before the one in front of it, or outside the tier"));
    }
    before = point.time;
  }
  return absl::OkStatus();
}

std::vector<LabeledSpan> WithoutGaps(const TextGridTier& tier) {
  std::vector<LabeledSpan> whole;
  int64_t before = tier.span.start;
  for (const LabeledSpan& interval : tier.intervals) {
    if (interval.span.start > before) whole.push_back({{before, interval.span.start}, ""});
    whole.push_back(interval);
    before = interval.span.end;
  }
  if (tier.span.end > before) whole.push_back({{before, tier.span.end}, ""});
  return whole;
}

std::string Quoted(absl::string_view text) {
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\"", "\"\""}}), "\"");
}

void AppendSpan(absl::string_view indent, TimeSpan span, std::string* text) {
  absl::StrAppend(text, indent, "xmin = ", FormatExactSeconds(span.start), " \n", indent,
                  "xmax = ", FormatExactSeconds(span.end), " \n");
}

void AppendTier(const TextGridTier& tier, size_t number, std::string* text) {
  const bool has_points = tier.kind == TextGridTier::Kind::kPoints;
  absl::StrAppend(text, "    item [", number, "]:\n        class = ", Quoted(has_points ? kTextTier : kIntervalTier),
                  " \n        name = ", Quoted(tier.name), " \n");
  AppendSpan("        ", tier.span, text);
  const std::vector<LabeledSpan> intervals = has_points ? std::vector<LabeledSpan>() : WithoutGaps(tier);
  const absl::string_view what = has_points ? "points" : "intervals";
  absl::StrAppend(text, "        ", what, ": size = ", has_points ? tier.points.size() : intervals.size(), " \n");
  for (size_t i = 0; i < intervals.size(); ++i) {
    absl::StrAppend(text, "        intervals [", i + 1, "]:\n");
    AppendSpan("            ", intervals[i].span, text);
    absl::StrAppend(text, "            text = ", Quoted(intervals[i].label), " \n");
  }
  for (size_t i = 0; i < tier.points.size(); ++i) {
    absl::StrAppend(text, "        points [", i + 1,
                    "]:\n            number = ", FormatExactSeconds(tier.points[i].time),
                    " \n            mark = ", Quoted(tier.points[i].mark), " \n");
  }
}

absl::StatusOr<const TextGridTier*> FindTier(const TextGrid& grid, absl::string_view name) {
  std::vector<std::string> names;
  std::vector<const TextGridTier*> exact;
  std::vector<const TextGridTier*> of_speakers;
  for (const TextGridTier& tier : grid.tiers) {
    names.push_back(tier.name);
    if (tier.name == name) exact.push_back(&tier);
    if (absl::EndsWith(tier.name, absl::StrCat(" - ", name))) of_speakers.push_back(&tier);
  }
  const auto& found = exact.empty() ? of_speakers : exact;
  if (found.size() == 1) return found[0];
  return absl::InvalidArgumentError(absl::StrCat(
      "the TextGrid has ", found.empty() ? "no tier" : "several tiers", " \"", name, "\"; its tiers are ",
      names.empty() ? "none" : absl::StrCat("\"", absl::StrJoin(names, "\", \""), "\""), DidYouMean(name, names)));
}

}  // namespace

bool operator==(const TextGridTier& a, const TextGridTier& b) {
  return std::tie(a.kind, a.name, a.span, a.intervals, a.points) ==
         std::tie(b.kind, b.name, b.span, b.intervals, b.points);
}

bool operator==(const TextGrid& a, const TextGrid& b) { return a.span == b.span && a.tiers == b.tiers; }

absl::StatusOr<TextGrid> ParseTextGrid(absl::string_view bytes, absl::string_view name) {
  const absl::StatusOr<std::string> text = Utf8FromTextFile(bytes);
  if (!text.ok()) return absl::Status(text.status().code(), absl::StrCat(name, ": ", text.status().message()));
  Parser parser(*text);
  absl::StatusOr<TextGrid> grid = parser.Parse();
  if (grid.ok()) return grid;
  return absl::Status(grid.status().code(), absl::StrCat(name, ":", parser.line(), ": ", grid.status().message()));
}

absl::StatusOr<TextGrid> ReadTextGrid(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string bytes, ReadFile(path));
  return ParseTextGrid(bytes, path);
}

absl::StatusOr<std::string> FormatTextGrid(const TextGrid& grid) {
  if (grid.span.start < 0 || grid.span.length() <= 0 || grid.span.end > kMaxMicroseconds) {
    return absl::InvalidArgumentError(
        "the TextGrid cannot be written: it starts before 0, ends where it starts or before, or ends after 10^9 "
        "seconds");
  }
  for (const TextGridTier& tier : grid.tiers) RETURN_IF_ERROR(CheckTier(tier, grid.span));
  std::string text = "File type = \"ooTextFile\"\nObject class = \"TextGrid\"\n\n";
  AppendSpan("", grid.span, &text);
  if (grid.tiers.empty()) {
    absl::StrAppend(&text, "tiers? <absent> \n");
    return text;
  }
  absl::StrAppend(&text, "tiers? <exists> \nsize = ", grid.tiers.size(), " \nitem []: \n");
  for (size_t i = 0; i < grid.tiers.size(); ++i) AppendTier(grid.tiers[i], i + 1, &text);
  return text;
}

absl::Status WriteTextGrid(const std::string& path, const TextGrid& grid) {
  ASSIGN_OR_RETURN(const std::string text, FormatTextGrid(grid));
  return WriteFileAtomically(path, text);
}

absl::StatusOr<std::vector<AlignedToken>> TokensOfTextGrid(const TextGrid& grid, absl::string_view tier_name) {
  ASSIGN_OR_RETURN(const TextGridTier* tier, FindTier(grid, tier_name));
  if (tier->kind == TextGridTier::Kind::kPoints) {
    return absl::InvalidArgumentError(
        absl::StrCat("the tier \"", tier->name, "\" is one of points; words have a beginning and an end"));
  }
  std::vector<AlignedToken> tokens;
  const auto add = [&tokens](std::string word, int64_t end) {
    const int64_t before = tokens.empty() ? 0 : tokens.back().end;
    if (end == before) return;
    if (word.empty() && !tokens.empty() && tokens.back().word.empty()) {
      tokens.back().end = end;
    } else {
      tokens.push_back({std::move(word), end});
    }
  };
  for (const LabeledSpan& interval : tier->intervals) {
    add("", interval.span.start);
    absl::string_view word = interval.label;
    while (!word.empty() && absl::StrContains(kBlanks, word.front())) word.remove_prefix(1);
    while (!word.empty() && absl::StrContains(kBlanks, word.back())) word.remove_suffix(1);
    add(word == "<eps>" ? "" : std::string(word), interval.span.end);
  }
  add("", grid.span.end);
  return tokens;
}

}  // namespace diarflow
