// Another program, in any language, that answers lines with lines: so that it can be timed in turn with our own code,
// in one run, on the same data.
#ifndef DIARFLOW_BENCH_PEER_PROCESS_H_
#define DIARFLOW_BENCH_PEER_PROCESS_H_

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace diarflow {

class PeerProcess {
 public:
  // Starts `command` (the program's path first). Its standard input and output are ours, its standard error is the
  // terminal's. kInvalidArgument for an empty command, kInternal with the system's reason. A program that cannot be
  // started ends at once: reading says so.
  static absl::StatusOr<std::unique_ptr<PeerProcess>> Start(const std::vector<std::string>& command);

  PeerProcess(const PeerProcess&) = delete;
  PeerProcess& operator=(const PeerProcess&) = delete;
  // Closes the input and waits for the end.
  ~PeerProcess();

  // Sends `line`, without its end, and answers the next line of the program. kUnavailable when the program has ended.
  absl::StatusOr<std::string> Ask(const std::string& line);
  // The next line, without asking.
  absl::StatusOr<std::string> ReadLine();

 private:
  PeerProcess(pid_t pid, int socket, std::string name) : pid_(pid), socket_(socket), name_(std::move(name)) {}

  const pid_t pid_;
  const int socket_;
  const std::string name_;
  std::string read_;  // beyond the last line
};

}  // namespace diarflow

#endif  // DIARFLOW_BENCH_PEER_PROCESS_H_
