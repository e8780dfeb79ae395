#include "audio/sndfile_open.h"

#include <mutex>
#include <string>

#include "absl/status/status.h"

namespace diarflow {

absl::StatusOr<SNDFILE*> OpenSndfile(SF_VIRTUAL_IO* io, int mode, SF_INFO* info, void* user) {
  static auto* const mutex = new std::mutex;
  std::lock_guard<std::mutex> lock(*mutex);
  SNDFILE* const file = sf_open_virtual(io, mode, info, user);
  if (file != nullptr) return file;
  const int error = sf_error(nullptr);
  const std::string reason = sf_strerror(nullptr);
  if (error == SF_ERR_UNRECOGNISED_FORMAT || error == SF_ERR_UNSUPPORTED_ENCODING) {
    return absl::InvalidArgumentError(reason);
  }
  return absl::DataLossError(reason);
}

}  // namespace diarflow
