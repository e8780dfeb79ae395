// What the outside of an audio file tells and libsndfile passes over in silence: that a WAV or Ogg file was cut, that
// raw GSM is damaged. libsndfile shortens a WAV file to what is there, and gives a cut Ogg file no length.
#ifndef DIARFLOW_AUDIO_CONTAINER_CHECK_H_
#define DIARFLOW_AUDIO_CONTAINER_CHECK_H_

#include <cstdint>
#include <optional>

namespace diarflow {

// The header of a RIFF ("RIFF....WAVE") or RF64 file: chunks of a 4 byte name, a 4 byte little-endian size and that
// many bytes, padded to an even number. "fmt " holds the format, "data" the samples; in RF64 the size of "data" is
// 0xFFFFFFFF and "ds64" holds the true one in 8 bytes.
struct WavHeader {
  int sample_rate = 0;
  int64_t block_align = 0;       // bytes of one sample of all channels, or of one block of a compressed format
  int64_t data_size_offset = 0;  // where in the file the 4 bytes are that hold the size of "data"
  int64_t data_begin = 0;        // where in the file the samples begin
  int64_t data_promised = 0;     // bytes of samples according to the header
  int64_t data_present = 0;      // bytes from data_begin to the end of the file, or to the end of what is promised

  // The writer did not know the size: it is 0 with something behind it that is not a chunk, or 0x7FFFF000 and more and
  // not reached.
  bool open_ended = false;
};

// Reads the header of the open file `fd` of `file_size` bytes. Nothing when it is no RIFF or RF64 file, or has no
// "data".
std::optional<WavHeader> ReadWavHeader(int fd, int64_t file_size);

// True for an Ogg file whose last page is incomplete.
bool OggEndsInsidePage(int fd, int64_t file_size);

// Raw GSM 06.10 is frames of 33 bytes, each of which begins with the bits 1101.
inline constexpr int64_t kGsmFrameBytes = 33;

// The first whole frame that does not begin so, counted from 0; nothing when all do. libsndfile passes over such
// frames.
std::optional<int64_t> FirstBadGsmFrame(int fd, int64_t file_size);

}  // namespace diarflow

#endif  // DIARFLOW_AUDIO_CONTAINER_CHECK_H_
