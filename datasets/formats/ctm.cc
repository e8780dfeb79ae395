#include "datasets/formats/ctm.h"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/files.h"
#include "base/status_macros.h"
#include "datasets/formats/decimal_seconds.h"
#include "datasets/formats/group_by_uri.h"
#include "datasets/formats/text_field.h"
#include "datasets/formats/text_lines.h"
#include "diarization/turns.h"

namespace diarflow {
namespace {

constexpr absl::string_view kNotStated = "NA";

bool IsStated(absl::string_view field) { return !absl::EqualsIgnoreCase(field, kNotStated); }

absl::Status AddLine(absl::string_view line, GroupByUri<Transcript>* transcripts) {
  const std::vector<absl::string_view> fields = SplitFields(line);
  if (fields.empty() || absl::StartsWith(fields[0], ";;")) return absl::OkStatus();
  if (fields.size() < 5 || fields.size() > 8) {
    return absl::InvalidArgumentError(
        absl::StrCat("a word is `uri channel start duration word [confidence [type [speaker]]]`, five to eight fields; "
                     "here are ",
                     fields.size()));
  }
  TimedWord word;
  word.channel = std::string(fields[1]);
  ASSIGN_OR_RETURN(word.start, ParseMicroseconds(fields[2]));
  ASSIGN_OR_RETURN(word.duration, ParseMicroseconds(fields[3]));
  if (word.end() > kMaxMicroseconds) return absl::InvalidArgumentError("the word ends after 10^9 seconds");
  word.word = std::string(fields[4]);
  if (fields.size() > 5 && IsStated(fields[5])) {
    double confidence = 0;
    if (!absl::SimpleAtod(fields[5], &confidence) || !std::isfinite(confidence)) {
      return absl::InvalidArgumentError(absl::StrCat("the confidence \"", fields[5], "\" is not a number"));
    }
    word.confidence = confidence;
  }
  if (fields.size() > 6) word.type = std::string(fields[6]);
  if (fields.size() > 7 && IsStated(fields[7])) word.speaker = std::string(fields[7]);
  transcripts->of(fields[0]).words.push_back(std::move(word));
  return absl::OkStatus();
}

// Empty ones become what the file has for them.
absl::string_view Or(const std::string& text, absl::string_view otherwise) {
  return text.empty() ? otherwise : absl::string_view(text);
}

struct WrittenWord {
  absl::string_view uri;
  int64_t start = 0;  // milliseconds
  int64_t duration = 0;
  const TimedWord* word = nullptr;

  friend bool operator<(const WrittenWord& a, const WrittenWord& b) {
    return std::tie(a.uri, a.start, a.duration, a.word->speaker, a.word->word, a.word->channel) <
           std::tie(b.uri, b.start, b.duration, b.word->speaker, b.word->word, b.word->channel);
  }
};

absl::Status CheckWord(const std::string& uri, const TimedWord& word) {
  const auto check = [&]() -> absl::Status {
    RETURN_IF_ERROR(CheckTextField("the word", word.word));
    RETURN_IF_ERROR(CheckTextField("the channel", Or(word.channel, "1")));
    RETURN_IF_ERROR(CheckTextField("the type", Or(word.type, "lex")));
    RETURN_IF_ERROR(CheckTextField("the speaker", Or(word.speaker, kNotStated)));
    if (word.start < 0 || word.duration < 0 || word.end() > kMaxMicroseconds) {
      return absl::InvalidArgumentError("it must begin at 0 or later and not end before it begins");
    }
    if (word.confidence.has_value() && !std::isfinite(*word.confidence)) {
      return absl::InvalidArgumentError("its confidence is not finite");
    }
    return absl::OkStatus();
  };
  const absl::Status status = check();
  if (status.ok()) return status;
  return absl::InvalidArgumentError(
      absl::StrCat(uri, ", word \"", word.word, "\" at ", 1e-6 * word.start, " s: ", status.message()));
}

}  // namespace

bool operator==(const TimedWord& a, const TimedWord& b) {
  return std::tie(a.start, a.duration, a.word, a.channel, a.confidence, a.type, a.speaker) ==
         std::tie(b.start, b.duration, b.word, b.channel, b.confidence, b.type, b.speaker);
}

absl::StatusOr<std::vector<Transcript>> ParseCtm(absl::string_view text, absl::string_view name) {
  GroupByUri<Transcript> transcripts;
  RETURN_IF_ERROR(ForEachLine(text, name, [&](absl::string_view line) { return AddLine(line, &transcripts); }));
  return std::move(transcripts).Take();
}

absl::StatusOr<std::vector<Transcript>> ReadCtm(const std::string& path) {
  GroupByUri<Transcript> transcripts;
  RETURN_IF_ERROR(ForEachLineOfFile(path, [&](absl::string_view line) { return AddLine(line, &transcripts); }));
  return std::move(transcripts).Take();
}

absl::StatusOr<std::string> FormatCtm(const std::vector<Transcript>& transcripts) {
  std::vector<WrittenWord> lines;
  for (const Transcript& transcript : transcripts) {
    RETURN_IF_ERROR(CheckTextField("the uri", transcript.uri));
    for (const TimedWord& word : transcript.words) {
      RETURN_IF_ERROR(CheckWord(transcript.uri, word));
      const int64_t start = NearestMillisecond(word.start);
      lines.push_back({transcript.uri, start, NearestMillisecond(word.end()) - start, &word});
    }
  }
  std::sort(lines.begin(), lines.end());
  std::string text;
  for (const WrittenWord& line : lines) {
    const TimedWord& word = *line.word;
    absl::StrAppend(&text, line.uri, " ", Or(word.channel, "1"), " ", FormatMilliseconds(line.start), " ",
                    FormatMilliseconds(line.duration), " ");
    absl::StrAppend(&text, word.word, " ",
                    word.confidence.has_value() ? absl::StrCat(*word.confidence) : std::string(kNotStated), " ",
                    Or(word.type, "lex"), " ", Or(word.speaker, kNotStated), "\n");
  }
  return text;
}

absl::Status WriteCtm(const std::string& path, const std::vector<Transcript>& transcripts) {
  ASSIGN_OR_RETURN(const std::string text, FormatCtm(transcripts));
  return WriteFileAtomically(path, text);
}

}  // namespace diarflow
