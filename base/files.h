// Whole files and paths.
#ifndef DIARFLOW_BASE_FILES_H_
#define DIARFLOW_BASE_FILES_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace diarflow {

// The bytes of a file. kNotFound, kPermissionDenied or kDataLoss, with the path and the system's reason.
absl::StatusOr<std::string> ReadFile(const std::string& path);

// Writes a file whole or not at all: into a temporary file beside it, which then takes its name. A reader never
// sees a part, also when the process is killed. Makes missing folders.
absl::Status WriteFileAtomically(const std::string& path, absl::string_view bytes);

// The same, and what was written is on the disk when this returns OK: also a machine that stops leaves the old file or
// the new one. Takes some milliseconds more.
absl::Status WriteFileDurably(const std::string& path, absl::string_view bytes);

// Makes a folder and those above it, where missing.
absl::Status MakeDirectories(const std::string& path);

bool FileExists(const std::string& path);

// "a/b" from "a" and "b"; `path` alone when it is absolute or `folder` is empty.
std::string JoinPath(absl::string_view folder, absl::string_view path);

// What a user's path means, wherever the program runs:
//   "runfiles:experiments/x.txt"   a file that the build brought along ("runfiles:@repository/..." for another
//   repository's);
//   "~/x"                          below $HOME;
//   a relative path                below the folder where the user typed the command (under `bazel run` that is
//                                  BUILD_WORKING_DIRECTORY, not the working directory of the process);
//   an absolute path               itself.
// kNotFound when a "runfiles:" file was not brought along.
absl::StatusOr<std::string> ResolvePath(absl::string_view path);

// To be called first in main() with argv[0]: it is where runfiles are looked for. Tests need not call it.
void SetProgramPath(const std::string& argv0);

}  // namespace diarflow

#endif  // DIARFLOW_BASE_FILES_H_
