#include "datasets/council/council_manifest.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "audio/decode.h"
#include "base/files.h"
#include "base/status_macros.h"
#include "diarization/turns.h"

namespace diarflow {

absl::StatusOr<std::vector<ManifestEntry>> CouncilManifest(const std::string& root) {
  // Paths below the root; the files of a build are links.
  std::vector<std::string> paths;
  std::error_code error;
  for (std::filesystem::recursive_directory_iterator
           file(root, std::filesystem::directory_options::follow_directory_symlink, error),
       end;
       !error && file != end; file.increment(error)) {
    const std::string path = file->path().lexically_relative(root).string();
    if (absl::EndsWith(path, ".wav") && std::count(path.begin(), path.end(), '/') == 2) paths.push_back(path);
  }
  if (paths.empty()) {
    return absl::NotFoundError(absl::StrCat(root, ": no SPEAKER/MEETING/RECORDING.wav below this folder",
                                            error ? absl::StrCat(" (", error.message(), ")") : ""));
  }
  std::sort(paths.begin(), paths.end());
  std::vector<ManifestEntry> entries;
  for (const std::string& path : paths) {
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
  return entries;
}

}  // namespace diarflow
