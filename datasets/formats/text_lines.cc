#include "datasets/formats/text_lines.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/status_macros.h"

namespace diarflow {
namespace {

constexpr size_t kMaxLine = 1 << 20;

absl::Status SystemError(absl::string_view doing, const std::string& path, int error) {
  const std::string message = absl::StrCat(doing, " ", path, ": ", std::strerror(error));
  if (error == ENOENT || error == ENOTDIR) return absl::NotFoundError(message);
  if (error == EACCES || error == EPERM) return absl::PermissionDeniedError(message);
  return absl::DataLossError(message);
}

// Takes text in pieces and passes lines on.
class LineCutter {
 public:
  LineCutter(absl::string_view name, const LineFunction& take) : name_(name), take_(take) {}

  absl::Status Add(absl::string_view piece) {
    size_t end;
    while ((end = piece.find('\n')) != absl::string_view::npos) {
      if (rest_.empty()) {
        RETURN_IF_ERROR(Pass(piece.substr(0, end)));
      } else {
        absl::StrAppend(&rest_, piece.substr(0, end));
        RETURN_IF_ERROR(Pass(rest_));
        rest_.clear();
      }
      piece.remove_prefix(end + 1);
    }
    absl::StrAppend(&rest_, piece);
    return rest_.size() > kMaxLine ? TooLong() : absl::OkStatus();
  }

  absl::Status Finish() { return rest_.empty() ? absl::OkStatus() : Pass(rest_); }

 private:
  absl::Status Pass(absl::string_view line) {
    if (line.size() > kMaxLine) return TooLong();
    if (++number_ == 1) absl::ConsumePrefix(&line, "\xef\xbb\xbf");
    absl::ConsumeSuffix(&line, "\r");
    const absl::Status status = take_(line);
    if (status.ok()) return status;
    return absl::Status(status.code(), absl::StrCat(name_, ":", number_, ": ", status.message()));
  }

  absl::Status TooLong() const {
    return absl::InvalidArgumentError(
        absl::StrCat(name_, ":", number_ + 1, ": a line of more than ", kMaxLine, " bytes: this is no text file"));
  }

  const absl::string_view name_;
  const LineFunction& take_;
  std::string rest_;
  int64_t number_ = 0;
};

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  ~FileDescriptor() {
    if (fd_ >= 0) close(fd_);
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  int get() const { return fd_; }

 private:
  const int fd_;
};

}  // namespace

absl::Status ForEachLine(absl::string_view text, absl::string_view name, const LineFunction& take) {
  LineCutter cutter(name, take);
  RETURN_IF_ERROR(cutter.Add(text));
  return cutter.Finish();
}

absl::Status ForEachLineOfFile(const std::string& path, const LineFunction& take) {
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return SystemError("cannot open", path, errno);
  LineCutter cutter(path, take);
  std::vector<char> block(1 << 16);
  for (;;) {
    const ssize_t size = read(file.get(), block.data(), block.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return SystemError("cannot read", path, errno);
    if (size == 0) return cutter.Finish();
    RETURN_IF_ERROR(cutter.Add(absl::string_view(block.data(), static_cast<size_t>(size))));
  }
}

std::vector<absl::string_view> SplitFields(absl::string_view line) {
  return absl::StrSplit(line, absl::ByAnyChar(" \t\r"), absl::SkipEmpty());
}

}  // namespace diarflow
