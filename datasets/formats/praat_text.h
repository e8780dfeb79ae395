// The words of Praat's text files, of whatever type: numbers, <flags> and "texts"; all else is comment.
#ifndef DIARFLOW_DATASETS_FORMATS_PRAAT_TEXT_H_
#define DIARFLOW_DATASETS_FORMATS_PRAAT_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace diarflow {

// The bytes of a text file as UTF-8 without byte order mark: UTF-16 with a mark is converted, other bytes stay as they
// are. kInvalidArgument: UTF-16 that is damaged, bytes that are no text (a 0 byte).
absl::StatusOr<std::string> Utf8FromTextFile(absl::string_view bytes);

// One word after the other. `text` must outlive the reader. Errors do not name a place: see line().
class PraatWords {
 public:
  enum class Kind { kNumber, kText, kFlag, kEnd };
  struct Word {
    Kind kind = Kind::kEnd;
    std::string text;  // of a text without quotes, of a flag without brackets
  };

  explicit PraatWords(absl::string_view text) : text_(text) {}

  // kInvalidArgument for a text without closing quote.
  absl::StatusOr<Word> Next();

  // Where the word begins that Next() gave or failed on; of kEnd the last line. Counted from 1.
  int64_t line() const { return line_; }

 private:
  void Advance(size_t count);
  absl::StatusOr<Word> QuotedText();

  const absl::string_view text_;
  size_t at_ = 0;
  int64_t line_at_ = 1;  // of text_[at_]
  int64_t line_ = 1;
};

// "the text \"a\"", "the number 1.5", "the flag <exists>", "the end of the file": for messages.
std::string DescribePraatWord(const PraatWords::Word& word);

}  // namespace diarflow

#endif  // DIARFLOW_DATASETS_FORMATS_PRAAT_TEXT_H_
