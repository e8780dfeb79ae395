#include "datasets/council/cross_session_trials.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/status_macros.h"

namespace diarflow {
namespace {

absl::Status CheckRecordings(const std::vector<Recording>& sorted) {
  for (size_t i = 0; i < sorted.size(); ++i) {
    const std::string& path = sorted[i].path;
    const std::vector<std::string> parts = absl::StrSplit(path, '/', absl::SkipEmpty());
    if (parts.size() != 3) {
      return absl::InvalidArgumentError(absl::StrCat(path, ": a recording is named speaker/session/utterance.wav"));
    }
    if (sorted[i].num_samples < 0 || sorted[i].sample_rate < 1) {
      return absl::InvalidArgumentError(
          absl::StrCat(path, ": ", sorted[i].num_samples, " samples at ", sorted[i].sample_rate, " Hz"));
    }
    if (i > 0 && sorted[i - 1].path == path) {
      return absl::InvalidArgumentError(absl::StrCat(path, " is there twice"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<TrialList> CrossSessionTrials(std::vector<Recording> recordings, int piece_seconds) {
  if (piece_seconds < 0) {
    return absl::InvalidArgumentError(absl::StrCat("pieces of ", piece_seconds, " s cannot be cut"));
  }
  std::sort(recordings.begin(), recordings.end(),
            [](const Recording& a, const Recording& b) { return a.path < b.path; });
  RETURN_IF_ERROR(CheckRecordings(recordings));

  TrialList list;
  const auto add = [&list](const std::string& id) -> absl::Status {
    ASSIGN_OR_RETURN(ListedUtterance utterance, ParseUtteranceId(id));
    list.utterances.push_back(std::move(utterance));
    return absl::OkStatus();
  };
  for (const Recording& recording : recordings) {
    if (piece_seconds == 0) {
      RETURN_IF_ERROR(add(recording.path));
      continue;
    }
    const int64_t pieces = recording.num_samples / recording.sample_rate / piece_seconds;
    for (int64_t i = 0; i < pieces; ++i) {
      RETURN_IF_ERROR(add(absl::StrCat(recording.path, "#t=", i * piece_seconds, ",", (i + 1) * piece_seconds)));
    }
  }

  // A session is a meeting, whoever speaks: its name without the speaker.
  const auto meeting = [](const ListedUtterance& utterance) {
    return absl::string_view(utterance.session).substr(utterance.speaker.size());
  };
  for (size_t a = 0; a < list.utterances.size(); ++a) {
    for (size_t b = a + 1; b < list.utterances.size(); ++b) {
      const ListedUtterance& first = list.utterances[a];
      const ListedUtterance& second = list.utterances[b];
      if (meeting(first) == meeting(second)) continue;
      list.trials.push_back({first.speaker == second.speaker, static_cast<int32_t>(a), static_cast<int32_t>(b)});
    }
  }
  if (list.num_target() == 0 || list.num_nontarget() == 0) {
    return absl::InvalidArgumentError(absl::StrCat(recordings.size(), " recordings give ", list.num_target(),
                                                   " target and ", list.num_nontarget(),
                                                   " non-target trials across sessions; there must be some of both"));
  }
  return list;
}

}  // namespace diarflow
