#include "datasets/formats/librispeech_alignment.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/files.h"
#include "base/status_macros.h"
#include "datasets/formats/decimal_seconds.h"
#include "datasets/formats/text_field.h"
#include "datasets/formats/text_lines.h"
#include "diarization/turns.h"

namespace diarflow {
namespace {

bool Unquote(absl::string_view* field) {
  return field->size() >= 2 && absl::ConsumePrefix(field, "\"") && absl::ConsumeSuffix(field, "\"") &&
         !absl::StrContains(*field, '"');
}

class Reader {
 public:
  absl::Status Take(absl::string_view line) {
    ++number_;
    std::vector<absl::string_view> fields = SplitFields(line);
    if (fields.empty() || absl::StartsWith(fields[0], ";;")) return absl::OkStatus();
    if (fields.size() != 3 || !Unquote(&fields[1]) || !Unquote(&fields[2])) {
      return absl::InvalidArgumentError(
          "an alignment is `utterance \"WORD,,WORD\" \"end,end,end\"`: a name, words between quotes and their ends "
          "between quotes, without blanks in them");
    }
    const std::vector<absl::string_view> words = absl::StrSplit(fields[1], ',');
    const std::vector<absl::string_view> ends = absl::StrSplit(fields[2], ',');
    if (words.size() != ends.size()) {
      return absl::InvalidArgumentError(absl::StrCat("the alignment of ", fields[0], " has ", words.size(),
                                                     " words and ", ends.size(), " ends; each word has one"));
    }
    UtteranceAlignment alignment;
    alignment.utterance = std::string(fields[0]);
    alignment.tokens.reserve(words.size());
    int64_t before = 0;
    for (size_t i = 0; i < words.size(); ++i) {
      ASSIGN_OR_RETURN(const int64_t end, ParseMicroseconds(ends[i]));
      if (end < before) {
        return absl::InvalidArgumentError(absl::StrCat("word ", i + 1, " of ", fields[0], " ends at ", ends[i],
                                                       " s, before the word in front of it"));
      }
      before = end;
      alignment.tokens.push_back({absl::AsciiStrToLower(words[i]), end});
    }
    const auto [first, is_new] = lines_.try_emplace(alignment.utterance, number_);
    if (!is_new) {
      return absl::InvalidArgumentError(
          absl::StrCat("the utterance ", alignment.utterance, " is there already, in line ", first->second));
    }
    alignments_.push_back(std::move(alignment));
    return absl::OkStatus();
  }

  std::vector<UtteranceAlignment> Finish() && { return std::move(alignments_); }

 private:
  int64_t number_ = 0;
  std::vector<UtteranceAlignment> alignments_;
  absl::flat_hash_map<std::string, int64_t> lines_;
};

absl::Status CheckAlignment(const UtteranceAlignment& alignment) {
  RETURN_IF_ERROR(CheckTextField("the utterance", alignment.utterance));
  const auto error = [&](auto... why) {
    return absl::InvalidArgumentError(
        absl::StrCat("the alignment of ", alignment.utterance, " cannot be written: ", why...));
  };
  if (alignment.tokens.empty()) return error("it has no words");
  int64_t before = 0;
  for (const AlignedToken& token : alignment.tokens) {
    if (std::any_of(token.word.begin(), token.word.end(),
                    [](char c) { return absl::ascii_isspace(c) || c == ',' || c == '"'; })) {
      return error("the word \"", token.word, "\" holds white space, a comma or a quote");
    }
    if (token.end < before || token.end > kMaxMicroseconds) {
      return error("the word \"", token.word, "\" ends before the one in front of it, below 0 or after 10^9 seconds");
    }
    before = token.end;
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<UtteranceAlignment>> ParseLibriSpeechAlignment(absl::string_view text,
                                                                          absl::string_view name) {
  Reader reader;
  RETURN_IF_ERROR(ForEachLine(text, name, [&](absl::string_view line) { return reader.Take(line); }));
  return std::move(reader).Finish();
}

absl::StatusOr<std::vector<UtteranceAlignment>> ReadLibriSpeechAlignment(const std::string& path) {
  Reader reader;
  RETURN_IF_ERROR(ForEachLineOfFile(path, [&](absl::string_view line) { return reader.Take(line); }));
  return std::move(reader).Finish();
}

absl::StatusOr<std::string> FormatLibriSpeechAlignment(const std::vector<UtteranceAlignment>& alignments) {
  std::vector<const UtteranceAlignment*> sorted;
  for (const UtteranceAlignment& alignment : alignments) {
    RETURN_IF_ERROR(CheckAlignment(alignment));
    sorted.push_back(&alignment);
  }
  std::sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) { return a->utterance < b->utterance; });
  std::string text;
  for (size_t u = 0; u < sorted.size(); ++u) {
    const UtteranceAlignment& alignment = *sorted[u];
    if (u > 0 && sorted[u - 1]->utterance == alignment.utterance) {
      return absl::InvalidArgumentError(absl::StrCat("the utterance ", alignment.utterance, " is there twice"));
    }
    std::string words;
    std::string ends;
    for (size_t i = 0; i < alignment.tokens.size(); ++i) {
      const absl::string_view comma = i == 0 ? "" : ",";
      absl::StrAppend(&words, comma, absl::AsciiStrToUpper(alignment.tokens[i].word));
      absl::StrAppend(&ends, comma, FormatExactSeconds(alignment.tokens[i].end));
    }
    absl::StrAppend(&text, alignment.utterance, " \"", words, "\" \"", ends, "\"\n");
  }
  return text;
}

absl::Status WriteLibriSpeechAlignment(const std::string& path, const std::vector<UtteranceAlignment>& alignments) {
  ASSIGN_OR_RETURN(const std::string text, FormatLibriSpeechAlignment(alignments));
  return WriteFileAtomically(path, text);
}

}  // namespace diarflow
