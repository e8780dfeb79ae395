#include "audio/decode.h"

#include <sndfile.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <new>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "audio/container_check.h"
#include "audio/ffmpeg.h"
#include "audio/file_source.h"
#include "audio/sndfile_open.h"
#include "base/status_macros.h"

namespace diarflow {
namespace {

// Lossy streams decode with memory: decoding starts this many samples before a segment, and they are thrown away. An
// MP3 frame refers back to at most 511 bytes of the frames before it, Opus settles in 80 ms, a Vorbis block has up to
// 8192 samples. Without it libsndfile gives wrong numbers behind a seek in MP3, and at times in Vorbis.
constexpr int64_t kSeekPreroll = 16384;

constexpr int kRawGsmRate = 8000;

constexpr int64_t kBlockNumbers = 1 << 16;  // read at once, all channels together

absl::Status WithPath(const std::string& path, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(path, ": ", status.message()));
}

// libsndfile's reader of one file, with what its header says.
class AudioFile {
 public:
  // What libsndfile does not know goes through ffmpeg, unless `ffmpeg` is false.
  static absl::StatusOr<std::unique_ptr<AudioFile>> Open(const std::string& path, bool ffmpeg);

  // What messages call it.
  const std::string& name() const { return path_; }
  AudioInfo info;
  bool length_known = false;  // else info.num_samples is 0

  // Goes to a sample. Where the format cannot seek, decodes up to it.
  absl::Status Seek(int64_t sample);
  // Interleaved samples of all channels; fewer than count, or none, only at the end. Damage is kDataLoss.
  absl::StatusOr<int64_t> Read(int64_t count, float* to);
  int64_t position() const { return position_; }

 private:
  struct Close {
    void operator()(SNDFILE* file) const { sf_close(file); }
  };

  absl::Status OpenSource();
  absl::Status OpenContainer();
  absl::Status OpenRawGsm();
  absl::Status OpenStream();
  absl::Status CheckWavLength() const;
  absl::Status Skip(int64_t count);

  std::string path_;
  FileSource source_;
  std::optional<WavHeader> wav_;
  SF_VIRTUAL_IO callbacks_ = {};
  SF_INFO sf_info_ = {};
  std::unique_ptr<SNDFILE, Close> file_;  // destroyed before what it reads through
  int64_t position_ = 0;
};

absl::StatusOr<std::unique_ptr<AudioFile>> AudioFile::Open(const std::string& path, bool ffmpeg) {
  auto file = std::make_unique<AudioFile>();
  file->path_ = path == "-" ? "standard input" : path;
  RETURN_IF_ERROR(file->source_.Open(path));
  const absl::Status known = file->OpenSource();
  if (known.ok()) return file;
  if (!absl::IsInvalidArgument(known) || !ffmpeg) return known;
  absl::StatusOr<Descriptor> converted = DecodeOnceWithFfmpeg(file->source_.fd());
  if (absl::IsInvalidArgument(converted.status()) || absl::IsUnimplemented(converted.status())) {
    return absl::InvalidArgumentError(absl::StrCat(known.message(), " ", converted.status().message()));
  }
  if (!converted.ok()) return WithPath(file->path_, converted.status());
  auto decoded = std::make_unique<AudioFile>();
  decoded->path_ = file->path_;
  RETURN_IF_ERROR(decoded->source_.Take(*std::move(converted), file->path_));
  RETURN_IF_ERROR(decoded->OpenStream());
  return decoded;
}

absl::Status AudioFile::OpenSource() {
  RETURN_IF_ERROR(OpenContainer());
  RETURN_IF_ERROR(OpenStream());
  return CheckWavLength();
}

absl::Status AudioFile::OpenContainer() {
  wav_ = ReadWavHeader(source_.fd(), source_.size());
  if (wav_.has_value()) {
    if (wav_->sample_rate == 0) {
      return absl::DataLossError(absl::StrCat(path_, ": the header says a sample rate of 0 Hz"));
    }
    if (wav_->open_ended && wav_->data_promised == 0 && wav_->data_present <= std::numeric_limits<uint32_t>::max()) {
      source_.OverrideNumber(wav_->data_size_offset, static_cast<uint32_t>(wav_->data_present));
    }
  }
  if (OggEndsInsidePage(source_.fd(), source_.size())) {
    return absl::DataLossError(
        absl::StrCat(path_, ": the file was cut: its ", source_.size(), " bytes end inside a page of the Ogg stream"));
  }
  if (!wav_.has_value() && absl::EndsWithIgnoreCase(path_, ".gsm")) return OpenRawGsm();
  return absl::OkStatus();
}

absl::Status AudioFile::OpenRawGsm() {
  if (source_.size() % kGsmFrameBytes != 0) {
    return absl::DataLossError(absl::StrCat(path_, ": raw GSM comes in frames of ", kGsmFrameBytes,
                                            " bytes; the file of ", source_.size(),
                                            " bytes was cut, or is something else"));
  }
  const std::optional<int64_t> bad = FirstBadGsmFrame(source_.fd(), source_.size());
  if (bad == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(path_, ": the name ends with .gsm, and the file does not begin with a raw GSM frame"));
  }
  if (bad.has_value()) {
    return absl::DataLossError(absl::StrCat(path_, ": the file is damaged: what begins at byte ", *bad * kGsmFrameBytes,
                                            " is no raw GSM frame"));
  }
  sf_info_.format = SF_FORMAT_RAW | SF_FORMAT_GSM610;
  sf_info_.samplerate = kRawGsmRate;
  sf_info_.channels = 1;
  return absl::OkStatus();
}

absl::Status AudioFile::OpenStream() {
  callbacks_ = FileSource::Callbacks();
  const absl::StatusOr<SNDFILE*> file = OpenSndfile(&callbacks_, SFM_READ, &sf_info_, &source_);
  if (absl::IsInvalidArgument(file.status())) {
    return absl::InvalidArgumentError(
        absl::StrCat(path_, ": not an audio file of a kind that can be read: ", file.status().message()));
  }
  if (!file.ok()) {
    return absl::DataLossError(absl::StrCat(path_, ": the header cannot be read: ", file.status().message()));
  }
  file_.reset(*file);
  if (sf_info_.channels <= 0) return absl::DataLossError(absl::StrCat(path_, ": the header says no channel"));
  if (sf_info_.samplerate <= 0 || sf_info_.samplerate > kMaxSampleRate) {
    return absl::DataLossError(absl::StrCat(path_, ": the header says a sample rate of ", sf_info_.samplerate,
                                            " Hz; rates from 1 to ", kMaxSampleRate, " are taken"));
  }
  length_known = sf_info_.frames >= 0 && sf_info_.frames < SF_COUNT_MAX;
  info = {sf_info_.samplerate, sf_info_.channels, length_known ? sf_info_.frames : 0};
  return absl::OkStatus();
}

absl::Status AudioFile::CheckWavLength() const {
  if (!wav_.has_value() || wav_->open_ended || wav_->data_present >= wav_->data_promised) return absl::OkStatus();
  const int64_t block = wav_->block_align;
  if (block > 0 && info.num_samples == wav_->data_present / block) {
    return absl::DataLossError(absl::StrCat(path_, ": the file was cut: it holds ", info.num_samples, " of the ",
                                            wav_->data_promised / block, " samples that its header promises"));
  }
  return absl::DataLossError(absl::StrCat(path_, ": the file was cut: it holds ", wav_->data_present, " of the ",
                                          wav_->data_promised, " bytes of samples that its header promises"));
}

absl::StatusOr<int64_t> AudioFile::Read(int64_t count, float* to) {
  const int64_t got = std::max<int64_t>(0, sf_readf_float(file_.get(), to, count));
  if (sf_error(file_.get()) != SF_ERR_NO_ERROR) {
    return absl::DataLossError(
        absl::StrCat(path_, ": cannot be decoded behind sample ", position_ + got, ": ", sf_strerror(file_.get())));
  }
  position_ += got;
  if (got < count && length_known && position_ < info.num_samples) {
    return absl::DataLossError(absl::StrCat(path_, ": the file is damaged or was cut: ", position_, " of the ",
                                            info.num_samples, " samples that its header promises can be decoded"));
  }
  return got;
}

absl::Status AudioFile::Skip(int64_t count) {
  const int64_t block = std::max<int64_t>(1, kBlockNumbers / info.channels);
  std::vector<float> buffer(static_cast<size_t>(block * info.channels));
  while (count > 0) {
    ASSIGN_OR_RETURN(const int64_t got, Read(std::min(block, count), buffer.data()));
    if (got == 0) return absl::OkStatus();
    count -= got;
  }
  return absl::OkStatus();
}

absl::Status AudioFile::Seek(int64_t sample) {
  const int container = sf_info_.format & SF_FORMAT_TYPEMASK;
  const bool lossy = container == SF_FORMAT_OGG || container == SF_FORMAT_MPEG;
  const int64_t target = sample - (lossy ? std::min(sample, kSeekPreroll) : 0);
  if (target > 0 && sf_info_.seekable != 0 && length_known) {
    if (sf_seek(file_.get(), target, SEEK_SET) != target) {
      return absl::DataLossError(absl::StrCat(path_, ": cannot go to sample ", target, ": ", sf_strerror(file_.get())));
    }
    position_ = target;
  }
  return Skip(sample - position_);
}

// The file's samples [begin, end); end -1: all that follow.
struct Segment {
  int64_t begin = 0;
  int64_t end = -1;
};

absl::StatusOr<Segment> FindSegment(const DecodeOptions& options, int rate) {
  const bool in_samples = options.start_sample.has_value() || options.num_samples.has_value();
  const bool in_seconds = options.start_seconds.has_value() || options.num_seconds.has_value();
  if (in_samples && in_seconds) {
    return absl::InvalidArgumentError("a segment is given in samples or in seconds, not in both");
  }
  Segment segment;
  if (in_seconds) {
    const Rational start = options.start_seconds.value_or(Rational(0));
    if (start < 0 || options.num_seconds.value_or(Rational(1)) <= 0) {
      return absl::InvalidArgumentError("a segment starts at 0 s or later, and is longer than 0 s");
    }
    ASSIGN_OR_RETURN(segment.begin, NearestSample(start, rate));
    if (options.num_seconds.has_value()) {
      ASSIGN_OR_RETURN(const Rational end, Add(start, *options.num_seconds));
      ASSIGN_OR_RETURN(segment.end, NearestSample(end, rate));
      if (segment.end == segment.begin) {
        return absl::InvalidArgumentError(absl::StrCat("a segment of ", options.num_seconds->ToString(), " s from ",
                                                       start.ToString(), " s holds no sample at ", rate, " Hz"));
      }
    }
    return segment;
  }
  segment.begin = options.start_sample.value_or(0);
  if (segment.begin < 0 || options.num_samples.value_or(1) <= 0) {
    return absl::InvalidArgumentError("a segment starts at sample 0 or later, and holds a sample or more");
  }
  if (options.num_samples.has_value() && __builtin_add_overflow(segment.begin, *options.num_samples, &segment.end)) {
    return absl::OutOfRangeError("a segment ends behind the last sample that 64 bits can count");
  }
  return segment;
}

absl::Status CheckSegment(const std::string& path, const AudioInfo& info, const Segment& segment) {
  if (info.num_samples == 0) return absl::InvalidArgumentError(absl::StrCat(path, ": the file holds no samples"));
  if (segment.begin < info.num_samples && segment.end <= info.num_samples) return absl::OkStatus();
  const std::string end = segment.end < 0 ? "the end" : absl::StrCat("sample ", segment.end);
  return absl::OutOfRangeError(absl::StrCat(path, ": the segment from sample ", segment.begin, " to ", end,
                                            " is not inside the file, which holds ", info.num_samples, " samples at ",
                                            info.sample_rate, " Hz"));
}

// From interleaved channels to one, with a check that it is finite.
class ChannelReducer {
 public:
  ChannelReducer(const std::string& path, int channels, std::optional<int> channel)
      : path_(path), channels_(channels), channel_(channel) {}

  // `first_sample`: where interleaved[0] stands in the file.
  absl::Status Append(const float* interleaved, int64_t count, int64_t first_sample, std::vector<float>* mono) const {
    for (int64_t i = 0; i < count; ++i) {
      const float* sample = interleaved + i * channels_;
      float value = sample[0];
      if (channel_.has_value()) {
        value = sample[*channel_];
      } else if (channels_ > 1) {
        double sum = 0;
        for (int c = 0; c < channels_; ++c) sum += sample[c];
        value = static_cast<float>(sum / channels_);
      }
      if (!std::isfinite(value)) return NotFinite(sample, first_sample + i);
      mono->push_back(value);
    }
    return absl::OkStatus();
  }

 private:
  absl::Status NotFinite(const float* sample, int64_t index) const {
    int bad = channel_.value_or(0);
    while (std::isfinite(sample[bad])) ++bad;
    return absl::DataLossError(absl::StrCat(path_, ": sample ", index, " of channel ", bad, " is ",
                                            std::isnan(sample[bad]) ? "not a number (NaN)" : "infinite"));
  }

  const std::string& path_;
  const int channels_;
  const std::optional<int> channel_;
};

absl::StatusOr<Waveform> Decode(const std::string& path, const DecodeOptions& options) {
  ASSIGN_OR_RETURN(const std::unique_ptr<AudioFile> file, AudioFile::Open(path, options.ffmpeg));
  const std::string& name = file->name();
  const int channels = file->info.channels;
  if (options.channel.has_value() && (*options.channel < 0 || *options.channel >= channels)) {
    return absl::InvalidArgumentError(absl::StrCat(name, ": there is no channel ", *options.channel, ": the file has ",
                                                   channels, ", counted from 0"));
  }
  const absl::StatusOr<Segment> found = FindSegment(options, file->info.sample_rate);
  if (!found.ok()) return WithPath(name, found.status());
  Segment segment = *found;
  if (file->length_known) {
    RETURN_IF_ERROR(CheckSegment(name, file->info, segment));
    if (segment.end < 0) segment.end = file->info.num_samples;
  }
  RETURN_IF_ERROR(file->Seek(segment.begin));

  const int64_t block = std::max<int64_t>(1, kBlockNumbers / channels);
  std::vector<float> interleaved(static_cast<size_t>(block * channels));
  std::vector<float> mono;
  // Not more than this at first: a damaged header may promise anything.
  mono.reserve(static_cast<size_t>(std::clamp<int64_t>(segment.end - segment.begin, 0, 1 << 24)));
  const ChannelReducer reducer(name, channels, options.channel);
  while (segment.end < 0 || file->position() < segment.end) {
    const int64_t position = file->position();
    const int64_t wanted = segment.end < 0 ? block : std::min(block, segment.end - position);
    ASSIGN_OR_RETURN(const int64_t got, file->Read(wanted, interleaved.data()));
    if (got == 0) break;
    RETURN_IF_ERROR(reducer.Append(interleaved.data(), got, position, &mono));
  }
  if (!file->length_known) {
    // All that there is was read, or as much as was asked for.
    file->info.num_samples = file->position();
    RETURN_IF_ERROR(CheckSegment(name, file->info, segment));
  }
  Waveform waveform;
  waveform.samples = FloatArray::Copy({static_cast<int64_t>(mono.size())}, mono);
  waveform.sample_rate = file->info.sample_rate;
  waveform.start_sample = segment.begin;
  return waveform;
}

}  // namespace

absl::StatusOr<Waveform> DecodeAudio(const std::string& path, const DecodeOptions& options) {
  try {
    return Decode(path, options);
  } catch (const std::bad_alloc&) {
    return absl::ResourceExhaustedError(absl::StrCat(path, ": no memory for its samples; read it in segments"));
  }
}

absl::StatusOr<AudioInfo> ReadAudioInfo(const std::string& path) {
  ASSIGN_OR_RETURN(const std::unique_ptr<AudioFile> file, AudioFile::Open(path, true));
  if (!file->length_known) {
    RETURN_IF_ERROR(file->Seek(std::numeric_limits<int64_t>::max()));
    file->info.num_samples = file->position();
  }
  return file->info;
}

}  // namespace diarflow
