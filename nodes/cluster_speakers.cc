// ClusterSpeakers: the windows of a recording to who spoke when in it.
#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "diarization/diarize.h"
#include "diarization/diarizer.h"
#include "diarization/turns.h"
#include "graph/registry.h"
#include "nodes/cluster_speakers.pb.h"
#include "nodes/diarization.h"

namespace diarflow {
namespace {

DiarizeOptions DiarizeOptionsOf(const options::ClusterSpeakers& options) {
  DiarizeOptions diarize;
  diarize.cluster.min_speakers = options.num_speakers() > 0 ? options.num_speakers() : options.min_speakers();
  diarize.cluster.max_speakers = options.num_speakers() > 0 ? options.num_speakers() : options.max_speakers();
  diarize.cluster.least_similarity = options.least_similarity();
  diarize.cluster.cannot_link_penalty = options.cannot_link_penalty();
  diarize.cluster.least_seconds = options.least_seconds();
  diarize.cluster.least_share = options.least_share();
  diarize.vote.least_turn = options.least_turn();
  diarize.vote.least_gap = options.least_gap();
  diarize.vote.speech_threshold = options.speech_threshold();
  diarize.vote.overlap_threshold = options.overlap_threshold();
  return diarize;
}

absl::Status CheckClusterSpeakers(const options::ClusterSpeakers& options) {
  if (options.num_speakers() < 0) return absl::InvalidArgumentError("num_speakers is negative; 0 leaves it open");
  if (options.num_speakers() > 0 && (options.min_speakers() > 0 || options.max_speakers() > 0)) {
    return absl::InvalidArgumentError("num_speakers is exact: min_speakers and max_speakers must be left out");
  }
  return CheckDiarizeOptions(DiarizeOptionsOf(options));
}

class ClusterSpeakersNode : public CollectNode {
 public:
  static constexpr In<VoicedWindows> kVoices{"VOICES"};
  static constexpr Out<DiarizedRecording> kDiarization{"DIARIZATION"};

  static void Contract(ContractBuilder& contract) {
    contract.Summary("Windows with the voices of their local speakers to who spoke when in the recording.")
        .Input(kVoices)
        .Output(kDiarization)
        .Options<options::ClusterSpeakers>(&CheckClusterSpeakers);
  }

  absl::Status Open(OpenContext& context) override {
    options_ = DiarizeOptionsOf(context.options<options::ClusterSpeakers>());
    return absl::OkStatus();
  }

  absl::Status Begin() override {
    windows_.clear();
    end_sample_ = 0;
    embedding_size_ = 0;
    return absl::OkStatus();
  }

  absl::Status Add(ItemContext& part) override {
    const VoicedWindows& voiced = part.Get(kVoices);
    for (const DiarizationWindow& window : voiced.windows) {
      RETURN_IF_ERROR(CheckWindow(window, voiced.end_sample));
      if (!windows_.empty() && window.start <= windows_.back().start) {
        return absl::FailedPreconditionError("a window begins before the one in front of it");
      }
      windows_.push_back(window);
    }
    end_sample_ = std::max(end_sample_, voiced.end_sample);
    producer_ = voiced.producer;
    return absl::OkStatus();
  }

  absl::Status Finish(FinishContext& context) override {
    if (context.ended_early() && windows_.empty()) {
      context.Skip();
      return absl::OkStatus();
    }
    DiarizedRecording recording;
    recording.ended_early = context.ended_early();
    recording.uri = context.item();
    recording.result = Diarize(windows_, end_sample_, options_);
    recording.duration = MicrosecondsFromSamples(end_sample_, kDiarizerSampleRate);
    recording.producer = producer_;
    windows_.clear();
    context.Set(kDiarization, std::move(recording));
    return absl::OkStatus();
  }

 private:
  // What Diarize() requires besides what the payload says of itself: a place in the recording, local speakers that
  // there are, embeddings of one size.
  absl::Status CheckWindow(const DiarizationWindow& window, int64_t end_sample) {
    if (window.start < 0 || end_sample < window.start || end_sample > kDiarizerMaxSamples) {
      return absl::InvalidArgumentError(
          absl::StrCat("a window begins at sample ", window.start, " of a recording that ends at ", end_sample));
    }
    for (const TrackVoices& track : window.tracks) {
      if (track.speaker < 0 || track.speaker >= kLocalSpeakers) {
        return absl::InvalidArgumentError(
            absl::StrCat("a window names local speaker ", track.speaker, " of ", kLocalSpeakers));
      }
      for (const VoiceItem& item : track.items) RETURN_IF_ERROR(CheckEmbedding(item.embedding));
      for (const VoicePiece& piece : track.pieces) RETURN_IF_ERROR(CheckEmbedding(piece.embedding));
    }
    return absl::OkStatus();
  }

  absl::Status CheckEmbedding(const std::vector<float>& embedding) {
    if (embedding_size_ == 0) embedding_size_ = embedding.size();
    if (embedding.empty() || embedding.size() != embedding_size_) {
      return absl::InvalidArgumentError(
          absl::StrCat("the embeddings of a recording have ", embedding_size_, " and ", embedding.size(), " numbers"));
    }
    return absl::OkStatus();
  }

  DiarizeOptions options_;
  size_t embedding_size_ = 0;
  std::vector<DiarizationWindow> windows_;
  int64_t end_sample_ = 0;
  std::shared_ptr<const std::string> producer_;
};

DIARFLOW_REGISTER_NODE("ClusterSpeakers", ClusterSpeakersNode);

}  // namespace
}  // namespace diarflow
