#include "datasets/librispeech/speakers.h"

#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/status_macros.h"
#include "datasets/formats/decimal_seconds.h"
#include "datasets/formats/text_lines.h"

namespace diarflow {
namespace {

class Reader {
 public:
  absl::Status Take(absl::string_view line) {
    ++number_;
    line = absl::StripAsciiWhitespace(line);
    if (line.empty() || line[0] == ';') return absl::OkStatus();
    std::vector<absl::string_view> fields = absl::StrSplit(line, absl::MaxSplits('|', 4));
    for (absl::string_view& field : fields) field = absl::StripAsciiWhitespace(field);
    if (fields.size() != 5 || fields[0].empty() || fields[2].empty()) {
      return absl::InvalidArgumentError(absl::StrCat("a speaker is `number | sex | subset | minutes | name`; here are ",
                                                     fields.size(), " fields",
                                                     fields.size() == 5 ? ", but no number or no subset" : ""));
    }
    if (fields[1] != "F" && fields[1] != "M") {
      return absl::InvalidArgumentError(absl::StrCat("the sex is \"", fields[1], "\"; it must be F or M"));
    }
    ASSIGN_OR_RETURN(const int64_t minutes, ParseMicroseconds(fields[3]));
    LibriSpeechSpeaker speaker = {std::string(fields[0]), std::string(fields[1]), std::string(fields[2]), minutes * 60,
                                  std::string(fields[4])};
    const auto [first, is_new] = lines_.try_emplace(speaker.id, number_);
    if (!is_new) {
      return absl::InvalidArgumentError(
          absl::StrCat("the speaker ", speaker.id, " is there already, in line ", first->second));
    }
    speakers_.push_back(std::move(speaker));
    return absl::OkStatus();
  }

  std::vector<LibriSpeechSpeaker> Finish() && { return std::move(speakers_); }

 private:
  int64_t number_ = 0;
  std::vector<LibriSpeechSpeaker> speakers_;
  absl::flat_hash_map<std::string, int64_t> lines_;
};

}  // namespace

bool operator==(const LibriSpeechSpeaker& a, const LibriSpeechSpeaker& b) {
  return std::tie(a.id, a.sex, a.subset, a.duration, a.name) == std::tie(b.id, b.sex, b.subset, b.duration, b.name);
}

absl::StatusOr<std::vector<LibriSpeechSpeaker>> ParseLibriSpeechSpeakers(absl::string_view text,
                                                                         absl::string_view name) {
  Reader reader;
  RETURN_IF_ERROR(ForEachLine(text, name, [&](absl::string_view line) { return reader.Take(line); }));
  return std::move(reader).Finish();
}

absl::StatusOr<std::vector<LibriSpeechSpeaker>> ReadLibriSpeechSpeakers(const std::string& path) {
  Reader reader;
  RETURN_IF_ERROR(ForEachLineOfFile(path, [&](absl::string_view line) { return reader.Take(line); }));
  return std::move(reader).Finish();
}

}  // namespace diarflow
