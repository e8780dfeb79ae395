#include "datasets/trial_list.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/files.h"
#include "base/status_macros.h"

namespace diarflow {
namespace {

constexpr absl::string_view kTimeFragment = "#t=";

absl::Status BadFragment(absl::string_view id, absl::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("the utterance \"", id, "\": ", why, "; a piece of a file is named path#t=START,END in seconds"));
}

absl::Status ParseFragment(absl::string_view times, ListedUtterance* utterance) {
  const std::string& id = utterance->id;
  absl::ConsumePrefix(&times, "npt:");
  const std::vector<absl::string_view> parts = absl::StrSplit(times, ',');
  if (parts.size() > 2) return BadFragment(id, "more than two times");
  if (parts[0].empty() && (parts.size() == 1 || parts[1].empty())) return BadFragment(id, "no time");
  if (!parts[0].empty()) {
    const absl::StatusOr<Rational> start = ParseSeconds(parts[0]);
    if (!start.ok()) return BadFragment(id, start.status().message());
    utterance->start = *start;
  }
  if (parts.size() == 1) return absl::OkStatus();
  const absl::StatusOr<Rational> end = ParseSeconds(parts[1]);
  if (!end.ok()) return BadFragment(id, end.status().message());
  if (*end <= utterance->start) return BadFragment(id, "it ends where it starts or before");
  ASSIGN_OR_RETURN(const Rational minus_start, Rational::Create(-utterance->start.num(), utterance->start.den()));
  ASSIGN_OR_RETURN(utterance->length, Add(*end, minus_start));
  return absl::OkStatus();
}

void SetSpeakerAndSession(ListedUtterance* utterance) {
  const std::vector<std::string> parts = absl::StrSplit(utterance->path, '/', absl::SkipEmpty());
  if (parts.size() < 2) {
    utterance->speaker = utterance->session = utterance->path;
  } else if (parts.size() == 2) {
    utterance->speaker = parts[0];
    utterance->session = utterance->path;
  } else {
    utterance->speaker = parts[parts.size() - 3];
    utterance->session = absl::StrCat(utterance->speaker, "/", parts[parts.size() - 2]);
  }
}

class ListBuilder {
 public:
  absl::Status AddTrial(const std::vector<absl::string_view>& fields) {
    if (fields.size() != 3) {
      return absl::InvalidArgumentError(
          absl::StrCat("a trial is `label utterance utterance`, three fields; here are ", fields.size()));
    }
    if (fields[0] != "0" && fields[0] != "1") {
      return absl::InvalidArgumentError(
          absl::StrCat("the label is \"", fields[0], "\"; it must be 1 (same speaker) or 0 (different speakers)"));
    }
    Trial trial;
    trial.target = fields[0] == "1";
    ASSIGN_OR_RETURN(trial.enrol, IndexOf(fields[1]));
    ASSIGN_OR_RETURN(trial.test, IndexOf(fields[2]));
    list_.trials.push_back(trial);
    return absl::OkStatus();
  }

  TrialList Build() && { return std::move(list_); }

 private:
  absl::StatusOr<int32_t> IndexOf(absl::string_view id) {
    const auto [entry, is_new] = index_.try_emplace(std::string(id), static_cast<int32_t>(list_.utterances.size()));
    if (is_new) {
      ASSIGN_OR_RETURN(ListedUtterance utterance, ParseUtteranceId(id));
      list_.utterances.push_back(std::move(utterance));
    }
    return entry->second;
  }

  TrialList list_;
  absl::flat_hash_map<std::string, int32_t> index_;
};

}  // namespace

absl::StatusOr<ListedUtterance> ParseUtteranceId(absl::string_view id) {
  ListedUtterance utterance;
  utterance.id = std::string(id);
  const size_t fragment = id.rfind(kTimeFragment);
  utterance.path = std::string(id.substr(0, fragment));
  if (utterance.path.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("the utterance \"", id, "\" has no path"));
  }
  if (fragment != absl::string_view::npos) {
    RETURN_IF_ERROR(ParseFragment(id.substr(fragment + kTimeFragment.size()), &utterance));
  }
  SetSpeakerAndSession(&utterance);
  return utterance;
}

int64_t TrialList::num_target() const {
  return std::count_if(trials.begin(), trials.end(), [](const Trial& trial) { return trial.target; });
}

SpeakerIndex IndexSpeakers(const TrialList& list) {
  SpeakerIndex index;
  for (const ListedUtterance& utterance : list.utterances) index.names.push_back(utterance.speaker);
  std::sort(index.names.begin(), index.names.end());
  index.names.erase(std::unique(index.names.begin(), index.names.end()), index.names.end());
  for (const ListedUtterance& utterance : list.utterances) {
    const auto place = std::lower_bound(index.names.begin(), index.names.end(), utterance.speaker);
    index.of_utterance.push_back(static_cast<int32_t>(place - index.names.begin()));
  }
  return index;
}

absl::StatusOr<TrialList> ParseTrialList(absl::string_view text, absl::string_view name) {
  absl::ConsumePrefix(&text, "\xef\xbb\xbf");
  ListBuilder builder;
  int64_t number = 0;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    const std::vector<absl::string_view> fields = absl::StrSplit(line, absl::ByAnyChar(" \t\r"), absl::SkipEmpty());
    if (fields.empty()) continue;
    if (const absl::Status status = builder.AddTrial(fields); !status.ok()) {
      return absl::Status(status.code(), absl::StrCat(name, ":", number, ": ", status.message()));
    }
  }
  TrialList list = std::move(builder).Build();
  if (list.trials.empty()) return absl::InvalidArgumentError(absl::StrCat(name, ": the list holds no trial"));
  return list;
}

absl::StatusOr<TrialList> ReadTrialList(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  return ParseTrialList(text, path);
}

std::string FormatTrialList(const TrialList& list) {
  std::string text;
  for (const Trial& trial : list.trials) {
    absl::StrAppend(&text, trial.target ? "1 " : "0 ", list.utterances[trial.enrol].id, " ",
                    list.utterances[trial.test].id, "\n");
  }
  return text;
}

}  // namespace diarflow
