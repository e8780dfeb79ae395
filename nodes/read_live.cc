// ReadLive: samples piece by piece, as they come in.
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "audio/decode.h"
#include "audio/time_grid.h"
#include "base/files.h"
#include "base/status_macros.h"
#include "graph/registry.h"
#include "nodes/payloads.h"
#include "nodes/read_live.pb.h"

namespace diarflow {
namespace {

constexpr size_t kRiffHead = 12;
constexpr size_t kChunkHead = 8;
constexpr size_t kLeastFormat = 16;
constexpr int kPcm = 1;
constexpr int64_t kBlockSeconds = 10;
constexpr uint64_t kBlockBytes = 1 << 16;

absl::Status CheckReadLive(const options::ReadLive& options) {
  if (options.sample_rate() < 1000 || options.sample_rate() > kMaxSampleRate) {
    return absl::InvalidArgumentError(
        absl::StrCat("sample_rate is ", options.sample_rate(), "; it may be 1000 to ", kMaxSampleRate));
  }
  if (options.piece_milliseconds() < 1 || options.piece_milliseconds() > 10000) {
    return absl::InvalidArgumentError(
        absl::StrCat("piece_milliseconds is ", options.piece_milliseconds(), "; it may be 1 to 10000"));
  }
  return absl::OkStatus();
}

uint32_t LittleEndian(const std::string& bytes, size_t at, size_t count) {
  uint32_t value = 0;
  for (size_t i = count; i > 0; --i) value = value << 8 | static_cast<uint8_t>(bytes[at + i - 1]);
  return value;
}

class ReadLiveNode : public SourceNode {
 public:
  static constexpr Out<Audio> kAudio{"AUDIO"};

  static void Contract(ContractBuilder& contract) {
    contract.Summary("Samples from standard input or a file, piece by piece as they come in.")
        .Output(kAudio)
        .Options<options::ReadLive>(&CheckReadLive);
  }

  ~ReadLiveNode() override {
    if (descriptor_ > STDERR_FILENO) close(descriptor_);
  }

  absl::Status Open(OpenContext& context) override {
    options_ = context.options<options::ReadLive>();
    rate_ = options_.sample_rate();
    descriptor_ = STDIN_FILENO;
    name_ = "standard input";
    if (options_.path() != "-") {
      ASSIGN_OR_RETURN(name_, ResolvePath(options_.path()));
      if (!IsRaw(name_)) {
        ASSIGN_OR_RETURN(file_, ReadAudioInfo(name_));
        rate_ = file_->sample_rate;
        return absl::OkStatus();
      }
      descriptor_ = open(name_.c_str(), O_RDONLY | O_CLOEXEC);
      if (descriptor_ < 0) return absl::NotFoundError(absl::StrCat(name_, ": ", std::strerror(errno)));
    }
    return absl::OkStatus();
  }

  absl::StatusOr<bool> Next(SourceContext& item) override {
    if (!file_ && !head_read_) RETURN_IF_ERROR(ReadHead());
    const int64_t samples = std::max<int64_t>(1, int64_t{rate_} * options_.piece_milliseconds() / 1000);
    Audio audio{{}, rate_, position_};
    ASSIGN_OR_RETURN(audio.samples, file_ ? ReadFromFile(samples) : ReadFromStream(samples));
    if (audio.samples.empty()) return false;
    item.SetItem(absl::StrCat("samples ", position_));
    position_ += audio.samples.size();
    if (options_.pace() == options::ReadLive::REAL_TIME) WaitFor(position_);
    item.AddMediaTime(audio.seconds());
    item.Set(kAudio, std::move(audio));
    return true;
  }

 private:
  // Samples without a head, as their name says.
  static bool IsRaw(const std::string& path) {
    const std::string extension = absl::AsciiStrToLower(std::filesystem::path(path).extension().string());
    std::error_code error;
    return extension.empty() || extension == ".raw" || extension == ".pcm" ||
           (std::filesystem::exists(path, error) && !std::filesystem::is_regular_file(path, error));
  }

  // Up to `count` samples, fewer at the end only.
  absl::StatusOr<FloatArray> ReadFromFile(int64_t count) {
    const int64_t end = std::min(position_ + count, file_->num_samples);
    if (end > block_start_ + block_.size()) {
      DecodeOptions decode;
      decode.start_sample = position_;
      decode.num_samples = std::min(file_->num_samples - position_, std::max(count, kBlockSeconds * rate_));
      ASSIGN_OR_RETURN(Waveform block, DecodeAudio(name_, decode));
      block_ = std::move(block.samples);
      block_start_ = position_;
    }
    FloatArray samples = FloatArray::Zeros({end - position_});
    std::copy_n(block_.data() + (position_ - block_start_), samples.size(), samples.mutable_data());
    return samples;
  }

  absl::StatusOr<FloatArray> ReadFromStream(int64_t count) {
    ASSIGN_OR_RETURN(const std::string bytes, ReadBytes(static_cast<size_t>(count) * sizeof(int16_t)));
    FloatArray samples = FloatArray::Zeros({static_cast<int64_t>(bytes.size() / sizeof(int16_t))});
    float* out = samples.mutable_data();
    for (int64_t i = 0; i < samples.size(); ++i) {
      const auto value = static_cast<int16_t>(LittleEndian(bytes, static_cast<size_t>(2 * i), 2));
      out[i] = static_cast<float>(value) / 32768;
    }
    return samples;
  }

  // Up to `count` bytes, fewer at the end only.
  absl::StatusOr<std::string> ReadBytes(size_t count) {
    std::string bytes;
    std::swap(bytes, kept_);
    if (bytes.size() > count) {
      kept_ = bytes.substr(count);
      bytes.resize(count);
    }
    while (bytes.size() < count) {
      const size_t have = bytes.size();
      bytes.resize(count);
      const ssize_t got = read(descriptor_, &bytes[have], count - have);
      if (got < 0 && errno == EINTR) {
        bytes.resize(have);
        continue;
      }
      if (got < 0) return absl::DataLossError(absl::StrCat(name_, ": ", std::strerror(errno)));
      bytes.resize(have + static_cast<size_t>(got));
      if (got == 0) break;
    }
    return bytes;
  }

  // In blocks: what a head says of its size may not be true.
  absl::Status SkipBytes(uint64_t count) {
    while (count > 0) {
      ASSIGN_OR_RETURN(const std::string block, ReadBytes(std::min<uint64_t>(count, kBlockBytes)));
      if (block.empty()) return absl::DataLossError(absl::StrCat(name_, ": a WAV file without samples"));
      count -= block.size();
    }
    return absl::OkStatus();
  }

  // A WAV file's head says rate and form, and samples follow; anything else is samples already.
  absl::Status ReadHead() {
    head_read_ = true;
    ASSIGN_OR_RETURN(std::string head, ReadBytes(kRiffHead));
    if (head.size() < kRiffHead || head.compare(0, 4, "RIFF") != 0 || head.compare(8, 4, "WAVE") != 0) {
      kept_ = std::move(head);
      return absl::OkStatus();
    }
    while (true) {
      ASSIGN_OR_RETURN(const std::string chunk, ReadBytes(kChunkHead));
      if (chunk.size() < kChunkHead) return absl::DataLossError(absl::StrCat(name_, ": a WAV file without samples"));
      if (chunk.compare(0, 4, "data") == 0) return absl::OkStatus();
      const uint64_t size = LittleEndian(chunk, 4, 4);
      if (chunk.compare(0, 4, "fmt ") != 0) {
        RETURN_IF_ERROR(SkipBytes(size + size % 2));
        continue;
      }
      if (size > kBlockBytes) return absl::DataLossError(absl::StrCat(name_, ": a WAV head of ", size, " bytes"));
      ASSIGN_OR_RETURN(const std::string body, ReadBytes(size + size % 2));
      if (body.size() < kLeastFormat || LittleEndian(body, 0, 2) != kPcm || LittleEndian(body, 2, 2) != 1 ||
          LittleEndian(body, 14, 2) != 16) {
        return absl::InvalidArgumentError(
            absl::StrCat(name_, ": live sound is one channel of 16 bit integers; this WAV file holds something else"));
      }
      rate_ = static_cast<int>(LittleEndian(body, 4, 4));
      if (rate_ < 1000 || rate_ > kMaxSampleRate) {
        return absl::InvalidArgumentError(absl::StrCat(name_, ": a rate of ", rate_, " Hz"));
      }
    }
  }

  void WaitFor(int64_t position) {
    const auto now = std::chrono::steady_clock::now();
    if (!started_) begin_ = now;
    started_ = true;
    std::this_thread::sleep_until(begin_ + std::chrono::microseconds(position * 1000000 / rate_));
  }

  options::ReadLive options_;
  int descriptor_ = -1;
  std::string name_;
  int rate_ = 0;
  // Of a file with a format: it is decoded some seconds at a time.
  std::optional<AudioInfo> file_;
  FloatArray block_;
  int64_t block_start_ = 0;
  bool head_read_ = false;
  std::string kept_;
  int64_t position_ = 0;
  bool started_ = false;
  std::chrono::steady_clock::time_point begin_;
};

DIARFLOW_REGISTER_NODE("ReadLive", ReadLiveNode);

}  // namespace
}  // namespace diarflow
