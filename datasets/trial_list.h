// Lists of speaker verification trials: one trial per line, `label enrolment-utterance test-utterance`, label 1 = same
// speaker (target), 0 = different speakers (non-target). The format of the VoxCeleb lists.
//
// An utterance is named by a path relative to an audio folder. It may name a piece of the file by a W3C media fragment,
// `path#t=START,END` in seconds ("#t=3,6", "#t=,2.5", "#t=12.125"; "npt:" may precede). Times are exact decimals, and
// START < END.
//
// Speaker and session come from the path, which is `speaker/session/utterance.wav` in VoxCeleb:
//   three parts or more   the last three of them; the session is "speaker/session";
//   two                   `speaker/utterance.wav`: the file is the session;
//   one                   the file is speaker and session.
//
// Reading is lenient on blanks and tabs, blank lines, CRLF and a byte order mark. Bytes above 127 are kept as they are.
#ifndef DIARFLOW_DATASETS_TRIAL_LIST_H_
#define DIARFLOW_DATASETS_TRIAL_LIST_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "audio/time_grid.h"

namespace diarflow {

// An utterance as a trial list names it.
struct ListedUtterance {
  std::string id;                  // the whole name, fragment included
  std::string path;                // without the fragment
  Rational start;                  // seconds
  std::optional<Rational> length;  // seconds; without it up to the end of the file
  std::string speaker;
  std::string session;
};

// kInvalidArgument when `id` is empty or its fragment is not as above; the message names the id.
absl::StatusOr<ListedUtterance> ParseUtteranceId(absl::string_view id);

struct Trial {
  bool target = false;
  // Indexes into TrialList::utterances.
  int32_t enrol = 0;
  int32_t test = 0;
};

inline bool operator==(const Trial& a, const Trial& b) {
  return a.target == b.target && a.enrol == b.enrol && a.test == b.test;
}

struct TrialList {
  // Every utterance once, in order of its first appearance.
  std::vector<ListedUtterance> utterances;
  // In the order of the file; the same trial may occur twice.
  std::vector<Trial> trials;

  int64_t num_target() const;
  int64_t num_nontarget() const { return static_cast<int64_t>(trials.size()) - num_target(); }
};

// Speakers of a list as numbers, for the bootstrap over speakers.
struct SpeakerIndex {
  std::vector<std::string> names;     // in byte order
  std::vector<int32_t> of_utterance;  // as TrialList::utterances: an index into `names`
};
SpeakerIndex IndexSpeakers(const TrialList& list);

// `name` stands before line numbers in errors. kInvalidArgument, "name:line: ...": not three fields, a label that is
// neither 0 nor 1, a bad fragment; also when the list holds no trial.
absl::StatusOr<TrialList> ParseTrialList(absl::string_view text, absl::string_view name);

// ParseTrialList() of a file. Errors of ReadFile() as well.
absl::StatusOr<TrialList> ReadTrialList(const std::string& path);

// The list as text: "1 a b\n" for every trial. Parsing it gives the list back.
std::string FormatTrialList(const TrialList& list);

}  // namespace diarflow

#endif  // DIARFLOW_DATASETS_TRIAL_LIST_H_
