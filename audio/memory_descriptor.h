// Files that lie in memory and that no folder knows: what has no name on the disk can still be read like a file, at any
// place and again, and nothing of it stays behind.
#ifndef DIARFLOW_AUDIO_MEMORY_DESCRIPTOR_H_
#define DIARFLOW_AUDIO_MEMORY_DESCRIPTOR_H_

#include <unistd.h>

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace diarflow {

// An open file, closed when it goes.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }

  int get() const { return fd_; }
  // Another one for the same file; holds -1 when the process has too many.
  Descriptor Duplicate() const;

 private:
  int fd_ = -1;
};

// Half of the machine's memory: what a stream may hold that is kept there. Bytes.
int64_t MostBytesInMemory();

// An empty file in memory.
absl::StatusOr<Descriptor> NewMemoryFile();

// Appends to a file. kResourceExhausted without memory (or disk) for it.
absl::Status AppendTo(int fd, absl::string_view bytes);

// All that is still to come from `fd`, as a file in memory. `name` stands in errors: kDataLoss when reading fails,
// kResourceExhausted beyond `most_bytes`.
absl::StatusOr<Descriptor> ReadIntoMemory(int fd, const std::string& name, int64_t most_bytes);

// The process's standard input as a file that can be read at any place: the file that it was redirected from, else a
// copy in memory. Read by the first call, which waits for its end; the same for all calls, from any threads.
// kInvalidArgument when it is a terminal or closed; errors of ReadIntoMemory().
absl::StatusOr<Descriptor> StandardInputFile();

}  // namespace diarflow

#endif  // DIARFLOW_AUDIO_MEMORY_DESCRIPTOR_H_
