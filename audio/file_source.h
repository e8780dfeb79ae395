// An open file that libsndfile reads through callbacks. They can read another number than the file holds in one place:
// the size of the samples of a WAV file whose writer did not know it.
#ifndef DIARFLOW_AUDIO_FILE_SOURCE_H_
#define DIARFLOW_AUDIO_FILE_SOURCE_H_

#include <sndfile.h>

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "audio/memory_descriptor.h"

namespace diarflow {

class FileSource {
 public:
  FileSource() = default;
  FileSource(const FileSource&) = delete;
  FileSource& operator=(const FileSource&) = delete;

  // Once, one of the two. Path "-" is StandardInputFile(), with its errors. kNotFound or kPermissionDenied,
  // kInvalidArgument when it is not a regular file, kDataLoss when it is empty or cannot be read; the message names the
  // path.
  absl::Status Open(const std::string& path);
  // A file that is open; `name` stands in messages.
  absl::Status Take(Descriptor file, const std::string& name);

  // From now on the callbacks read this number, little-endian, in place of the 4 bytes at `offset`.
  void OverrideNumber(int64_t offset, uint32_t number) {
    override_offset_ = offset;
    for (int i = 0; i < 4; ++i) override_bytes_[i] = static_cast<char>(number >> (8 * i));
  }

  int fd() const { return file_.get(); }
  int64_t size() const { return size_; }

  // For sf_open_virtual(), with a FileSource* as the user data.
  static SF_VIRTUAL_IO Callbacks();

 private:
  int64_t Read(char* to, int64_t count);

  Descriptor file_;
  int64_t size_ = 0;
  int64_t position_ = 0;
  int64_t override_offset_ = -1;
  char override_bytes_[4] = {};
};

}  // namespace diarflow

#endif  // DIARFLOW_AUDIO_FILE_SOURCE_H_
