// Streams in pieces against the whole, also past the attention window.
#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "base/float_array.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "models/mimi/mimi.h"
#include "models/mimi/mimi_config.h"

namespace diarflow {
namespace {

using testing::HasSubstr;

constexpr double kTolerance = 5e-5;
constexpr MimiTap kTaps[] = {MimiTap::kSeanet, MimiTap::kTransformer25, MimiTap::kLatent12};

// A window of 20 frames at 25 Hz: .8 s. Layer scale 1, so that attention matters.
MimiConfig NarrowConfig() {
  MimiConfig config = SmallMimiConfig();
  config.set_context(20);
  config.set_layer_scale_init(1);
  return config;
}

FloatArray Noise(int64_t samples, uint32_t seed) {
  std::mt19937 random(seed);
  FloatArray audio = FloatArray::Zeros({samples});
  for (int64_t i = 0; i < samples; ++i) audio.mutable_data()[i] = static_cast<float>(random()) * 0x1p-32f - 0.5f;
  return audio;
}

FloatArray Cut(const FloatArray& audio, int64_t begin, int64_t count) {
  FloatArray piece = FloatArray::Zeros({count});
  std::copy_n(audio.data() + begin, count, piece.mutable_data());
  return piece;
}

void Append(const FloatArray& frames, std::vector<float>* all) {
  all->insert(all->end(), frames.begin(), frames.end());
}

double Farthest(const FloatArray& a, const std::vector<float>& b) {
  if (a.size() != static_cast<int64_t>(b.size())) return std::numeric_limits<double>::infinity();
  double farthest = 0;
  for (int64_t i = 0; i < a.size(); ++i)
    farthest = std::max<double>(farthest, std::fabs(a[i] - b[static_cast<size_t>(i)]));
  return farthest;
}

// Random pieces whose sizes in 12.5 Hz frames add up to `frames`.
std::vector<int64_t> RandomCuts(int64_t frames, int64_t longest, std::mt19937& random) {
  std::vector<int64_t> cuts;
  while (frames > 0) {
    cuts.push_back(std::min<int64_t>(frames, 1 + static_cast<int64_t>(random()) % longest));
    frames -= cuts.back();
  }
  return cuts;
}

std::vector<std::vector<float>> Stream(const MimiEncoder& mimi, MimiState& state, const std::vector<FloatArray>& audio,
                                       const std::vector<int64_t>& cuts) {
  std::vector<std::vector<float>> results(audio.size());
  int64_t begin = 0;
  for (const int64_t frames : cuts) {
    std::vector<FloatArray> pieces;
    for (const FloatArray& samples : audio) pieces.push_back(Cut(samples, begin, frames * kMimiFrameSamples));
    const auto out = mimi.Step(state, pieces);
    EXPECT_OK(out);
    if (!out.ok()) return results;
    for (size_t i = 0; i < audio.size(); ++i) Append((*out)[i], &results[i]);
    begin += frames * kMimiFrameSamples;
  }
  return results;
}

class StreamingTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_OK_AND_ASSIGN(mimi_, MimiEncoder::Random(NarrowConfig(), 5)); }

  MimiEncoder::Ptr mimi_;
};

TEST_F(StreamingTest, PiecesGiveTheWhole) {
  constexpr int64_t kFrames = 60;  // six windows
  const FloatArray audio = Noise(kFrames * kMimiFrameSamples, 1);
  std::mt19937 random(2);
  for (const MimiTap tap : kTaps) {
    ASSERT_OK_AND_ASSIGN(const auto whole, mimi_->Encode({audio}, tap));
    std::vector<std::vector<int64_t>> all_cuts = {{kFrames},
                                                  std::vector<int64_t>(kFrames, 1),
                                                  std::vector<int64_t>(kFrames / 2, 2),
                                                  std::vector<int64_t>(kFrames / 5, 5)};
    // Pieces of up to three windows.
    for (int round = 0; round < 6; ++round) all_cuts.push_back(RandomCuts(kFrames, round < 3 ? 4 : 30, random));
    for (const auto& cuts : all_cuts) {
      MimiState state = *mimi_->NewState(1, tap);
      const auto pieces = Stream(*mimi_, state, {audio}, cuts);
      EXPECT_LT(Farthest(whole[0], pieces[0]), kTolerance) << testing::PrintToString(cuts);
      EXPECT_EQ(state.position(), audio.size());
    }
  }
}

// The same with windows of one frame up to more than the stream.
TEST_F(StreamingTest, WindowsOfAnySize) {
  std::mt19937 random(3);
  for (const int context : {1, 2, 3, 250}) {
    MimiConfig config = NarrowConfig();
    config.set_context(context);
    ASSERT_OK_AND_ASSIGN(const MimiEncoder::Ptr mimi, MimiEncoder::Random(config, 5));
    const FloatArray audio = Noise(20 * kMimiFrameSamples, 1);
    ASSERT_OK_AND_ASSIGN(const auto whole, mimi->Encode({audio}, MimiTap::kLatent12));
    MimiState state = *mimi->NewState(1, MimiTap::kLatent12);
    EXPECT_LT(Farthest(whole[0], Stream(*mimi, state, {audio}, RandomCuts(20, 6, random))[0]), kTolerance) << context;
  }
}

TEST_F(StreamingTest, TheWindowMatters) {
  // Otherwise the tests above would show nothing: audio from before the window reaches the end only through layers.
  MimiConfig wide = NarrowConfig();
  wide.set_context(21);
  ASSERT_OK_AND_ASSIGN(const MimiEncoder::Ptr other, MimiEncoder::Random(wide, 5));
  const FloatArray audio = Noise(30 * kMimiFrameSamples, 1);
  ASSERT_OK_AND_ASSIGN(const auto a, mimi_->Encode({audio}, MimiTap::kLatent12));
  ASSERT_OK_AND_ASSIGN(const auto b, other->Encode({audio}, MimiTap::kLatent12));
  EXPECT_GT(Farthest(a[0], std::vector<float>(b[0].begin(), b[0].end())), 100 * kTolerance);
}

TEST_F(StreamingTest, StreamsOfABatchDoNotMeet) {
  const std::vector<FloatArray> audio = {Noise(40 * kMimiFrameSamples, 1), Noise(40 * kMimiFrameSamples, 2),
                                         FloatArray::Zeros({40 * kMimiFrameSamples})};
  std::mt19937 random(4);
  MimiState state = *mimi_->NewState(3, MimiTap::kLatent12);
  const auto pieces = Stream(*mimi_, state, audio, RandomCuts(40, 8, random));
  for (size_t i = 0; i < audio.size(); ++i) {
    ASSERT_OK_AND_ASSIGN(const auto alone, mimi_->Encode({audio[i]}, MimiTap::kLatent12));
    EXPECT_LT(Farthest(alone[0], pieces[i]), kTolerance) << i;
  }
}

TEST_F(StreamingTest, InterleavedStatesDoNotMeet) {
  const FloatArray a = Noise(30 * kMimiFrameSamples, 1), b = Noise(30 * kMimiFrameSamples, 2);
  MimiState state_a = *mimi_->NewState(1, MimiTap::kLatent12), state_b = *mimi_->NewState(1, MimiTap::kLatent12);
  std::vector<float> pieces_a, pieces_b;
  for (int64_t frame = 0; frame < 30; frame += 3) {
    const int64_t begin = frame * kMimiFrameSamples, count = 3 * kMimiFrameSamples;
    const std::string before = state_b.Snapshot();
    ASSERT_OK_AND_ASSIGN(const auto out_a, mimi_->Step(state_a, {Cut(a, begin, count)}));
    EXPECT_EQ(state_b.Snapshot(), before);
    ASSERT_OK_AND_ASSIGN(const auto out_b, mimi_->Step(state_b, {Cut(b, begin, count)}));
    Append(out_a[0], &pieces_a);
    Append(out_b[0], &pieces_b);
  }
  ASSERT_OK_AND_ASSIGN(const auto whole, mimi_->Encode({a, b}, MimiTap::kLatent12));
  EXPECT_LT(Farthest(whole[0], pieces_a), kTolerance);
  EXPECT_LT(Farthest(whole[1], pieces_b), kTolerance);
}

TEST_F(StreamingTest, ResetIsANewStream) {
  for (const MimiTap tap : kTaps) {
    const FloatArray audio = Noise(15 * kMimiFrameSamples, 1);
    MimiState state = *mimi_->NewState(1, tap);
    const std::string fresh = state.Snapshot();
    const auto first = Stream(*mimi_, state, {audio}, {3, 12});
    EXPECT_NE(state.Snapshot(), fresh);
    state.Reset();
    EXPECT_EQ(state.position(), 0);
    EXPECT_EQ(state.Snapshot(), fresh);
    EXPECT_EQ(Stream(*mimi_, state, {audio}, {3, 12}), first);
  }
}

// From a snapshot at any place the stream goes on as it did: bit for bit, as the pieces are the same.
TEST_F(StreamingTest, SnapshotsGoOnAsTheStreamDid) {
  const FloatArray audio = Noise(30 * kMimiFrameSamples, 1);
  for (const MimiTap tap : kTaps) {
    for (const int64_t cut : {0, 1, 7, 22}) {
      MimiState state = *mimi_->NewState(1, tap);
      Stream(*mimi_, state, {Cut(audio, 0, cut * kMimiFrameSamples)},
             cut > 0 ? std::vector<int64_t>{cut} : std::vector<int64_t>());
      const std::string snapshot = state.Snapshot();
      MimiState other = *mimi_->NewState(1, tap);
      ASSERT_OK(mimi_->Step(other, {Noise(5 * kMimiFrameSamples, 9)}));
      ASSERT_OK(other.Restore(snapshot));
      EXPECT_EQ(other.position(), cut * kMimiFrameSamples);
      const FloatArray rest = Cut(audio, cut * kMimiFrameSamples, (30 - cut) * kMimiFrameSamples);
      const std::vector<int64_t> cuts = {2, 30 - cut - 2};
      const auto expected = Stream(*mimi_, state, {rest}, cuts);
      EXPECT_EQ(Stream(*mimi_, other, {rest}, cuts), expected);
    }
  }
}

TEST_F(StreamingTest, BadSnapshotsLeaveTheStateAsItWas) {
  MimiState state = *mimi_->NewState(1, MimiTap::kLatent12);
  ASSERT_OK(mimi_->Step(state, {Noise(5 * kMimiFrameSamples, 9)}));
  const std::string before = state.Snapshot();
  EXPECT_THAT(state.Restore(""), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(state.Restore(before.substr(0, before.size() - 4)), StatusIs(absl::StatusCode::kDataLoss));
  const auto other = [&](int64_t batch, MimiTap tap) { return state.Restore(mimi_->NewState(batch, tap)->Snapshot()); };
  EXPECT_THAT(other(2, MimiTap::kLatent12), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("2 streams")));
  EXPECT_THAT(other(1, MimiTap::kSeanet), StatusIs(absl::StatusCode::kInvalidArgument));
  ASSERT_OK_AND_ASSIGN(const MimiEncoder::Ptr stranger, MimiEncoder::Random(NarrowConfig(), 6));
  EXPECT_THAT(state.Restore(stranger->NewState(1, MimiTap::kLatent12)->Snapshot()),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(state.Snapshot(), before);
}

TEST_F(StreamingTest, BadStepsLeaveTheStateAsItWas) {
  MimiState state = *mimi_->NewState(2, MimiTap::kLatent12);
  const FloatArray good = Noise(2 * kMimiFrameSamples, 9);
  ASSERT_OK(mimi_->Step(state, {good, good}));
  const std::string before = state.Snapshot();
  FloatArray bad = Noise(2 * kMimiFrameSamples, 9);
  bad.mutable_data()[7] = NAN;
  EXPECT_THAT(mimi_->Step(state, {good, bad}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("item 1 is nan at sample 7")));
  EXPECT_THAT(mimi_->Step(state, {good}), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("2 streams")));
  EXPECT_THAT(mimi_->Step(state, {}), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("2 streams")));
  EXPECT_THAT(mimi_->Step(state, {good, Noise(kMimiFrameSamples, 9)}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("item 1")));
  EXPECT_THAT(mimi_->Step(state, {Noise(1000, 9), Noise(1000, 9)}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("multiple of 1920")));
  EXPECT_THAT(mimi_->Step(state, {FloatArray(), FloatArray()}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("no samples")));
  ASSERT_OK_AND_ASSIGN(const MimiEncoder::Ptr stranger, MimiEncoder::Random(NarrowConfig(), 6));
  EXPECT_THAT(stranger->Step(state, {good, good}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("another encoder")));
  EXPECT_EQ(state.Snapshot(), before);
  EXPECT_THAT(mimi_->NewState(0, MimiTap::kLatent12),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("0 streams")));
}

TEST_F(StreamingTest, BytesOfAState) {
  // Convolutions: 6 + 2 (16 + 32 + 64 + 128) + 4 * 16 + 5 * 32 + 6 * 64 + 8 * 128 + 2 * 256 numbers; keys and values:
  // 2 * 2 * 128 * 128 (rings of two blocks of 64 frames); downsampling: 2 * 128.
  const size_t seanet = 6 + 480 + 64 + 160 + 384 + 1024 + 512, transformer = 65536, downsample = 256;
  const auto bytes = [&](int64_t batch, MimiTap tap) { return mimi_->NewState(batch, tap)->ByteSize(); };
  EXPECT_EQ(bytes(1, MimiTap::kSeanet), 8 + 4 * seanet);
  EXPECT_EQ(bytes(1, MimiTap::kTransformer25), 8 + 4 * (seanet + transformer));
  EXPECT_EQ(bytes(3, MimiTap::kLatent12), 3 * (8 + 4 * (seanet + transformer + downsample)));
}

}  // namespace
}  // namespace diarflow
