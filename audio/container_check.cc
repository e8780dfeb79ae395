#include "audio/container_check.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"

namespace diarflow {
namespace {

constexpr uint32_t kOpenEndedSize = 0x7FFFF000;

// Up to `size` bytes at `offset`; fewer at the end of the file or when it cannot be read.
std::string ReadAt(int fd, int64_t offset, size_t size) {
  std::string bytes(size, '\0');
  size_t done = 0;
  while (done < size) {
    const ssize_t n = pread(fd, bytes.data() + done, size - done, offset + static_cast<int64_t>(done));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    done += static_cast<size_t>(n);
  }
  bytes.resize(done);
  return bytes;
}

// Little-endian; `bytes` holds at least size bytes from `at`.
uint64_t Number(absl::string_view bytes, size_t at, size_t size) {
  uint64_t value = 0;
  for (size_t i = size; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

// Do the bytes from `offset` to the end make a list of chunks with printable names?
bool IsListOfChunks(int fd, int64_t offset, int64_t file_size) {
  while (offset < file_size) {
    const std::string head = ReadAt(fd, offset, 8);
    if (head.size() < 8) return false;
    if (!std::all_of(head.begin(), head.begin() + 4, [](char c) { return c >= ' ' && c <= '~'; })) return false;
    const int64_t size = static_cast<int64_t>(Number(head, 4, 4));
    offset += 8 + size;
    if (offset > file_size) return false;
    offset += size % 2;
  }
  return true;
}

}  // namespace

std::optional<WavHeader> ReadWavHeader(int fd, int64_t file_size) {
  const std::string riff = ReadAt(fd, 0, 12);
  if (riff.size() < 12 || riff.substr(8) != "WAVE") return std::nullopt;
  const bool is_rf64 = absl::StartsWith(riff, "RF64");
  if (!is_rf64 && !absl::StartsWith(riff, "RIFF")) return std::nullopt;

  WavHeader header;
  uint64_t rf64_size = 0;
  for (int64_t offset = 12;;) {
    const std::string head = ReadAt(fd, offset, 8);
    if (head.size() < 8) return std::nullopt;
    const int64_t size = static_cast<int64_t>(Number(head, 4, 4));
    if (absl::StartsWith(head, "data")) {
      header.data_size_offset = offset + 4;
      header.data_begin = offset + 8;
      header.data_promised = size;
      break;
    }
    const std::string body = ReadAt(fd, offset + 8, static_cast<size_t>(std::min<int64_t>(size, 16)));
    if (absl::StartsWith(head, "fmt ") && body.size() >= 16) {
      header.sample_rate = static_cast<int>(Number(body, 4, 4));
      header.block_align = static_cast<int64_t>(Number(body, 12, 2));
    } else if (absl::StartsWith(head, "ds64") && body.size() >= 16) {
      rf64_size = Number(body, 8, 8);
    }
    offset += 8 + size + size % 2;
  }

  const int64_t rest = file_size - header.data_begin;
  if (is_rf64 && header.data_promised == 0xFFFFFFFF) {
    // Beyond 2^62 it is as good as unknown.
    header.open_ended = rf64_size == 0 || rf64_size > uint64_t{1} << 62;
    header.data_promised = header.open_ended ? 0 : static_cast<int64_t>(rf64_size);
  } else if (header.data_promised == 0) {
    header.open_ended = rest > 0 && !IsListOfChunks(fd, header.data_begin, file_size);
  } else {
    header.open_ended = header.data_promised >= kOpenEndedSize && header.data_promised > rest;
  }
  header.data_present = header.open_ended ? rest : std::min(rest, header.data_promised);
  return header;
}

bool OggEndsInsidePage(int fd, int64_t file_size) {
  // A page: "OggS", a version of 0, 21 more bytes, the number of segments in one byte, as many bytes with their sizes,
  // the segments.
  constexpr size_t kPageHeader = 27;
  constexpr int64_t kLargestPage = kPageHeader + 255 + 255 * 255;
  if (ReadAt(fd, 0, 4) != "OggS") return false;
  const int64_t tail_begin = std::max<int64_t>(0, file_size - kLargestPage);
  const std::string tail = ReadAt(fd, tail_begin, static_cast<size_t>(file_size - tail_begin));

  const size_t page = tail.rfind(std::string("OggS\0", 5));
  if (page == std::string::npos || page + kPageHeader > tail.size()) return true;
  const size_t num_segments = static_cast<unsigned char>(tail[page + kPageHeader - 1]);
  size_t end = page + kPageHeader + num_segments;
  if (end > tail.size()) return true;
  for (size_t i = 0; i < num_segments; ++i) end += static_cast<unsigned char>(tail[page + kPageHeader + i]);
  if (end > tail.size()) return true;
  // The first letters of a next page; anything else behind the last page is no part of the stream.
  return end < tail.size() && absl::StartsWith("OggS", tail.substr(end));
}

std::optional<int64_t> FirstBadGsmFrame(int fd, int64_t file_size) {
  constexpr int64_t kFramesAtOnce = 1000;
  const int64_t num_frames = file_size / kGsmFrameBytes;
  for (int64_t first = 0; first < num_frames; first += kFramesAtOnce) {
    const int64_t count = std::min(kFramesAtOnce, num_frames - first);
    const std::string bytes = ReadAt(fd, first * kGsmFrameBytes, static_cast<size_t>(count * kGsmFrameBytes));
    for (int64_t i = 0; i < count; ++i) {
      const auto at = static_cast<size_t>(i * kGsmFrameBytes);
      if (at >= bytes.size() || static_cast<unsigned char>(bytes[at]) >> 4 != 0xD) return first + i;
    }
  }
  return std::nullopt;
}

}  // namespace diarflow
