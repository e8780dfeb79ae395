// CAM++ on real speech: the council set's 351 pieces of 3 s, every pair from two meetings, cosine.
#include <cmath>
#include <iostream>
#include <numeric>
#include <string>
#include <vector>

#include "audio/decode.h"
#include "base/files.h"
#include "base/status_matchers.h"
#include "datasets/trial_list.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "metrics/eer.h"
#include "models/campplus/campplus.h"
#include "models/torch_threads.h"

namespace diarflow {
namespace {

constexpr size_t kBatch = 8;

double Cosine(const FloatArray& a, const FloatArray& b) {
  const double aa = std::inner_product(a.begin(), a.end(), a.begin(), 0.0);
  const double bb = std::inner_product(b.begin(), b.end(), b.begin(), 0.0);
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0) / std::sqrt(aa * bb);
}

std::vector<FloatArray> EmbedAll(const CampplusEncoder& encoder, const TrialList& list) {
  std::vector<FloatArray> embeddings, batch;
  for (const ListedUtterance& utterance : list.utterances) {
    DecodeOptions options;
    options.start_seconds = utterance.start;
    options.num_seconds = utterance.length;
    const auto path = ResolvePath("runfiles:@council/council/" + utterance.path);
    EXPECT_OK(path);
    const auto audio = DecodeAudio(*path, options);
    EXPECT_OK(audio);
    EXPECT_EQ(audio->sample_rate, kCampplusSampleRate);
    batch.push_back(audio->samples);
    if (batch.size() < kBatch && embeddings.size() + batch.size() < list.utterances.size()) continue;
    const auto embedded = encoder.Embed(batch);
    EXPECT_OK(embedded);
    embeddings.insert(embeddings.end(), embedded->begin(), embedded->end());
    batch.clear();
  }
  return embeddings;
}

TEST(CouncilTest, TellsSpeakersApartAcrossMeetings) {
  SetModelThreads(1);
  ASSERT_OK_AND_ASSIGN(const std::string weights,
                       ResolvePath("runfiles:@speaker_models/campplus/campplus_cn_en_common.pt"));
  ASSERT_OK_AND_ASSIGN(const auto encoder, CampplusEncoder::Load(weights));
  ASSERT_OK_AND_ASSIGN(const std::string trials, ResolvePath("runfiles:datasets/council/trials.txt"));
  ASSERT_OK_AND_ASSIGN(const TrialList list, ReadTrialList(trials));
  const std::vector<FloatArray> embeddings = EmbedAll(*encoder, list);
  ASSERT_EQ(embeddings.size(), list.utterances.size());
  VerificationScores scores;
  for (const Trial& trial : list.trials) {
    (trial.target ? scores.target : scores.nontarget)
        .push_back(Cosine(embeddings[static_cast<size_t>(trial.enrol)], embeddings[static_cast<size_t>(trial.test)]));
  }
  ASSERT_OK_AND_ASSIGN(const double eer, EqualErrorRate(scores));
  ASSERT_OK_AND_ASSIGN(const double cost, MinDcf(scores));
  ASSERT_OK_AND_ASSIGN(const ScoreStatistics statistics, ComputeScoreStatistics(scores));
  std::cout << list.utterances.size() << " pieces, " << scores.target.size() << " target and "
            << scores.nontarget.size() << " non-target trials: EER " << 100 * eer << " %, minDCF(.01) " << cost
            << ", mean target " << statistics.target.mean << ", mean non-target " << statistics.nontarget.mean
            << std::endl;
  // With a ReLU behind the last batch norm, as one public copy has it, the rate is 3.7 %.
  EXPECT_NEAR(100 * eer, 2.59, 0.05);
  EXPECT_NEAR(cost, 0.371, 0.01);
  EXPECT_NEAR(statistics.target.mean, 0.608, 0.001);
  EXPECT_NEAR(statistics.nontarget.mean, 0.136, 0.001);
}

}  // namespace
}  // namespace diarflow
