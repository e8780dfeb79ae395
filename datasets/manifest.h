// Manifests: what a corpus holds, one JSON object a line (JSON Lines), in the field's usual names so that manifests of
// other programs can be read as they are. One line is one utterance, or one whole recording:
//
//   audio_filepath   the audio file; a relative path is relative to the manifest's folder
//   offset           where in the file it begins, seconds; 0 when missing
//   duration         seconds; missing: up to the end of the file
//   utterance        a name that no other line has; missing: the file's path
//   speaker_id       who speaks; missing where several do
//   session          what was recorded in one go (video, chapter, meeting); utterances of one session share a channel
//   split            "train", "dev-clean", ...
//   text             what is said
//   words, alignments
//                    the tokens of the text, and where each ends, seconds from the beginning of the utterance. The
//                    token "" is silence. Each token begins where the one before it ends, the first at 0.
//   num_speakers, rttm_filepath, uem_filepath, ctm_filepath
//                    of recordings with several speakers; paths as above
// Other keys are kept out. Times are held in microseconds; digits beyond are rounded, halves up.
//
// Writing is byte-stable: keys in the order above, those without content left out, numbers as short as they can be.
#ifndef DIARFLOW_DATASETS_MANIFEST_H_
#define DIARFLOW_DATASETS_MANIFEST_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace diarflow {

// A word, or a silence (an empty word), and where it ends: microseconds from the beginning of the utterance.
struct AlignedToken {
  std::string word;
  int64_t end = 0;

  friend bool operator==(const AlignedToken& a, const AlignedToken& b) { return a.word == b.word && a.end == b.end; }
};

struct ManifestEntry {
  std::string audio;
  int64_t offset = 0;               // microseconds
  std::optional<int64_t> duration;  // microseconds, > 0
  std::string utterance;
  std::string speaker;
  std::string session;
  std::string split;
  std::string text;
  std::vector<AlignedToken> tokens;  // ends never fall; the last at most `duration`, where that is known
  int num_speakers = 0;              // 0: not stated
  std::string rttm;
  std::string uem;
  std::string ctm;

  // What errors call it: the utterance's name, or the audio's path.
  const std::string& name() const { return utterance.empty() ? audio : utterance; }
};

bool operator==(const ManifestEntry& a, const ManifestEntry& b);

using ManifestFunction = std::function<absl::Status(ManifestEntry entry)>;

// Calls `take` for every line, in order; paths are made relative to the folder of `path` (that is, ready to be opened).
// Blank lines are skipped. Only one line is in memory. kInvalidArgument, "path:line: ...": no JSON object, a value of
// the wrong kind, no audio_filepath, a negative time, a duration of 0, words and alignments of different lengths, ends
// that fall or lie behind the duration by more than a millisecond. Errors of `take` come back with "path:line: " before
// their message. Errors of ForEachLineOfFile().
absl::Status ForEachManifestEntry(const std::string& path, const ManifestFunction& take);

// All lines. kInvalidArgument also when two have the same utterance name (the message names both lines).
absl::StatusOr<std::vector<ManifestEntry>> ReadManifest(const std::string& path);

// One line, with its LF. kInvalidArgument, naming the entry: what reading would refuse, and text that is not UTF-8.
absl::StatusOr<std::string> FormatManifestEntry(const ManifestEntry& entry);

// All entries into a file, whole or not at all. Paths below the manifest's folder are written relative to it, so that
// the folder can be moved; others as they are.
absl::Status WriteManifest(const std::string& path, const std::vector<ManifestEntry>& entries);

}  // namespace diarflow

#endif  // DIARFLOW_DATASETS_MANIFEST_H_
