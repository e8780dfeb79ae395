// The two engines take the same pieces: all streams together, some of them, at different positions.
#include "models/mimi/plain_engine.h"

#include <cmath>
#include <random>
#include <vector>

#include "c10/core/InferenceMode.h"
#include "gtest/gtest.h"
#include "models/mimi/fast/fast_mimi_encoder.h"
#include "models/mimi/mimi_config.h"

namespace diarflow {
namespace {

TEST(PlainEngineTest, GivesWhatTheFastOneGives) {
  c10::InferenceMode guard;
  MimiConfig config = SmallMimiConfig();
  config.set_context(20);
  const MimiWeights weights = RandomMimiWeights(config, 1);
  const auto plain = MakePlainMimiEngine(config, weights, ModelDevice());
  const auto fast = MakeFastMimiEncoder(config, weights, MimiPrecision::kFloat32);
  constexpr int64_t kStreams = 3;
  std::mt19937 random(1);
  for (const MimiTap tap : {MimiTap::kSeanet, MimiTap::kTransformer25, MimiTap::kLatent12}) {
    StreamState plain_state = plain->NewState(kStreams, tap), fast_state = fast->NewState(kStreams, tap);
    const auto plain_workspace = plain->NewWorkspace(), fast_workspace = fast->NewWorkspace();
    for (int step = 0; step < 40; ++step) {
      const int64_t samples = kMimiFrameSamples * (1 + static_cast<int64_t>(random() % 4));
      std::vector<std::vector<float>> audio;
      std::vector<MimiPiece> pieces;
      for (int64_t stream = 0; stream < kStreams; ++stream) {
        // First all streams, then those that chance chooses.
        if (step > 10 && random() % 2 == 0) continue;
        audio.emplace_back(static_cast<size_t>(samples - static_cast<int64_t>(random() % 100)));
        for (float& sample : audio.back()) sample = static_cast<float>(random()) * 0x1p-32f - 0.5f;
        pieces.push_back({nullptr, static_cast<int64_t>(audio.back().size()), stream});
      }
      for (size_t i = 0; i < pieces.size(); ++i) pieces[i].samples = audio[i].data();
      if (pieces.empty()) continue;
      const float* a = plain->Forward(pieces, samples, tap, plain_state, plain_workspace.get());
      const float* b = fast->Forward(pieces, samples, tap, fast_state, fast_workspace.get());
      const int64_t numbers = static_cast<int64_t>(pieces.size()) * MimiTapFrames(tap, samples) * config.dimension();
      for (int64_t i = 0; i < numbers; ++i) ASSERT_NEAR(a[i], b[i], 5e-5) << "step " << step << ", number " << i;
      for (int64_t stream = 0; stream < kStreams; ++stream) {
        ASSERT_EQ(plain_state.position(stream), fast_state.position(stream));
      }
    }
    EXPECT_NE(plain_state.position(0), plain_state.position(1));
  }
}

}  // namespace
}  // namespace diarflow
