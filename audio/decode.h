// Audio files to samples, through libsndfile: WAV (also RF64, W64), FLAC, Ogg Vorbis, Ogg Opus, MP3, AIFF, AU and what
// else libsndfile recognises by content; integer, float and double samples; any rate, any number of channels.
// What libsndfile does not know (m4a, mp4, mov, mkv, webm, wma, aac, amr, ...) goes through the program ffmpeg where it
// is installed (ffmpeg.h); it is then decoded whole and into memory, also for a segment; the last such files are kept
// there. The path "-" is standard input, which is kept in memory unless it is a file ("./-" is a file of that name).
// One format is told by its name: a file that ends with .gsm and is no WAV file is raw GSM 06.10, as telephone systems
// keep their prompts: one channel at 8 kHz, frames of 33 bytes (160 samples) without a header.
//
// Samples are float32 with full scale 1: PCM16 is divided by 32768 exactly, other integer widths likewise by their own
// full scale. Float files are taken as they are, also beyond +-1.
//
// Every error names the file and the reason:
//   kNotFound, kPermissionDenied    the file cannot be opened.
//   kInvalidArgument                not a regular file; not an audio format that libsndfile or ffmpeg knows (where
//                                   there is no ffmpeg, the message says how to get it); no samples in it; a channel
//                                   that it does not have; options that contradict each other.
//   kDataLoss                       an audio file that is damaged: an empty file, a header that promises more samples
//                                   than there are (the message says how many of how many), a stream that stops
//                                   decoding, a sample that is NaN or infinite (the message says which), raw GSM that
//                                   is no whole number of frames.
//   kResourceExhausted              no memory for the samples.
//   kDeadlineExceeded               ffmpeg hangs in the file.
//   kOutOfRange                     a segment that ends behind the end of the file (the message says its length).
//
// WAV files of programs that could not go back to the header have 0, or 0x7FFFF000 and more (up to 0xFFFFFFFF), as the
// size of their sample data. That is not a promise: all that follows is read.
// An MP3 without a Xing header, and an Ogg file, carry no promise in their header either. A cut Ogg file is still
// recognised, since it ends inside a page; such an MP3 gives what it holds. Of formats that are not named here
// (W64, AIFF, AU, ...) libsndfile gives what is there. A WAV or Ogg file that was cut is refused whole, also when the
// wanted segment lies before the cut.
//
// Thread-safe: any number of threads may decode at once; files are opened one after the other (sndfile_open.h).
#ifndef DIARFLOW_AUDIO_DECODE_H_
#define DIARFLOW_AUDIO_DECODE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "audio/time_grid.h"
#include "base/float_array.h"

namespace diarflow {

// One channel of audio.
struct Waveform {
  FloatArray samples;        // [N]
  int sample_rate = 0;       // Hz
  int64_t start_sample = 0;  // where samples[0] stands in the file, at the file's rate
};

struct DecodeOptions {
  // The channel to take, from 0. Without it: the mean of all channels.
  std::optional<int> channel;

  // False: only what libsndfile knows is read.
  bool ffmpeg = true;

  // The segment to read; without any of these, the whole file. The start is given in samples of the file or in
  // seconds, and so is the length; samples and seconds cannot be mixed. Seconds are rounded to the file's nearest
  // sample, the start and the end (start + length) each by itself: see NearestSample(). Without a length: up to the end
  // of the file.
  std::optional<int64_t> start_sample;
  std::optional<int64_t> num_samples;
  std::optional<Rational> start_seconds;
  std::optional<Rational> num_seconds;
};

// Reads a file, or a segment of it: then the file is not decoded from its beginning, where its format can seek.
// A segment holds the same numbers as that part of the whole; in MP3 and Opus they may differ by rounding (1e-6).
absl::StatusOr<Waveform> DecodeAudio(const std::string& path, const DecodeOptions& options = {});

struct AudioInfo {
  int sample_rate = 0;      // Hz
  int channels = 0;         // > 0
  int64_t num_samples = 0;  // per channel; may be 0
};

// What a file says about itself, without decoding it (a file whose header does not tell its length is decoded and
// counted). Errors as above.
absl::StatusOr<AudioInfo> ReadAudioInfo(const std::string& path);

}  // namespace diarflow

#endif  // DIARFLOW_AUDIO_DECODE_H_
