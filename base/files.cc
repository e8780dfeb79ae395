#include "base/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "tools/cpp/runfiles/runfiles.h"

namespace diarflow {
namespace {

using bazel::tools::cpp::runfiles::Runfiles;

std::string& ProgramPath() {
  static auto* path = new std::string;
  return *path;
}

absl::Status SystemError(const std::string& doing, const std::string& path, int error) {
  const std::string message = absl::StrCat(doing, " ", path, ": ", std::strerror(error));
  if (error == ENOENT || error == ENOTDIR) return absl::NotFoundError(message);
  if (error == EACCES || error == EPERM) return absl::PermissionDeniedError(message);
  if (error == ENOSPC) return absl::ResourceExhaustedError(message);
  return absl::DataLossError(message);
}

absl::StatusOr<std::string> ResolveRunfile(absl::string_view name) {
  // One object for the process: making it reads a manifest. Never destroyed.
  static Runfiles* const runfiles = [] {
    std::string error;
    Runfiles* made = Runfiles::CreateForTest(&error);
    if (made == nullptr) made = Runfiles::Create(ProgramPath(), &error);
    // Started through PATH or a link: where the program itself lies.
    std::error_code no_link;
    const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", no_link);
    if (made == nullptr && !no_link) made = Runfiles::Create(program.string(), &error);
    return made;
  }();
  std::string location(name);
  if (!absl::ConsumePrefix(&name, "@"))
    location = absl::StrCat("diarflow/", name);
  else
    location = std::string(name);
  const std::string path = runfiles == nullptr ? "" : runfiles->Rlocation(location);
  if (path.empty() || !FileExists(path)) {
    return absl::NotFoundError(absl::StrCat("runfiles:", name,
                                            ": the build did not bring this file along; add it to the ",
                                            "`data` of the target, or start the program from bazel-bin"));
  }
  return path;
}

absl::Status WriteAndRename(const std::string& path, absl::string_view bytes, bool sync) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  if (!folder.empty()) {
    if (absl::Status status = MakeDirectories(folder); !status.ok()) return status;
  }
  std::string temporary = absl::StrCat(path, ".XXXXXX");
  const int fd = mkstemp(temporary.data());
  if (fd < 0) return SystemError("cannot write", path, errno);
  fchmod(fd, 0644);
  int error = 0;
  while (!bytes.empty()) {
    const ssize_t n = write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      error = errno;
      break;
    }
    bytes.remove_prefix(static_cast<size_t>(n));
  }
  if (sync && error == 0 && fsync(fd) != 0) error = errno;
  if (close(fd) != 0 && error == 0) error = errno;
  if (error == 0 && rename(temporary.c_str(), path.c_str()) != 0) error = errno;
  if (error != 0) {
    unlink(temporary.c_str());
    return SystemError("cannot write", path, error);
  }
  if (!sync) return absl::OkStatus();
  // The new name is on the disk once the folder is.
  const int folder_fd = open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder_fd < 0) return SystemError("cannot open the folder of", path, errno);
  if (fsync(folder_fd) != 0) error = errno;
  close(folder_fd);
  return error == 0 ? absl::OkStatus() : SystemError("cannot write", path, error);
}

}  // namespace

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return SystemError("cannot open", path, errno);
  std::string bytes;
  struct stat info;
  if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode)) bytes.reserve(static_cast<size_t>(info.st_size));
  char block[1 << 16];
  for (;;) {
    const ssize_t n = read(fd, block, sizeof(block));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      const int error = errno;
      close(fd);
      return SystemError("cannot read", path, error);
    }
    if (n == 0) break;
    bytes.append(block, static_cast<size_t>(n));
  }
  close(fd);
  return bytes;
}

absl::Status WriteFileAtomically(const std::string& path, absl::string_view bytes) {
  return WriteAndRename(path, bytes, /*sync=*/false);
}

absl::Status WriteFileDurably(const std::string& path, absl::string_view bytes) {
  return WriteAndRename(path, bytes, /*sync=*/true);
}

absl::Status MakeDirectories(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return SystemError("cannot make the folder", path, error.value());
  return absl::OkStatus();
}

bool FileExists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

std::string JoinPath(absl::string_view folder, absl::string_view path) {
  if (folder.empty() || absl::StartsWith(path, "/")) return std::string(path);
  if (path.empty()) return std::string(folder);
  return absl::StrCat(absl::StripSuffix(folder, "/"), "/", path);
}

absl::StatusOr<std::string> ResolvePath(absl::string_view path) {
  if (absl::ConsumePrefix(&path, "runfiles:")) return ResolveRunfile(path);
  if (absl::StartsWith(path, "~/")) {
    const char* home = std::getenv("HOME");
    if (home == nullptr) return absl::NotFoundError(absl::StrCat(path, ": HOME is not set"));
    return JoinPath(home, path.substr(2));
  }
  const char* typed_in = std::getenv("BUILD_WORKING_DIRECTORY");
  if (typed_in != nullptr) return JoinPath(typed_in, path);
  return std::string(path);
}

void SetProgramPath(const std::string& argv0) { ProgramPath() = argv0; }

}  // namespace diarflow
