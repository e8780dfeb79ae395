#include "nodes/conformance_payloads.h"

#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/files.h"
#include "base/status_matchers.h"
#include "gtest/gtest.h"
#include "nodes/conformance_diarization.h"
#include "nodes/conformance_maker.h"
#include "nodes/conformance_recordings.h"
#include "nodes/conversation.h"
#include "nodes/payloads.h"
#include "nodes/probe.h"
#include "nodes/session_role.h"

namespace diarflow {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kLargest = std::numeric_limits<float>::max();

FloatArray Constant(std::vector<int64_t> shape, float number) {
  FloatArray constant = FloatArray::Zeros(std::move(shape));
  for (int64_t i = 0; i < constant.size(); ++i) constant.mutable_data()[i] = number;
  return constant;
}

std::shared_ptr<const std::string> Producer() { return std::make_shared<const std::string>("made for a test"); }

std::vector<double> NumbersOf(const FloatArray& array) { return {array.begin(), array.end()}; }

// A piece that starts at a multiple of this is a window of which EmbedTracks makes embeddings.
constexpr int64_t kEmbeddedWindow = 80000;

ConformancePayload AudioPayload() {
  return PayloadOf<Audio>(
      {[](int item, int rate) { return Audio{Noise({kGoodSamples + 100 * item}, item), rate, kEmbeddedWindow * item}; },
       {{"empty", [](int rate) { return Audio{FloatArray::Zeros({0}), rate, 0}; }},
        {"without a shape", [](int rate) { return Audio{FloatArray(), rate, 0}; }},
        {"one sample", [](int rate) { return Audio{Noise({1}, 1), rate, 0}; }},
        {"very short", [](int rate) { return Audio{Noise({7}, 1), rate, 0}; }},
        {"silent", [](int rate) { return Audio{FloatArray::Zeros({kGoodSamples}), rate, 0}; }},
        {"NaN", [](int rate) { return Audio{With(Noise({kGoodSamples}, 1), kNan), rate, 0}; }},
        {"infinite", [](int rate) { return Audio{With(Noise({kGoodSamples}, 1), kInfinity), rate, 0}; }},
        {"huge", [](int rate) { return Audio{Constant({kGoodSamples}, kLargest), rate, 0}; }},
        {"two axes", [](int rate) { return Audio{Noise({2, kGoodSamples}, 1), rate, 0}; }},
        {"no rate", [](int) { return Audio{Noise({kGoodSamples}, 1), 0, 0}; }},
        {"another rate", [](int rate) { return Audio{Noise({kGoodSamples}, 1), rate / 2, 0}; }}},
       [](const Audio& audio) {
         std::vector<double> numbers = NumbersOf(audio.samples);
         numbers.push_back(audio.sample_rate);
         numbers.push_back(static_cast<double>(audio.start_sample));
         return numbers;
       }});
}

Frames MadeFrames(FloatArray values, int rate, int64_t first_frame = 0) {
  const int64_t hop = rate / 100;
  return {std::move(values), FrameGrid{rate, hop, hop, first_frame * hop}, Producer()};
}

ConformancePayload FramesPayload() {
  return PayloadOf<Frames>(
      // One behind the other.
      {[](int item, int rate) {
         return MadeFrames(Noise({20 + item, 4}, item), rate, 20 * item + item * (item - 1) / 2);
       },
       {{"empty", [](int rate) { return MadeFrames(FloatArray::Zeros({0, 4}), rate); }},
        {"without a shape", [](int rate) { return MadeFrames(FloatArray(), rate); }},
        {"without width", [](int rate) { return MadeFrames(FloatArray::Zeros({20, 0}), rate); }},
        {"one frame", [](int rate) { return MadeFrames(Noise({1, 4}, 1), rate); }},
        {"NaN", [](int rate) { return MadeFrames(With(Noise({20, 4}, 1), kNan), rate); }},
        {"infinite", [](int rate) { return MadeFrames(With(Noise({20, 4}, 1), kInfinity), rate); }},
        {"huge", [](int rate) { return MadeFrames(Constant({20, 4}, kLargest), rate); }},
        {"one axis", [](int rate) { return MadeFrames(Noise({20}, 1), rate); }}},
       [](const Frames& frames) {
         std::vector<double> numbers = NumbersOf(frames.values);
         for (const int64_t size : frames.values.shape()) numbers.push_back(static_cast<double>(size));
         numbers.push_back(static_cast<double>(frames.grid.first_sample));
         return numbers;
       }});
}

ConformancePayload EmbeddingPayload() {
  return PayloadOf<Embedding>({[](int item, int) { return Embedding{Noise({4}, item), Producer()}; },
                               {{"empty", [](int) { return Embedding{FloatArray::Zeros({0}), Producer()}; }},
                                {"without a shape", [](int) { return Embedding{FloatArray(), Producer()}; }},
                                {"one number", [](int) { return Embedding{Noise({1}, 1), Producer()}; }},
                                {"zero", [](int) { return Embedding{FloatArray::Zeros({4}), Producer()}; }},
                                {"NaN", [](int) { return Embedding{With(Noise({4}, 1), kNan), Producer()}; }},
                                {"infinite", [](int) { return Embedding{With(Noise({4}, 1), kInfinity), Producer()}; }},
                                {"huge", [](int) { return Embedding{Constant({4}, kLargest), Producer()}; }}},
                               [](const Embedding& embedding) { return NumbersOf(embedding.values); }});
}

LocalActivity MadeActivity(FloatArray values, int rate) {
  return {std::move(values), FrameGrid{rate, rate / 100, rate / 100, 0}, rate, rate, 2 * int64_t{rate}, Producer()};
}

ConformancePayload ActivityPayload() {
  return PayloadOf<LocalActivity>(
      {[](int item, int rate) { return MadeActivity(Noise({1, 100, 7}, item), rate); },
       {{"empty", [](int rate) { return MadeActivity(FloatArray::Zeros({0, 100, 7}), rate); }},
        {"without a shape", [](int rate) { return MadeActivity(FloatArray(), rate); }},
        {"equal", [](int rate) { return MadeActivity(FloatArray::Zeros({1, 100, 7}), rate); }},
        {"huge", [](int rate) { return MadeActivity(With(Noise({1, 100, 7}, 1), kLargest), rate); }},
        {"no frames", [](int rate) { return MadeActivity(FloatArray::Zeros({1, 0, 7}), rate); }},
        {"one frame", [](int rate) { return MadeActivity(Noise({1, 1, 7}, 1), rate); }},
        {"another number of classes", [](int rate) { return MadeActivity(Noise({1, 100, 3}, 1), rate); }},
        {"two windows", [](int rate) { return MadeActivity(Noise({2, 100, 7}, 1), rate); }},
        {"NaN", [](int rate) { return MadeActivity(With(Noise({1, 100, 7}, 1), kNan), rate); }}},
       [](const LocalActivity& activity) { return NumbersOf(activity.values); }});
}

Utterance PieceOf(Rational start, Rational length) {
  Utterance utterance = GoodUtterance(1);
  utterance.start = start;
  utterance.length = length;
  return utterance;
}

ConformancePayload UtterancePayload() {
  return PayloadOf<Utterance>(
      {[](int item, int) { return GoodUtterance(item); },
       {{"no path", [](int) { return Utterance{"nothing", "", Rational(0), std::nullopt}; }},
        {"missing file", [](int) { return Utterance{"missing", MadeFile("missing.wav"), Rational(0), std::nullopt}; }},
        {"folder", [](int) { return Utterance{"folder", testing::TempDir(), Rational(0), std::nullopt}; }},
        {"text", [](int) { return FileOf("text", "RIFF is what a wave file begins with"); }},
        {"no samples", [](int) { return WavOf("no_samples", FloatArray::Zeros({0})); }},
        {"one sample", [](int) { return WavOf("one_sample", Noise({1}, 1)); }},
        {"NaN", [](int) { return WavOf("nan", With(Noise({kGoodSamples}, 1), kNan)); }},
        {"infinite", [](int) { return WavOf("infinite", With(Noise({kGoodSamples}, 1), kInfinity)); }},
        {"piece behind the end", [](int) { return PieceOf(Rational(3600), Rational(1)); }},
        {"piece of no length", [](int) { return PieceOf(Rational(0), Rational(0)); }},
        {"piece before the start", [](int) { return PieceOf(Rational(-1), Rational(1)); }}},
       [](const Utterance& utterance) { return std::vector<double>(utterance.path.begin(), utterance.path.end()); }});
}

Conversation MadeConversation(int item) {
  auto options = std::make_shared<ConversationOptions>();
  options->set_num_speakers(2);
  options->set_session_length(6);
  const auto speakers = DrawSpeakers(*MadeVoices(), *options, 1, item + 1);
  EXPECT_OK(speakers);
  const auto plan = PlanConversation(*MadeVoices(), *options, 1, item, speakers->back());
  EXPECT_OK(plan);
  return {absl::StrCat("conversation", item),
          std::make_shared<const ConversationPlan>(*plan),
          MadeVoices(),
          options,
          1,
          nullptr};
}

Conversation WithPlan(const std::function<void(ConversationPlan*)>& change) {
  Conversation conversation = MadeConversation(1);
  auto plan = std::make_shared<ConversationPlan>(*conversation.plan);
  change(plan.get());
  conversation.plan = plan;
  return conversation;
}

ConformancePayload ConversationPayload() {
  return PayloadOf<Conversation>(
      {[](int item, int) { return MadeConversation(item); },
       {{"no plan", [](int) { return Conversation{}; }},
        {"nobody speaks", [](int) { return WithPlan([](ConversationPlan* plan) { plan->sentences.clear(); }); }},
        {"no name",
         [](int) {
           Conversation conversation = MadeConversation(1);
           conversation.uri.clear();
           return conversation;
         }}},
       [](const Conversation& conversation) {
         std::vector<double> numbers = {static_cast<double>(conversation.plan->num_samples)};
         for (const Turn& turn : TurnsOf(*conversation.plan, "").turns) {
           numbers.push_back(static_cast<double>(turn.start));
           numbers.push_back(static_cast<double>(turn.duration));
         }
         return numbers;
       }});
}

ConformancePayload TurnsPayload() {
  return PayloadOf<Turns>(
      {[](int item, int) {
         return Turns{{absl::StrCat("recording", item), {{0, 1000, "a"}, {500, 1000 * (item + 1), "b"}}}, Producer()};
       },
       {{"none", [](int) { return Turns{{"recording", {}}, Producer()}; }},
        {"no names", [](int) { return Turns{{"", {{0, 1000, ""}}}, Producer()}; }},
        {"before the start", [](int) { return Turns{{"recording", {{-5, 1000, "a"}}}, Producer()}; }},
        {"without end", [](int) { return Turns{{"recording", {{0, int64_t{1} << 62, "a"}}}, Producer()}; }}},
       [](const Turns& turns) {
         std::vector<double> numbers;
         for (const Turn& turn : turns.recording.turns) {
           numbers.push_back(static_cast<double>(turn.start));
           numbers.push_back(static_cast<double>(turn.duration));
         }
         return numbers;
       }});
}

ConformancePayload SessionRolePayload() {
  return PayloadOf<SessionRole>(
      {[](int item, int) { return SessionRole{item < 2, item, "set"}; },
       {{"for validation", [](int) { return SessionRole{true, 0, ""}; }}},
       [](const SessionRole& role) { return std::vector<double>{role.validation ? 1.0 : 0.0}; }});
}

ConformancePayload ProbeRolePayload() {
  // Most are of the trials; without any one of them two speakers are left for either training.
  return PayloadOf<ProbeRole>({[](int item, int) {
                                 const bool in_trials = item < 5;
                                 return ProbeRole{in_trials, absl::StrCat(in_trials ? "person" : "other", item % 2)};
                               },
                               {{"for training", [](int) { return ProbeRole{false, "other0"}; }},
                                {"nobody", [](int) { return ProbeRole{true, ""}; }},
                                {"nobody for training", [](int) { return ProbeRole{false, ""}; }}},
                               [](const ProbeRole& role) {
                                 std::vector<double> numbers(role.speaker.begin(), role.speaker.end());
                                 numbers.push_back(role.in_trials ? 1 : 0);
                                 return numbers;
                               }});
}

}  // namespace

const ConformancePayload* FindConformancePayload(const std::string& type) {
  static const auto* payloads =
      new std::map<std::string, ConformancePayload>{{Audio::kPayloadName, AudioPayload()},
                                                    {Frames::kPayloadName, FramesPayload()},
                                                    {Embedding::kPayloadName, EmbeddingPayload()},
                                                    {LocalActivity::kPayloadName, ActivityPayload()},
                                                    {Utterance::kPayloadName, UtterancePayload()},
                                                    {Conversation::kPayloadName, ConversationPayload()},
                                                    {Turns::kPayloadName, TurnsPayload()},
                                                    {SessionRole::kPayloadName, SessionRolePayload()},
                                                    {ProbeRole::kPayloadName, ProbeRolePayload()},
                                                    {LiveTurns::kPayloadName, LiveTurnsPayload()},
                                                    {SoundPeaks::kPayloadName, SoundPeaksPayload()},
                                                    {VoicedWindows::kPayloadName, VoicedWindowsPayload()},
                                                    {DiarizedRecording::kPayloadName, DiarizedRecordingPayload()}};
  const auto found = payloads->find(type);
  return found == payloads->end() ? nullptr : &found->second;
}

}  // namespace diarflow
