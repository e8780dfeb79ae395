#include "bench/peer_process.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"

namespace diarflow {

absl::StatusOr<std::unique_ptr<PeerProcess>> PeerProcess::Start(const std::vector<std::string>& command) {
  if (command.empty()) return absl::InvalidArgumentError("there is no program to start");
  std::vector<char*> arguments;
  for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  int sockets[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) != 0) {
    return absl::InternalError(absl::StrCat("cannot connect to ", command[0], ": ", std::strerror(errno)));
  }
  const pid_t pid = fork();
  if (pid < 0) {
    const int error = errno;
    close(sockets[0]);
    close(sockets[1]);
    return absl::InternalError(absl::StrCat("cannot start ", command[0], ": ", std::strerror(error)));
  }
  if (pid == 0) {
    // Only calls that are safe between fork and exec.
    if (dup2(sockets[1], 0) >= 0 && dup2(sockets[1], 1) >= 0) execv(arguments[0], arguments.data());
    _exit(127);
  }
  close(sockets[1]);
  return std::unique_ptr<PeerProcess>(new PeerProcess(pid, sockets[0], command[0]));
}

PeerProcess::~PeerProcess() {
  close(socket_);
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

absl::StatusOr<std::string> PeerProcess::Ask(const std::string& line) {
  const std::string text = line + "\n";
  for (size_t sent = 0; sent < text.size();) {
    const ssize_t size = send(socket_, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return absl::UnavailableError(absl::StrCat(name_, " has ended, or never started"));
    sent += static_cast<size_t>(size);
  }
  return ReadLine();
}

absl::StatusOr<std::string> PeerProcess::ReadLine() {
  for (;;) {
    const size_t end = read_.find('\n');
    if (end != std::string::npos) {
      std::string line = read_.substr(0, end);
      read_.erase(0, end + 1);
      return line;
    }
    char block[4096];
    const ssize_t size = read(socket_, block, sizeof(block));
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return absl::UnavailableError(absl::StrCat(name_, " has ended, or never started"));
    read_.append(block, static_cast<size_t>(size));
  }
}

}  // namespace diarflow
