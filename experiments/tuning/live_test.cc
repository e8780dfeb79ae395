// The online diarization on the real excerpts: pooled error rates at two latencies, and that it gives the same records
// however the sound comes in, keeps its latency and never takes back what it has said.
#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/files.h"
#include "base/status_matchers.h"
#include "diarization/embed_tracks.h"
#include "diarization/online_diarizer.h"
#include "diarization/voice_encoders.h"
#include "diarization/window_scores.h"
#include "experiments/tuning/tuning_sets.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "metrics/der.h"
#include "models/torch_threads.h"
#include "models/windows.h"
#include "tbb/parallel_for.h"

namespace diarflow {
namespace {

// A speaker network that counts what it is asked.
class CountedVoice : public VoiceEncoder {
 public:
  explicit CountedVoice(std::shared_ptr<const VoiceEncoder> voices) : voices_(std::move(voices)) {}

  absl::StatusOr<FloatArray> Features(const FloatArray& samples) const override {
    ++features_;
    return voices_->Features(samples);
  }
  absl::StatusOr<FloatArray> Columns(const FloatArray& features) const override {
    ++columns_;
    return voices_->Columns(features);
  }
  absl::StatusOr<FloatArray> Pool(const FloatArray& columns, absl::Span<const int> chosen) const override {
    return voices_->Pool(columns, chosen);
  }
  absl::StatusOr<std::vector<FloatArray>> Embed(absl::Span<const FloatArray> audio) const override {
    return voices_->Embed(audio);
  }
  absl::StatusOr<FloatArray> EmbedWindows(const FloatArray& audio, int64_t window, int64_t hop) const override {
    return voices_->EmbedWindows(audio, window, hop);
  }
  const std::string& Fingerprint() const override { return voices_->Fingerprint(); }
  const std::string& Description() const override { return voices_->Description(); }

  mutable int features_ = 0, columns_ = 0;

 private:
  std::shared_ptr<const VoiceEncoder> voices_;
};

class LiveTest : public testing::Test {
 protected:
  void SetUp() override {
    SetModelThreads(1);
    ASSERT_OK_AND_ASSIGN(sessions_, ExcerptSets());
    ASSERT_OK_AND_ASSIGN(const std::string segmentation,
                         ResolvePath("runfiles:@speaker_models/segmentation/pyannote_segmentation.pt"));
    ASSERT_OK_AND_ASSIGN(const std::string campplus,
                         ResolvePath("runfiles:@speaker_models/campplus/campplus_cn_en_common.pt"));
    ASSERT_OK_AND_ASSIGN(segmentation_, SegmentationModel::Load(segmentation));
    ASSERT_OK_AND_ASSIGN(const auto encoder, CampplusEncoder::Load(campplus));
    ASSERT_OK_AND_ASSIGN(voices_, CampplusVoice(encoder));
  }

  // Pushed in pieces of so many samples. Checks what holds for every record.
  Recording Diarize(const FloatArray& samples, double latency, int64_t piece) const {
    OnlineOptions options;
    options.latency = latency;
    OnlineDiarizer live(segmentation_, voices_, options);
    Recording result;
    const auto take = [&](const absl::StatusOr<std::vector<LiveRecord>>& records) {
      EXPECT_OK(records);
      for (const LiveRecord& record : *records) {
        const int64_t now = MicrosecondsFromSamples(live.position(), 16000);
        if (record.kind == LiveRecord::kStarted) {
          // The last piece may bring more than was due.
          EXPECT_LE(now - record.start, 1e6 * (latency + options.least_turn + 2 * kFrameSeconds) +
                                            1e6 / 16000 * static_cast<double>(piece));
        }
        if (record.kind != LiveRecord::kEnded) continue;
        EXPECT_LE(record.end, now);
        result.turns.push_back({record.start, record.end - record.start, record.speaker});
      }
    };
    for (int64_t begin = 0; begin < samples.size(); begin += piece) {
      take(live.Push(Slice(samples, begin, std::min(begin + piece, samples.size()))));
    }
    take(live.Flush());
    return result;
  }

  std::map<std::string, DerComponents> Score(double latency) const {
    std::vector<DerComponents> parts(sessions_.size());
    tbb::parallel_for(size_t{0}, sessions_.size(), [&](size_t s) {
      const LabelledSession& session = sessions_[s];
      const Recording result = Diarize(session.samples, latency, 1600);
      const std::vector<TimeSpan> region = {{0, MicrosecondsFromSamples(session.samples.size(), 16000)}};
      parts[s] = ScoreDer(session.reference, result, region)->components;
    });
    std::map<std::string, DerComponents> scores;
    for (size_t s = 0; s < sessions_.size(); ++s) {
      scores[sessions_[s].set] += parts[s];
      if (sessions_[s].set == "trn" || sessions_[s].set == "dt") scores["all14"] += parts[s];
    }
    for (const auto& [set, components] : scores) {
      std::printf("latency %.1f s: %s DER %.2f %%\n", latency, set.c_str(), 100 * components.rate());
    }
    return scores;
  }

  std::vector<LabelledSession> sessions_;
  SegmentationModel::Ptr segmentation_;
  std::shared_ptr<const VoiceEncoder> voices_;
};

TEST_F(LiveTest, FiveSeconds) {
  const std::map<std::string, DerComponents> scores = Score(5);
  EXPECT_LT(scores.at("all14").rate(), 0.355);
  EXPECT_LT(scores.at("joined").rate(), 0.40);
}

TEST_F(LiveTest, OneSecond) {
  const std::map<std::string, DerComponents> scores = Score(1);
  EXPECT_LT(scores.at("all14").rate(), 0.38);
}

TEST_F(LiveTest, PiecesOfAnySizeGiveTheSameTurns) {
  const FloatArray& samples = sessions_.back().samples;
  const Recording whole = Diarize(samples, 2, samples.size());
  EXPECT_EQ(Diarize(samples, 2, 777).turns, whole.turns);
  EXPECT_EQ(Diarize(samples, 2, 16000).turns, whole.turns);
  EXPECT_FALSE(whole.turns.empty());
}

TEST_F(LiveTest, SpeakersOfAWindowShareItsFeatures) {
  const FloatArray& samples = sessions_.back().samples;
  const auto counted = std::make_shared<const CountedVoice>(voices_);
  OnlineDiarizer live(segmentation_, counted, {});
  ASSERT_OK(live.Push(samples));
  // A step every second; in many of them both people have been heard.
  EXPECT_LE(counted->features_, samples.size() / 16000);
  EXPECT_GT(counted->columns_, counted->features_ + 5);
}

TEST_F(LiveTest, SpeakersSurviveAGap) {
  // The call, an hour of nothing, and the call again: the same two people.
  const FloatArray& samples = sessions_.back().samples;
  OnlineDiarizer live(segmentation_, voices_, {});
  std::map<std::string, int64_t> before, after;
  const auto count = [](const absl::StatusOr<std::vector<LiveRecord>>& records, std::map<std::string, int64_t>* times) {
    ASSERT_OK(records);
    for (const LiveRecord& record : *records) {
      if (record.kind == LiveRecord::kEnded) (*times)[record.speaker] += record.end - record.start;
    }
  };
  count(live.Push(samples), &before);
  count(live.Gap(int64_t{3600} * 16000), &before);
  const auto again = live.Push(samples);
  count(again, &after);
  count(live.Flush(), &after);
  EXPECT_GE(before.size(), 2u);
  for (const auto& [speaker, time] : after) {
    EXPECT_TRUE(time < 3000000 || before.count(speaker) == 1) << speaker;
  }
  for (const LiveRecord& record : *again) EXPECT_GE(record.start, int64_t{3630} * 1000000 - 1000000);
}

}  // namespace
}  // namespace diarflow
