// CutRecording: a recording in its file to long pieces, so that no more than some of them are in memory.
#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "audio/decode.h"
#include "base/status_macros.h"
#include "graph/registry.h"
#include "nodes/cut_recording.pb.h"
#include "nodes/payloads.h"

namespace diarflow {
namespace {

constexpr int64_t kMillisecondsPerSecond = 1000;
// A piece is as long as it is at any rate: whole multiples of this, milliseconds.
constexpr int64_t kUnit = 2500;

absl::StatusOr<int64_t> Units(const char* name, double seconds, double least) {
  const double milliseconds = seconds * kMillisecondsPerSecond;
  if (!(seconds >= least && seconds <= 1e6) ||
      milliseconds != static_cast<double>(static_cast<int64_t>(milliseconds)) ||
      static_cast<int64_t>(milliseconds) % kUnit != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, " is ", seconds, "; it must be a multiple of 2.5 s from ", least, " to 1000000"));
  }
  return static_cast<int64_t>(milliseconds);
}

absl::Status CheckCutRecording(const options::CutRecording& options) {
  RETURN_IF_ERROR(Units("piece_seconds", options.piece_seconds(), 2.5).status());
  return Units("overlap_seconds", options.overlap_seconds(), 0).status();
}

class CutRecordingNode : public ExpandNode {
 public:
  static constexpr In<Utterance> kRecording{"RECORDING"};
  static constexpr Out<Utterance> kPiece{"PIECE"};

  static void Contract(ContractBuilder& contract) {
    contract.Summary("A recording in its file to pieces of some minutes, so that long ones need no more memory.")
        .Input(kRecording)
        .Output(kPiece)
        .Options<options::CutRecording>(&CheckCutRecording);
  }

  absl::Status Open(OpenContext& context) override {
    const auto& options = context.options<options::CutRecording>();
    ASSIGN_OR_RETURN(piece_, Units("piece_seconds", options.piece_seconds(), 2.5));
    ASSIGN_OR_RETURN(overlap_, Units("overlap_seconds", options.overlap_seconds(), 0));
    return absl::OkStatus();
  }

  absl::StatusOr<std::unique_ptr<Parts>> Begin(const ItemContext& item) const override {
    const Utterance& recording = item.Get(kRecording);
    if (recording.start != Rational(0) || recording.length.has_value()) {
      return absl::InvalidArgumentError("the recording is a piece of a file already");
    }
    ASSIGN_OR_RETURN(const AudioInfo info, ReadAudioInfo(recording.path));
    if (info.num_samples == 0) {
      return absl::InvalidArgumentError(absl::StrCat(recording.path, ": no samples in the file"));
    }
    return std::make_unique<Pieces>(recording, info, piece_, overlap_);
  }

 private:
  class Pieces : public Parts {
   public:
    Pieces(const Utterance& recording, const AudioInfo& info, int64_t piece, int64_t overlap)
        : recording_(recording), info_(info), piece_(piece), overlap_(overlap) {}

    absl::StatusOr<bool> Next(SourceContext& part) override {
      const int64_t begin = next_ * piece_;
      if (done_) return false;
      Utterance piece = recording_;
      piece.start = Rational(begin, kMillisecondsPerSecond);
      // The last one reaches the end of the file: no further piece begins in what it does not share.
      ASSIGN_OR_RETURN(const int64_t end,
                       NearestSample(Rational(begin + piece_ + overlap_, kMillisecondsPerSecond), info_.sample_rate));
      done_ = end >= info_.num_samples;
      if (!done_) piece.length = Rational(piece_ + overlap_, kMillisecondsPerSecond);
      part.SetItem(absl::StrCat("piece ", next_++));
      part.Set(kPiece, std::move(piece));
      return true;
    }

    int64_t Count() const override {
      const double seconds = static_cast<double>(info_.num_samples) / info_.sample_rate;
      const double pieces =
          (seconds * kMillisecondsPerSecond - static_cast<double>(overlap_)) / static_cast<double>(piece_);
      return std::max<int64_t>(1, static_cast<int64_t>(std::ceil(pieces)));
    }
    // What was said so far is of use.
    bool MayEndEarly() const override { return true; }

   private:
    const Utterance& recording_;
    AudioInfo info_;
    int64_t piece_, overlap_;  // milliseconds
    int64_t next_ = 0;
    bool done_ = false;
  };

  int64_t piece_ = 0, overlap_ = 0;
};

DIARFLOW_REGISTER_NODE("CutRecording", CutRecordingNode);

}  // namespace
}  // namespace diarflow
