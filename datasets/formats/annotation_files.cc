#include "datasets/formats/annotation_files.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/status_macros.h"
#include "datasets/formats/rttm.h"
#include "datasets/formats/uem.h"

namespace diarflow {
namespace {

namespace fs = std::filesystem;

absl::Status FolderError(const std::string& path, const std::error_code& error) {
  return absl::DataLossError(absl::StrCat("cannot list the folder ", path, ": ", error.message()));
}

absl::StatusOr<std::vector<std::string>> FilesOf(const std::string& path, absl::string_view extension) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() != fs::file_type::directory) return std::vector<std::string>{path};
  std::vector<std::string> files;
  // Links are followed: folders of test inputs are often made of them.
  fs::recursive_directory_iterator place(path, fs::directory_options::follow_directory_symlink, error);
  for (; !error && place != fs::recursive_directory_iterator(); place.increment(error)) {
    const bool is_file = place->is_regular_file(error);
    if (!error && is_file && place->path().extension() == std::string(extension)) files.push_back(place->path());
  }
  if (error) return FolderError(path, error);
  if (files.empty()) {
    return absl::NotFoundError(absl::StrCat("the folder ", path, " holds no file whose name ends in ", extension));
  }
  std::sort(files.begin(), files.end());
  return files;
}

// Moves `entries` of `file` to the end of `all`.
template <typename Entry>
absl::Status AddFile(const std::string& file, std::vector<Entry> entries,
                     absl::flat_hash_map<std::string, std::string>* file_of, std::vector<Entry>* all) {
  for (Entry& entry : entries) {
    const auto [known, is_new] = file_of->try_emplace(entry.uri, file);
    if (!is_new) {
      return absl::InvalidArgumentError(absl::StrCat("the recording \"", entry.uri, "\" is in two files, ",
                                                     known->second, " and ", file, "; take it out of one of them"));
    }
    all->push_back(std::move(entry));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<Recording>> ReadRttmFiles(const std::string& path) {
  std::vector<Recording> recordings;
  absl::flat_hash_map<std::string, std::string> file_of;
  ASSIGN_OR_RETURN(const std::vector<std::string> files, FilesOf(path, ".rttm"));
  const bool is_folder = files != std::vector<std::string>{path};
  for (const std::string& file : files) {
    ASSIGN_OR_RETURN(std::vector<Recording> read, ReadRttm(file));
    if (read.empty() && is_folder) read.push_back({fs::path(file).stem(), {}});
    RETURN_IF_ERROR(AddFile(file, std::move(read), &file_of, &recordings));
  }
  return recordings;
}

absl::StatusOr<std::vector<EvaluationRegion>> ReadUemFiles(const std::string& path) {
  std::vector<EvaluationRegion> regions;
  absl::flat_hash_map<std::string, std::string> file_of;
  ASSIGN_OR_RETURN(const std::vector<std::string> files, FilesOf(path, ".uem"));
  for (const std::string& file : files) {
    ASSIGN_OR_RETURN(std::vector<EvaluationRegion> read, ReadUem(file));
    RETURN_IF_ERROR(AddFile(file, std::move(read), &file_of, &regions));
  }
  return regions;
}

}  // namespace diarflow
