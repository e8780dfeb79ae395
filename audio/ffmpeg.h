// The program ffmpeg as a decoder for what libsndfile does not know: m4a, mp4, mov, mkv, webm, wma, aac, amr and the
// rest of what people's phones and meeting programs write. It is not linked: where it is installed it is called.
//
// It runs as a process of its own, without a shell, and Ctrl-C does not reach it. The file is its standard input, so
// that no name is taken for an option or an address, and it may open files only, no network. Of several audio streams
// the first is taken.
#ifndef DIARFLOW_AUDIO_FFMPEG_H_
#define DIARFLOW_AUDIO_FFMPEG_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "audio/memory_descriptor.h"

namespace diarflow {

struct FfmpegOptions {
  // Looked for in PATH unless it holds a slash.
  std::string program = "ffmpeg";
  // It is stopped when it neither gives samples nor ends for so long.
  int64_t patience_milliseconds = 60 * 1000;
  // It is stopped when it gives more.
  int64_t most_bytes = MostBytesInMemory();
};

// The first audio stream of an open regular file, all channels at its own rate, as an AU file of 32-bit floats in
// memory (AU: its length may be unknown when it begins, and has no bound). The descriptor's own position does not
// change. Messages are reasons without a file name:
//   kUnimplemented      there is no such program; the message says what to install.
//   kInvalidArgument    it does not know the file, or finds no audio in it. With ffmpeg's own words.
//   kDataLoss           it knows the file, and the file is damaged or was cut. With ffmpeg's own words.
//   kDeadlineExceeded   it hangs.
//   kResourceExhausted  no memory for the samples, or no process.
absl::StatusOr<Descriptor> DecodeWithFfmpeg(int fd, const FfmpegOptions& options = {});

// The same, for those who read one file piece by piece: the last results are kept, up to four and a quarter of the
// machine's memory, until the process ends. A file is the same while its place on the disk, size and time are. Any
// number of threads; those who want the same file wait for the first.
absl::StatusOr<Descriptor> DecodeOnceWithFfmpeg(int fd, const FfmpegOptions& options = {});

}  // namespace diarflow

#endif  // DIARFLOW_AUDIO_FFMPEG_H_
