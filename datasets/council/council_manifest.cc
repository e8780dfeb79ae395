#include "datasets/council/council_manifest.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "audio/decode.h"
#include "base/files.h"
#include "base/status_macros.h"
#include "datasets/corpus_files.h"
#include "diarization/turns.h"

namespace diarflow {
namespace {

constexpr int kLevels = 2;  // speaker, meeting

}  // namespace

absl::StatusOr<std::vector<ManifestEntry>> CouncilManifest(const std::string& root) {
  const FolderFiles files = FilesBelow(root, kLevels);
  // What could not be seen would make a smaller corpus without a word.
  if (!files.unreadable.empty() && IsFolder(root)) {
    return absl::DataLossError(absl::StrCat("folders cannot be read: ", absl::StrJoin(files.unreadable, "; ")));
  }
  std::vector<ManifestEntry> entries;
  for (const std::string& path : files.paths) {
    if (!absl::EndsWith(path, ".wav") || std::count(path.begin(), path.end(), '/') != kLevels) continue;
    const std::vector<std::string> parts = absl::StrSplit(path, '/');
    ManifestEntry entry;
    entry.utterance = path;
    entry.audio = JoinPath(root, path);
    entry.speaker = parts[0];
    entry.session = parts[1];
    ASSIGN_OR_RETURN(const AudioInfo info, ReadAudioInfo(entry.audio));
    if (info.num_samples == 0) continue;
    entry.duration = MicrosecondsFromSamples(info.num_samples, info.sample_rate);
    entries.push_back(std::move(entry));
  }
  if (entries.empty()) {
    const std::string reason = files.unreadable.empty() ? "" : absl::StrCat(" (", files.unreadable.front(), ")");
    return absl::NotFoundError(absl::StrCat(root, ": no SPEAKER/MEETING/RECORDING.wav below this folder", reason));
  }
  return entries;
}

}  // namespace diarflow
