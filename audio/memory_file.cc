#include "audio/memory_file.h"

#include <algorithm>
#include <cstdio>
#include <new>

namespace diarflow {

SF_VIRTUAL_IO MemoryFile::Callbacks() {
  SF_VIRTUAL_IO io = {};
  io.get_filelen = [](void* self) -> sf_count_t {
    return static_cast<sf_count_t>(static_cast<MemoryFile*>(self)->bytes.size());
  };
  io.seek = [](sf_count_t offset, int whence, void* self) -> sf_count_t {
    auto* file = static_cast<MemoryFile*>(self);
    const int64_t size = static_cast<int64_t>(file->bytes.size());
    file->position = offset + (whence == SEEK_SET ? 0 : whence == SEEK_CUR ? file->position : size);
    return file->position;
  };
  io.read = [](void* to, sf_count_t count, void* self) -> sf_count_t {
    auto* file = static_cast<MemoryFile*>(self);
    const size_t got = file->bytes.copy(static_cast<char*>(to), static_cast<size_t>(count),
                                        std::min(static_cast<size_t>(file->position), file->bytes.size()));
    file->position += static_cast<int64_t>(got);
    return static_cast<sf_count_t>(got);
  };
  io.write = [](const void* from, sf_count_t count, void* self) -> sf_count_t {
    auto* file = static_cast<MemoryFile*>(self);
    const size_t end = static_cast<size_t>(file->position + count);
    try {
      if (end > file->bytes.size()) file->bytes.resize(end);
    } catch (const std::bad_alloc&) {
      return 0;  // no exception may pass through libsndfile
    }
    std::copy_n(static_cast<const char*>(from), count, file->bytes.begin() + file->position);
    file->position += count;
    return count;
  };
  io.tell = [](void* self) -> sf_count_t { return static_cast<MemoryFile*>(self)->position; };
  return io;
}

}  // namespace diarflow
