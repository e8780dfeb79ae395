// The voices set: 46 speakers in about 25 languages who say words, letters and telephone prompts, out of six Debian
// packages (third_party/repos/voices.bzl). For training, for simulated conversations, and for verification.
//
//   ASSIGN_OR_RETURN(const std::vector<VoicesRow> map, ReadVoicesMap("datasets/voices/voices.csv"));
//   ASSIGN_OR_RETURN(const VoicesSet set, ListVoices(map, root, {}));
//
// Who speaks where is known by a table, not by folders. Its lines are, after comments (#) and a head with these names:
//   glob       files below the root, as in fnmatch(3): * ? [...]; a * matches slashes as well
//   exclude    globs, separated by blanks: other voices, noises
//   speaker    several lines may name one speaker
//   language   as in file names: "pt_BR"; "de+en" speaks two
//   sex        F or M, told by pitch
//   package    the Debian package; taken for the session, since its recordings share how they were made
//   licence    of the recordings
//   use        all; train: not for scoring, since the recordings are unlike each other; none: left out
//   side       may be empty. Speakers who name the same side may be one person: no split may part them
// No field holds a comma or a quote.
//
// Nearly every speaker has a language and a channel of their own, so that telling those apart looks like telling voices
// apart. Hence training and validation share neither a person nor a package: the packages of
// VoicesOptions::validation_packages are "validation", the others "train". Whoever (with their side) is in both, and
// whoever is for training only but in a package of validation, keeps "train"; their files in validation packages are
// in no split.
#ifndef DIARFLOW_DATASETS_VOICES_VOICES_H_
#define DIARFLOW_DATASETS_VOICES_VOICES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "datasets/manifest.h"

namespace diarflow {

inline constexpr absl::string_view kVoicesTrain = "train";
inline constexpr absl::string_view kVoicesValidation = "validation";

enum class VoicesUse { kAll, kTrain, kNone };

struct VoicesRow {
  std::string glob;
  std::vector<std::string> exclude;
  std::string speaker;
  std::string language;
  std::string sex;
  std::string package;
  std::string licence;
  VoicesUse use = VoicesUse::kAll;
  std::string side;
};

// The table's lines, in order. kInvalidArgument, "name:line: ...", for another head, a line with another number of
// fields, an empty glob, speaker or package, another sex or use, an absolute glob or one with "..", and for lines that
// give a speaker another use, sex or side than before; also when there is no line.
absl::StatusOr<std::vector<VoicesRow>> ParseVoicesMap(absl::string_view text, absl::string_view name);
// The same from a file. Errors of ForEachLineOfFile() as well.
absl::StatusOr<std::vector<VoicesRow>> ReadVoicesMap(const std::string& path);

struct VoicesOptions {
  std::vector<std::string> validation_packages = {"asterisk-prompt-es-co", "asterisk-prompt-fr-armelle", "kajongg"};
};

struct VoicesSpeaker {
  std::string name;
  std::string language;  // of the first line
  std::string sex;
  std::string side;                   // never empty: the speaker's name where the table has none
  std::vector<std::string> packages;  // in byte order
  VoicesUse use = VoicesUse::kAll;
  int64_t files = 0;
  int64_t duration = 0;  // microseconds
};

struct VoicesSet {
  // By path, in byte order. audio is below the root, utterance the path from there, session the package, split as
  // above (or empty); duration is that of the file, silences and all; text is empty.
  std::vector<ManifestEntry> entries;
  std::vector<VoicesSpeaker> speakers;  // of the entries, in byte order
  int64_t duration = 0;                 // of all entries, microseconds

  // Files that the table names and that are not among the entries:
  int64_t left_out = 0;                 // with the use "none"
  std::vector<std::string> duplicates;  // byte for byte as an earlier one of the same speaker
  // Equal to one of another speaker: nobody knows who it is, so neither is taken.
  std::vector<std::string> contradictions;
  // As "path: reason"; first the folders, then the files, also those without samples, or with too many.
  std::vector<std::string> unreadable;
  std::vector<std::string> empty_globs;  // no file matches: a package is missing below the root
};

// The files below `root` (which holds usr/share/...) with what the table knows of them.
// kNotFound when not one glob matches (the message says where it was looked for); kInvalidArgument when a file belongs
// to two speakers by the table, or when a validation package is not in the table.
absl::StatusOr<VoicesSet> ListVoices(const std::vector<VoicesRow>& map, const std::string& root,
                                     const VoicesOptions& options);

// "46 speakers (26 F, 20 M), 6376 files, 1.94 hours; train: 39 speakers (22 F, 17 M), ...": for reports.
std::string DescribeVoices(const VoicesSet& set);

}  // namespace diarflow

#endif  // DIARFLOW_DATASETS_VOICES_VOICES_H_
