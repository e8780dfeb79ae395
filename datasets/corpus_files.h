// What the libraries of corpora share: which files lie below a folder, how long audio is, whether a split is whole.
#ifndef DIARFLOW_DATASETS_CORPUS_FILES_H_
#define DIARFLOW_DATASETS_CORPUS_FILES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "datasets/corpus.h"

namespace diarflow {

struct FolderFiles {
  std::vector<std::string> paths;       // from the folder on, in byte order
  std::vector<std::string> unreadable;  // folders, as "path: reason"
};

// Files in `folder` and at most `levels` folders below it. Links are followed, but not those to a folder that holds
// them. Hidden files and folders (".x"), and "__MACOSX", which archives made on a Mac leave behind, are passed over.
FolderFiles FilesBelow(const std::string& folder, int levels);

bool IsFolder(const std::string& path);

// The name of a path's file: "x.wav" of "a/x.wav".
absl::string_view FileName(absl::string_view path);
// "x" of "a/x.alignment.txt" when `extension` is ".alignment.txt", whatever the letters' case; empty when the name does
// not end so.
absl::string_view StemOf(absl::string_view path, absl::string_view extension);

// The length of an audio file in microseconds, > 0, by what it says about itself. Errors of ReadAudioInfo();
// kDataLoss when it holds no samples, or more than 10^9 seconds.
absl::StatusOr<int64_t> AudioDuration(const std::string& path);

// One sentence for each split that has entries, but another number of them than was published: "dev-clean: 5 files
// are here, 2703 were published". Splits without entries, or of which no number is published, are passed over.
std::vector<std::string> IncompleteSplits(const std::vector<ManifestEntry>& entries,
                                          const std::vector<ExpectedSplit>& expected);

}  // namespace diarflow

#endif  // DIARFLOW_DATASETS_CORPUS_FILES_H_
