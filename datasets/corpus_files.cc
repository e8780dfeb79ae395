#include "datasets/corpus_files.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "audio/decode.h"
#include "base/files.h"
#include "base/status_macros.h"
#include "diarization/turns.h"

namespace diarflow {
namespace {

class Walk {
 public:
  explicit Walk(const std::string& root) : root_(root) {}

  // `below` is the path from the root on, "" of the root itself.
  void Visit(const std::string& below, int levels) {
    const std::string folder = below.empty() ? root_ : JoinPath(root_, below);
    std::error_code error;
    const std::filesystem::path canonical = std::filesystem::canonical(folder, error);
    if (std::find(above_.begin(), above_.end(), canonical) != above_.end()) return;
    above_.push_back(canonical);
    std::vector<std::string> folders;
    std::filesystem::directory_iterator entry(folder, error);
    for (const std::filesystem::directory_iterator end; !error && entry != end; entry.increment(error)) {
      const std::string name = entry->path().filename().string();
      if (name[0] == '.' || name == "__MACOSX") continue;
      std::error_code ignored;
      if (entry->is_directory(ignored)) {
        if (levels > 0) folders.push_back(name);
      } else if (entry->is_regular_file(ignored)) {
        files_.paths.push_back(JoinPath(below, name));
      }
    }
    if (error) files_.unreadable.push_back(absl::StrCat(folder, ": ", error.message()));
    for (const std::string& name : folders) Visit(JoinPath(below, name), levels - 1);
    above_.pop_back();
  }

  FolderFiles Finish() && {
    std::sort(files_.paths.begin(), files_.paths.end());
    std::sort(files_.unreadable.begin(), files_.unreadable.end());
    return std::move(files_);
  }

 private:
  const std::string root_;
  FolderFiles files_;
  std::vector<std::filesystem::path> above_;
};

}  // namespace

FolderFiles FilesBelow(const std::string& folder, int levels) {
  Walk walk(folder);
  walk.Visit("", levels);
  return std::move(walk).Finish();
}

bool IsFolder(const std::string& path) {
  std::error_code error;
  return std::filesystem::is_directory(path, error);
}

absl::string_view FileName(absl::string_view path) { return path.substr(path.rfind('/') + 1); }  // npos + 1 is 0

absl::string_view StemOf(absl::string_view path, absl::string_view extension) {
  const absl::string_view name = FileName(path);
  return absl::EndsWithIgnoreCase(name, extension) ? name.substr(0, name.size() - extension.size())
                                                   : absl::string_view();
}

absl::StatusOr<int64_t> AudioDuration(const std::string& path) {
  ASSIGN_OR_RETURN(const AudioInfo info, ReadAudioInfo(path));
  if (info.num_samples <= 0 || info.num_samples / info.sample_rate >= kMaxMicroseconds / kMicrosecondsPerSecond) {
    return absl::DataLossError(absl::StrCat(path, ": the file says that it holds ", info.num_samples, " samples"));
  }
  return MicrosecondsFromSamples(info.num_samples, info.sample_rate);
}

std::vector<std::string> IncompleteSplits(const std::vector<ManifestEntry>& entries,
                                          const std::vector<ExpectedSplit>& expected) {
  std::map<std::string, int64_t> found;
  for (const ManifestEntry& entry : entries) ++found[entry.split];
  std::vector<std::string> sentences;
  for (const ExpectedSplit& split : expected) {
    const auto here = found.find(split.split);
    if (here == found.end() || !split.files.has_value() || here->second == *split.files) continue;
    sentences.push_back(
        absl::StrCat(split.split, ": ", here->second, " files are here, ", *split.files, " were published"));
  }
  return sentences;
}

}  // namespace diarflow
