#include "audio/file_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace diarflow {

absl::Status FileSource::Open(const std::string& path) {
  if (path == "-") {
    ASSIGN_OR_RETURN(Descriptor input, StandardInputFile());
    return Take(std::move(input), "standard input");
  }
  // O_NONBLOCK: opening a pipe must not wait for its writer.
  Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) {
    const int error = errno;
    const std::string message = absl::StrCat(path, ": cannot be opened: ", std::strerror(error));
    if (error == ENOENT || error == ENOTDIR) return absl::NotFoundError(message);
    if (error == EACCES || error == EPERM) return absl::PermissionDeniedError(message);
    return absl::DataLossError(message);
  }
  return Take(std::move(file), path);
}

absl::Status FileSource::Take(Descriptor file, const std::string& name) {
  file_ = std::move(file);
  struct stat info;
  if (fstat(file_.get(), &info) != 0 || !S_ISREG(info.st_mode)) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, ": not a regular file; audio is read from regular files only"));
  }
  size_ = info.st_size;
  if (size_ == 0) return absl::DataLossError(absl::StrCat(name, ": the file is empty (0 bytes)"));
  return absl::OkStatus();
}

int64_t FileSource::Read(char* to, int64_t count) {
  int64_t done = 0;
  while (done < count) {
    const ssize_t n = pread(file_.get(), to + done, static_cast<size_t>(count - done), position_ + done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    done += n;
  }
  for (int i = 0; override_offset_ >= 0 && i < 4; ++i) {
    const int64_t at = override_offset_ + i - position_;
    if (at >= 0 && at < done) to[at] = override_bytes_[i];
  }
  position_ += done;
  return done;
}

SF_VIRTUAL_IO FileSource::Callbacks() {
  SF_VIRTUAL_IO io = {};
  io.get_filelen = [](void* self) -> sf_count_t { return static_cast<FileSource*>(self)->size_; };
  io.seek = [](sf_count_t offset, int whence, void* self) -> sf_count_t {
    auto* source = static_cast<FileSource*>(self);
    const int64_t base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? source->position_ : source->size_;
    source->position_ = std::max<int64_t>(0, base + offset);
    return source->position_;
  };
  io.read = [](void* to, sf_count_t count, void* self) -> sf_count_t {
    return static_cast<FileSource*>(self)->Read(static_cast<char*>(to), count);
  };
  io.write = [](const void*, sf_count_t, void*) -> sf_count_t { return 0; };
  io.tell = [](void* self) -> sf_count_t { return static_cast<FileSource*>(self)->position_; };
  return io;
}

}  // namespace diarflow
