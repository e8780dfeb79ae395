// TextGrid, the annotation file of Praat, which the Montreal Forced Aligner writes as well (Praat manual, "TextGrid
// file formats"): tiers of intervals with a text, and tiers of points with a mark, over one stretch of time.
//
// Reading takes the long and the short text form, which are one grammar: what counts is numbers and <flags> that stand
// free (between white space), and texts between quotes; all other words and what follows "!" up to the line's end are
// comment. A quote in a text is doubled. White space, CRLF included, is of no matter; line ends within a text stay as
// they are. Encodings: UTF-8 with or without byte order mark, UTF-16 of both byte orders with it; without a mark other
// bytes stay as they are. Numbers may have signs and exponents ("1e-05"); digits beyond the microsecond are rounded.
// The binary and the chronological form are refused.
//
// Programs compute times in floating point and write what comes out. Hence up to kTextGridSlack an interval may begin
// before the one in front of it ends (it then begins there), and an interval without text may be as long as nothing (it
// is left out). Gaps between intervals are kept. A tier whose content reaches beyond its bounds gets wider, and so does
// the grid.
//
// Writing is byte-stable: the long form as Praat itself writes it (with a blank at the end of most lines), UTF-8
// without byte order mark, LF, times exact and as short as they can be. As Praat wants every instant to be in an
// interval, gaps become intervals without text.
#ifndef DIARFLOW_DATASETS_FORMATS_TEXT_GRID_H_
#define DIARFLOW_DATASETS_FORMATS_TEXT_GRID_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "datasets/formats/lab.h"
#include "datasets/manifest.h"
#include "diarization/turns.h"

namespace diarflow {

inline constexpr int64_t kTextGridSlack = 1000;  // microseconds

struct TextGridPoint {
  int64_t time = 0;  // microseconds
  std::string mark;

  friend bool operator==(const TextGridPoint& a, const TextGridPoint& b) {
    return a.time == b.time && a.mark == b.mark;
  }
};

struct TextGridTier {
  enum class Kind { kIntervals, kPoints };

  Kind kind = Kind::kIntervals;
  std::string name;
  TimeSpan span;
  std::vector<LabeledSpan> intervals;  // of kIntervals: in order, without overlap; the label may be empty
  std::vector<TextGridPoint> points;   // of kPoints: in order
};

bool operator==(const TextGridTier& a, const TextGridTier& b);

struct TextGrid {
  TimeSpan span;
  std::vector<TextGridTier> tiers;
};

bool operator==(const TextGrid& a, const TextGrid& b);

// `name` stands before line numbers in errors. kInvalidArgument, "name:line: ...": no TextGrid, a form or an encoding
// that is not read, something else than what comes next, a time that is none, an interval that ends before it starts
// or begins before the one in front of it ends, points out of order, more behind the last tier.
absl::StatusOr<TextGrid> ParseTextGrid(absl::string_view bytes, absl::string_view name);

// ParseTextGrid() of a file, which is read whole. Errors of ReadFile() as well.
absl::StatusOr<TextGrid> ReadTextGrid(const std::string& path);

// kInvalidArgument, naming the tier: a time below 0 or after 10^9 seconds, a grid or tier that ends where it starts or
// before, intervals or points outside their tier or out of order, a tier outside the grid, a tier that holds both
// kinds.
absl::StatusOr<std::string> FormatTextGrid(const TextGrid& grid);

// FormatTextGrid() into a file, whole or not at all.
absl::Status WriteTextGrid(const std::string& path, const TextGrid& grid);

// The words of a tier as tokens of a manifest, which cover the time from 0 to the end of the grid. Silence (the token
// "") is an interval whose text is empty, blank or "<eps>", and a gap; silences that touch are one token. Other texts
// are taken without the blanks around them. The tier is the one of that name or, when there is none, the only one whose
// name ends with " - " and it ("John - words" of the aligner).
// kInvalidArgument, naming the tiers: no such tier, or several; a tier of points.
absl::StatusOr<std::vector<AlignedToken>> TokensOfTextGrid(const TextGrid& grid, absl::string_view tier = "words");

}  // namespace diarflow

#endif  // DIARFLOW_DATASETS_FORMATS_TEXT_GRID_H_
