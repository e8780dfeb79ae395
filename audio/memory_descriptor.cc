#include "audio/memory_descriptor.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace diarflow {
namespace {

constexpr size_t kBlockBytes = 1 << 18;

absl::StatusOr<Descriptor> ReadStandardInput() {
  struct stat info;
  if (fstat(STDIN_FILENO, &info) != 0) return absl::InvalidArgumentError("standard input is closed");
  if (isatty(STDIN_FILENO)) {
    return absl::InvalidArgumentError("standard input is a terminal: a recording is to come from a pipe or a file");
  }
  if (S_ISREG(info.st_mode) && lseek(STDIN_FILENO, 0, SEEK_CUR) == 0) {
    return Descriptor(fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3));
  }
  return ReadIntoMemory(STDIN_FILENO, "standard input", MostBytesInMemory());
}

}  // namespace

Descriptor Descriptor::Duplicate() const { return Descriptor(fcntl(fd_, F_DUPFD_CLOEXEC, 3)); }

int64_t MostBytesInMemory() { return int64_t{sysconf(_SC_PHYS_PAGES)} * sysconf(_SC_PAGESIZE) / 2; }

absl::StatusOr<Descriptor> NewMemoryFile() {
  Descriptor file(memfd_create("recording", MFD_CLOEXEC));
  if (file.get() < 0) return absl::ResourceExhaustedError(absl::StrCat("no file in memory: ", std::strerror(errno)));
  return file;
}

absl::Status AppendTo(int fd, absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return absl::ResourceExhaustedError(absl::StrCat("no memory for the stream: ", std::strerror(errno)));
    bytes.remove_prefix(static_cast<size_t>(n));
  }
  return absl::OkStatus();
}

absl::StatusOr<Descriptor> ReadIntoMemory(int fd, const std::string& name, int64_t most_bytes) {
  ASSIGN_OR_RETURN(Descriptor file, NewMemoryFile());
  std::vector<char> block(kBlockBytes);
  for (int64_t bytes = 0;;) {
    const ssize_t n = read(fd, block.data(), block.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return absl::DataLossError(absl::StrCat(name, ": cannot be read: ", std::strerror(errno)));
    if (n == 0) return file;
    bytes += n;
    if (bytes > most_bytes) {
      return absl::ResourceExhaustedError(
          absl::StrCat(name, ": more than ", most_bytes, " bytes; so long a recording is read from a file only"));
    }
    RETURN_IF_ERROR(AppendTo(file.get(), absl::string_view(block.data(), static_cast<size_t>(n))));
  }
}

absl::StatusOr<Descriptor> StandardInputFile() {
  // A stream can be read once only. Never destroyed.
  static const auto* const file = new absl::StatusOr<Descriptor>(ReadStandardInput());
  if (!file->ok()) return file->status();
  Descriptor copy = (*file)->Duplicate();
  if (copy.get() < 0) return absl::ResourceExhaustedError("standard input: too many open files");
  return copy;
}

}  // namespace diarflow
