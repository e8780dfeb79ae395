#include "audio/ffmpeg.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <iterator>
#include <list>
#include <memory>
#include <mutex>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "base/status_macros.h"

extern char** environ;

namespace diarflow {
namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kBlockBytes = 1 << 16;
constexpr size_t kMostWords = 4000;  // of its messages, in bytes

// A process; killed and waited for when it goes.
class Process {
 public:
  ~Process() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    Wait();
  }

  // Answers errno.
  int Start(const std::string& program, const std::vector<const char*>& arguments, const int (&descriptors)[3]) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    for (int i = 0; i < 3; ++i) posix_spawn_file_actions_adddup2(&actions, descriptors[i], i);
    // What this program does with signals is no business of that one.
    sigset_t signals;
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(&attributes, &signals);
    sigaddset(&signals, SIGPIPE);
    posix_spawnattr_setsigdefault(&attributes, &signals);
    // Nor is Ctrl-C, which goes to a terminal's whole process group, meant for it: a recording would look damaged.
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    std::vector<char*> argv = {const_cast<char*>(program.c_str())};
    for (const char* argument : arguments) argv.push_back(const_cast<char*>(argument));
    argv.push_back(nullptr);
    const int error = posix_spawnp(&pid_, program.c_str(), &actions, &attributes, argv.data(), environ);
    if (error != 0) pid_ = -1;
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return error;
  }

  // Its exit code, or minus the signal that ended it.
  int Wait() {
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
  }

 private:
  pid_t pid_ = -1;
};

struct Pipe {
  Descriptor read_end, write_end;
};

absl::StatusOr<Pipe> NewPipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return absl::ResourceExhaustedError(absl::StrCat("pipe: ", std::strerror(errno)));
  return Pipe{Descriptor(ends[0]), Descriptor(ends[1])};
}

// Reads what is there; false at the end. REQUIRES: poll() has said that there is something.
bool ReadSome(int fd, std::string* bytes) {
  bytes->resize(kBlockBytes);
  const ssize_t n = read(fd, bytes->data(), bytes->size());
  const bool again = n < 0 && (errno == EINTR || errno == EAGAIN);
  bytes->resize(n > 0 ? static_cast<size_t>(n) : 0);
  return n > 0 || again;
}

// Takes samples and messages until both streams end.
absl::Status Receive(const FfmpegOptions& options, Descriptor samples, Descriptor messages, int file,
                     std::string* words) {
  std::string block;
  int64_t bytes = 0;
  Clock::time_point last = Clock::now();
  pollfd ends[2] = {{samples.get(), POLLIN, 0}, {messages.get(), POLLIN, 0}};
  while (ends[0].fd >= 0 || ends[1].fd >= 0) {
    const int64_t waited = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - last).count();
    const int64_t left = options.patience_milliseconds - waited;
    if (left <= 0) {
      return absl::DeadlineExceededError(
          absl::StrCat("ffmpeg gave nothing for ", options.patience_milliseconds / 1000.0, " s and was stopped"));
    }
    if (poll(ends, 2, static_cast<int>(left)) <= 0) continue;
    if (ends[0].revents != 0) {
      last = Clock::now();
      if (!ReadSome(ends[0].fd, &block)) ends[0].fd = -1;
      bytes += static_cast<int64_t>(block.size());
      if (bytes > options.most_bytes) {
        return absl::ResourceExhaustedError(absl::StrCat("its samples take more than ", options.most_bytes,
                                                         " bytes: convert it to a WAV or FLAC file first"));
      }
      RETURN_IF_ERROR(AppendTo(file, block));
    }
    if (ends[1].revents != 0) {
      if (!ReadSome(ends[1].fd, &block)) ends[1].fd = -1;
      if (words->size() < kMostWords) words->append(block, 0, kMostWords - words->size());
    }
  }
  return absl::OkStatus();
}

// Its messages in one line: without its addresses in memory, and without lines that only repeat what went before.
std::string InOneLine(const std::string& words) {
  constexpr size_t kMostLines = 3;
  std::vector<std::string> kept;
  for (absl::string_view line : absl::StrSplit(words, '\n', absl::SkipWhitespace())) {
    if (const size_t end = line.find("] "); line[0] == '[' && end != absl::string_view::npos)
      line.remove_prefix(end + 2);
    if (absl::StartsWith(line, "Error opening input file") || absl::StartsWith(line, "Task finished with") ||
        absl::StartsWith(line, "Terminating thread with")) {
      continue;
    }
    if (kept.size() < kMostLines) kept.emplace_back(line);
  }
  return absl::StrJoin(kept, "; ");
}

// A file that was decoded, or is being decoded.
struct Decoded {
  std::mutex mutex;  // held while it is being decoded
  bool done = false;
  Descriptor samples;
  std::atomic<int64_t> bytes = 0;
};

using FileKey = std::tuple<dev_t, ino_t, off_t, time_t, long>;

// The last ones first.
class DecodedFiles {
 public:
  std::shared_ptr<Decoded> Get(const FileKey& key) {
    std::lock_guard<std::mutex> lock(mutex_);
    auto found = std::find_if(files_.begin(), files_.end(), [&](const auto& file) { return file.first == key; });
    if (found == files_.end()) found = files_.insert(files_.begin(), {key, std::make_shared<Decoded>()});
    files_.splice(files_.begin(), files_, found);
    int64_t bytes = 0;
    size_t kept = 0;
    for (auto file = files_.begin(); file != files_.end();) {
      bytes += file->second->bytes;
      const bool keep = kept == 0 || (kept < kMostDecoded && bytes <= MostBytesInMemory() / 2);
      kept += keep ? 1 : 0;
      file = keep ? std::next(file) : files_.erase(file);
    }
    return files_.front().second;
  }

 private:
  static constexpr size_t kMostDecoded = 4;
  std::mutex mutex_;
  std::list<std::pair<FileKey, std::shared_ptr<Decoded>>> files_;
};

}  // namespace

absl::StatusOr<Descriptor> DecodeOnceWithFfmpeg(int fd, const FfmpegOptions& options) {
  static auto* const files = new DecodedFiles;
  struct stat info;
  if (fstat(fd, &info) != 0) return absl::InvalidArgumentError(absl::StrCat("no open file: ", std::strerror(errno)));
  const std::shared_ptr<Decoded> file =
      files->Get({info.st_dev, info.st_ino, info.st_size, info.st_mtim.tv_sec, info.st_mtim.tv_nsec});
  std::lock_guard<std::mutex> lock(file->mutex);
  if (!file->done) {
    // What failed is tried again: ffmpeg may not have found memory for once.
    ASSIGN_OR_RETURN(file->samples, DecodeWithFfmpeg(fd, options));
    file->bytes = lseek(file->samples.get(), 0, SEEK_END);
    file->done = true;
  }
  Descriptor copy = file->samples.Duplicate();
  if (copy.get() < 0) return absl::ResourceExhaustedError("too many open files");
  return copy;
}

absl::StatusOr<Descriptor> DecodeWithFfmpeg(int fd, const FfmpegOptions& options) {
  ASSIGN_OR_RETURN(Pipe samples, NewPipe());
  ASSIGN_OR_RETURN(Pipe messages, NewPipe());
  ASSIGN_OR_RETURN(Descriptor file, NewMemoryFile());
  Process ffmpeg;
  // Through /dev/stdin it opens the file anew, with a position of its own.
  const int error =
      ffmpeg.Start(options.program,
                   {"-nostdin", "-hide_banner", "-loglevel", "error", "-xerror", "-protocol_whitelist", "file", "-i",
                    "file:/dev/stdin", "-map", "0:a:0", "-c:a", "pcm_f32be", "-f", "au", "pipe:1"},
                   {fd, samples.write_end.get(), messages.write_end.get()});
  if (error == ENOENT || error == ENOTDIR || error == EACCES) {
    return absl::UnimplementedError(
        "Other kinds (m4a mp4 mov mkv webm wma aac amr ...) are read through ffmpeg, which is not installed: apt-get "
        "install ffmpeg");
  }
  if (error != 0) return absl::ResourceExhaustedError(absl::StrCat("cannot start ffmpeg: ", std::strerror(error)));
  samples.write_end = Descriptor();
  messages.write_end = Descriptor();
  std::string words;
  RETURN_IF_ERROR(Receive(options, std::move(samples.read_end), std::move(messages.read_end), file.get(), &words));
  const int code = ffmpeg.Wait();
  const std::string reason = InOneLine(words);
  if (code == 127 && words.empty()) return absl::UnimplementedError("ffmpeg could not be started");
  const bool has_samples = lseek(file.get(), 0, SEEK_CUR) > 0;
  if (code != 0) {
    const std::string text = absl::StrCat("ffmpeg: ", reason.empty() ? absl::StrCat("exit code ", code) : reason);
    return has_samples || code < 0 ? absl::DataLossError(text) : absl::InvalidArgumentError(text);
  }
  // It takes these for warnings.
  if (absl::StrContains(words, "ended prematurely") || absl::StrContains(words, "partial file")) {
    return absl::DataLossError(absl::StrCat("the file was cut: ffmpeg: ", reason));
  }
  if (!has_samples) return absl::InvalidArgumentError("ffmpeg gave no samples");
  return file;
}

}  // namespace diarflow
