// A file in memory that libsndfile writes and reads through callbacks.
#ifndef DIARFLOW_AUDIO_MEMORY_FILE_H_
#define DIARFLOW_AUDIO_MEMORY_FILE_H_

#include <sndfile.h>

#include <cstdint>
#include <string>

namespace diarflow {

struct MemoryFile {
  std::string bytes;
  int64_t position = 0;

  // For sf_open_virtual(), with a MemoryFile* as the user data. Writing without memory for it writes nothing, which
  // libsndfile reports as an error.
  static SF_VIRTUAL_IO Callbacks();
};

}  // namespace diarflow

#endif  // DIARFLOW_AUDIO_MEMORY_FILE_H_
