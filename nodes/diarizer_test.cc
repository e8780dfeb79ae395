// The diarizer with its real networks: its figures on real recordings, and recordings that are odd.
#include "diarization/diarizer.h"

#include <algorithm>
#include <cmath>
#include <iostream>
#include <limits>
#include <map>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "audio/decode.h"
#include "audio/resample.h"
#include "base/files.h"
#include "base/status_matchers.h"
#include "datasets/formats/rttm.h"
#include "diarization/voice_encoders.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "metrics/der.h"
#include "models/torch_threads.h"

namespace diarflow {
namespace {

using testing::AllOf;
using testing::Ge;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Le;
using testing::SizeIs;

constexpr int64_t kSecond = 16000;

std::string Runfile(const std::string& path) {
  const auto resolved = ResolvePath("runfiles:" + path);
  EXPECT_OK(resolved);
  return resolved.value_or("");
}

Diarizer::Ptr Make(const DiarizeOptions& diarize = {}) {
  static const SegmentationModel::Ptr segmentation =
      *SegmentationModel::Load(Runfile("@speaker_models/segmentation/pyannote_segmentation.pt"));
  static const std::shared_ptr<const VoiceEncoder> voices =
      *CampplusVoice(*CampplusEncoder::Load(Runfile("@speaker_models/campplus/campplus_cn_en_common.pt")));
  SetModelThreads(1);
  DiarizerOptions options;
  options.diarize = diarize;
  const auto diarizer = Diarizer::Create(segmentation, voices, options);
  EXPECT_OK(diarizer);
  return *diarizer;
}

FloatArray Load(const std::string& path) {
  const auto audio = DecodeAudio(Runfile(path));
  EXPECT_OK(audio);
  EXPECT_EQ(audio->sample_rate, kDiarizerSampleRate);
  return audio->samples;
}

const FloatArray& Call() {
  static const auto* const call = new FloatArray(Load("@excerpts/sample/sample.wav"));
  return *call;
}

Recording CallReference() { return ReadRttm(Runfile("@excerpts/sample/sample.rttm"))->at(0); }

FloatArray Part(const FloatArray& samples, int64_t begin, int64_t end) {
  const std::vector<float> part(samples.begin() + begin, samples.begin() + end);
  return FloatArray::Copy({end - begin}, part);
}

int64_t Length(const FloatArray& samples) { return MicrosecondsFromSamples(samples.size(), kDiarizerSampleRate); }

Recording TurnsOf(const std::string& uri, const Diarization& result) {
  Recording recording;
  recording.uri = uri;
  for (const DiarizedTurn& turn : result.turns) recording.turns.push_back(turn.turn);
  return recording;
}

DerComponents Score(const Recording& reference, const Diarization& result, const FloatArray& samples) {
  const auto score = ScoreDer(reference, TurnsOf(reference.uri, result), std::vector<TimeSpan>{{0, Length(samples)}});
  EXPECT_OK(score);
  return score->components;
}

// What holds for every result.
void ExpectWhole(const Diarization& result, const FloatArray& samples) {
  std::map<std::string, int64_t> durations;
  std::vector<std::string> names;
  for (size_t i = 0; i < result.turns.size(); ++i) {
    const Turn& turn = result.turns[i].turn;
    EXPECT_GE(turn.start, i > 0 ? result.turns[i - 1].turn.start : 0);
    EXPECT_GT(turn.duration, 0);
    EXPECT_LE(turn.end(), Length(samples));
    EXPECT_THAT(result.turns[i].confidence, AllOf(Ge(0), Le(1.00001)));
    if (durations.count(turn.speaker) == 0) names.push_back(turn.speaker);
    durations[turn.speaker] += turn.duration;
  }
  ASSERT_EQ(names.size(), result.speakers.size());
  for (size_t s = 0; s < names.size(); ++s) {
    EXPECT_EQ(names[s], absl::StrCat("speaker", s + 1));
    EXPECT_EQ(result.speakers[s].name, names[s]);
    EXPECT_EQ(result.speakers[s].duration, durations[names[s]]);
    EXPECT_THAT(result.speakers[s].direction, SizeIs(192));
    for (const float value : result.speakers[s].direction) EXPECT_TRUE(std::isfinite(value));
  }
}

Diarization Diarized(const FloatArray& samples, const DiarizeOptions& options = {}) {
  const auto result = Make(options)->Run(samples);
  EXPECT_OK(result);
  ExpectWhole(*result, samples);
  return *result;
}

void ExpectEqual(const Diarization& a, const Diarization& b) {
  ASSERT_EQ(a.turns.size(), b.turns.size());
  for (size_t i = 0; i < a.turns.size(); ++i) {
    EXPECT_EQ(a.turns[i].turn, b.turns[i].turn);
    EXPECT_EQ(a.turns[i].confidence, b.turns[i].confidence);
  }
  ASSERT_EQ(a.speakers.size(), b.speakers.size());
  for (size_t s = 0; s < a.speakers.size(); ++s) EXPECT_EQ(a.speakers[s].direction, b.speakers[s].direction);
}

// What this speaker says alone for a second or longer, one after the other, again and again until it is long enough.
FloatArray Monologue(const Recording& reference, const std::string& speaker, size_t samples) {
  constexpr int64_t kStep = 10000;  // microseconds, 160 samples
  std::vector<int64_t> steps, alone;
  for (int64_t t = 0; t <= Length(Call()); t += kStep) {
    std::set<std::string> active;
    for (const Turn& turn : reference.turns) {
      if (turn.start < t + kStep && turn.end() > t) active.insert(turn.speaker);
    }
    if (active == std::set<std::string>{speaker} && t + kStep <= Length(Call())) {
      alone.push_back(t);
      continue;
    }
    if (alone.size() >= 100) steps.insert(steps.end(), alone.begin(), alone.end());
    alone.clear();
  }
  EXPECT_GT(steps.size(), 500u);
  std::vector<float> joined;
  for (size_t i = 0; joined.size() < samples && !steps.empty(); ++i) {
    const float* step = Call().begin() + steps[i % steps.size()] * 16 / 1000;
    joined.insert(joined.end(), step, step + 160);
  }
  joined.resize(samples);
  return FloatArray::Copy({static_cast<int64_t>(samples)}, joined);
}

TEST(DiarizerTest, MeetingsReachTheirFigures) {
  std::map<std::string, Recording> references;
  for (const char* part : {"train", "development", "test"}) {
    ASSERT_OK_AND_ASSIGN(const std::vector<Recording> read,
                         ReadRttm(Runfile(absl::StrCat("@excerpts/excerpts/", part, ".rttm"))));
    for (const Recording& recording : read) references[recording.uri] = recording;
  }
  ASSERT_THAT(references, SizeIs(14));
  DerComponents train, all;
  for (const auto& [uri, reference] : references) {
    const FloatArray samples = Load(absl::StrCat("@excerpts/excerpts/", uri, ".wav"));
    const Diarization result = Diarized(samples);
    const DerComponents components = Score(reference, result, samples);
    std::cout << uri << ": DER " << 100 * components.rate() << " %, " << result.speakers.size() << " speakers\n";
    all += components;
    if (absl::StartsWith(uri, "trn")) train += components;
  }
  std::cout << "train: " << 100 * train.rate() << " %, all: " << 100 * all.rate() << " %" << std::endl;
  EXPECT_LE(100 * train.rate(), 29);
  EXPECT_LE(100 * all.rate(), 31.5);
}

TEST(DiarizerTest, ATelephoneCallReachesItsFigure) {
  const Diarization result = Diarized(Call());
  EXPECT_THAT(result.speakers, SizeIs(2));
  const DerComponents components = Score(CallReference(), result, Call());
  std::cout << "call: DER " << 100 * components.rate() << " %" << std::endl;
  EXPECT_LE(100 * components.rate(), 8);
}

TEST(DiarizerTest, TelephoneBandAfterResampling) {
  ASSERT_OK_AND_ASSIGN(const FloatArray narrow, Resample(Call(), 16000, 8000));
  ASSERT_OK_AND_ASSIGN(const FloatArray samples, Resample(narrow, 8000, 16000));
  const Diarization result = Diarized(samples);
  EXPECT_THAT(result.speakers, SizeIs(2));
  const DerComponents components = Score(CallReference(), result, samples);
  std::cout << "call at 8 kHz: DER " << 100 * components.rate() << " %" << std::endl;
  EXPECT_LE(100 * components.rate(), 10);
}

TEST(DiarizerTest, RecordingsShorterThanAWindow) {
  const Recording reference = CallReference();
  // From within the longest turn.
  const Turn longest = *std::max_element(reference.turns.begin(), reference.turns.end(),
                                         [](const Turn& a, const Turn& b) { return a.duration < b.duration; });
  const int64_t begin = longest.start * 16 / 1000;
  for (const int64_t length : {int64_t{1}, int64_t{160}, int64_t{399}, int64_t{400}, int64_t{1261}, kSecond / 2,
                               3 * kSecond, 10 * kSecond, 10 * kSecond + 1, 12 * kSecond + kSecond / 2}) {
    const FloatArray samples = Part(Call(), begin, std::min(begin + length, Call().size()));
    const Diarization result = Diarized(samples);
    EXPECT_LE(result.speakers.size(), 2u) << length;
    if (length != 3 * kSecond) continue;
    ASSERT_THAT(result.speakers, SizeIs(1));
    EXPECT_GT(result.speakers[0].duration, 2000000);
  }
}

TEST(DiarizerTest, SilenceHasNoSpeakers) {
  for (const int64_t seconds : {1, 10, 25}) {
    const Diarization result = Diarized(FloatArray::Zeros({seconds * kSecond}));
    EXPECT_THAT(result.turns, IsEmpty());
    EXPECT_THAT(result.speakers, IsEmpty());
  }
}

TEST(DiarizerTest, OnePersonIsOneSpeaker) {
  // Not the other one: while that one speaks, this one is heard too, though not in the labels.
  const Diarization result = Diarized(Monologue(CallReference(), "speaker91", 30 * kSecond));
  ASSERT_THAT(result.speakers, SizeIs(1));
  EXPECT_GT(result.speakers[0].duration, 25000000);
}

TEST(DiarizerTest, NoiseAndMusicAreHardlySpeech) {
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  FloatArray noise = FloatArray::Zeros({15 * kSecond});
  FloatArray music = FloatArray::Zeros({15 * kSecond});
  for (int64_t i = 0; i < noise.size(); ++i) {
    noise.mutable_data()[i] = 0.1f * normal(random);
    // A scale, four notes a second, each with overtones, that die away.
    const double t = static_cast<double>(i % (kSecond / 4)) / kSecond;
    const double pitch = 220 * std::pow(2, static_cast<double>(i / (kSecond / 4) % 13) / 12);
    for (int overtone = 1; overtone <= 6; ++overtone) {
      music.mutable_data()[i] +=
          static_cast<float>(0.2 / overtone * std::exp(-6 * t) * std::sin(2 * M_PI * overtone * pitch * t));
    }
  }
  for (const FloatArray* samples : {&noise, &music}) {
    int64_t speech = 0;
    for (const DiarizedTurn& turn : Diarized(*samples).turns) speech += turn.turn.duration;
    EXPECT_LT(speech, 3000000);
  }
}

TEST(DiarizerTest, ARecordingMayEndInTheMiddleOfATurn) {
  const Recording reference = CallReference();
  int cut = 0;
  for (const Turn& turn : reference.turns) {
    if (turn.duration < 2000000 || ++cut > 4) continue;
    const int64_t end = (turn.start + turn.duration / 2) * 16 / 1000 + 7 * cut;
    const FloatArray samples = Part(Call(), 0, end);
    const Diarization result = Diarized(samples);
    int64_t last = 0;
    for (const DiarizedTurn& found : result.turns) last = std::max(last, found.turn.end());
    EXPECT_LE(last, Length(samples));
    EXPECT_GT(last, Length(samples) - 100000) << "ends at " << Length(samples);
  }
  EXPECT_GE(cut, 2);
}

TEST(DiarizerTest, BadSamplesAreRefused) {
  const Diarizer::Ptr diarizer = Make();
  const auto expect = [&](const FloatArray& samples, const char* message) {
    EXPECT_THAT(diarizer->Run(samples), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(message)));
  };
  for (const float number : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    FloatArray samples = FloatArray::Zeros({12 * kSecond});
    samples.mutable_data()[11 * kSecond] = number;
    expect(samples, "176000");
  }
  EXPECT_THAT(diarizer->Run(FloatArray()),
              StatusIs(absl::StatusCode::kOutOfRange, HasSubstr("the audio has 0 samples")));
  expect(FloatArray::Zeros({2, kSecond}), "[2, 16000]");
  // Samples far beyond full scale: an error or a whole result.
  FloatArray huge = FloatArray::Zeros({2 * kSecond});
  for (int64_t i = 0; i < huge.size(); ++i) {
    huge.mutable_data()[i] = (i % 160 < 80 ? 1 : -1) * std::numeric_limits<float>::max();
  }
  const auto result = diarizer->Run(huge);
  if (result.ok()) ExpectWhole(*result, huge);
}

TEST(DiarizerTest, ResultsDoNotDependOnCompany) {
  const Diarizer::Ptr diarizer = Make();
  ASSERT_OK_AND_ASSIGN(const Diarization alone, diarizer->Run(Call()));
  ASSERT_OK_AND_ASSIGN(const Diarization again, diarizer->Run(Call()));
  ExpectEqual(alone, again);
  std::vector<absl::StatusOr<Diarization>> results(2, absl::UnknownError("not run"));
  std::thread first([&] { results[0] = diarizer->Run(Call()); });
  std::thread second([&] { results[1] = diarizer->Run(Call()); });
  first.join();
  second.join();
  for (const auto& result : results) {
    ASSERT_OK(result);
    ExpectEqual(alone, *result);
  }
}

TEST(DiarizerTest, TheNumberOfSpeakersMayBeGiven) {
  DiarizeOptions options;
  options.cluster.min_speakers = options.cluster.max_speakers = 1;
  EXPECT_THAT(Diarized(Call(), options).speakers, SizeIs(1));
  options.cluster.min_speakers = options.cluster.max_speakers = 2;
  EXPECT_THAT(Diarized(Call(), options).speakers, SizeIs(2));
  // More than there are, and more than there are voices.
  for (const int number : {4, 500}) {
    options.cluster.min_speakers = options.cluster.max_speakers = number;
    const size_t found = Diarized(Call(), options).speakers.size();
    EXPECT_GE(found, 2u);
    EXPECT_LE(found, static_cast<size_t>(number));
    // Somebody of whom nobody knows more.
    EXPECT_THAT(Diarized(Part(Call(), 7 * kSecond, 8 * kSecond), options).speakers.size(), Le(3u));
  }
}

TEST(DiarizerTest, ProgressIsToldAndMayStop) {
  const Diarizer::Ptr diarizer = Make();
  std::vector<double> shares;
  ASSERT_OK(diarizer->Run(Call(), [&](double share) {
    shares.push_back(share);
    return true;
  }));
  ASSERT_EQ(static_cast<int64_t>(shares.size()), NumWindows(Call().size(), {}));
  EXPECT_TRUE(std::is_sorted(shares.begin(), shares.end()));
  EXPECT_GT(shares.front(), 0);
  EXPECT_EQ(shares.back(), 1);
  int calls = 0;
  EXPECT_THAT(diarizer->Run(Call(),
                            [&](double) {
                              ++calls;
                              return false;
                            }),
              StatusIs(absl::StatusCode::kCancelled, HasSubstr("stopped before it was done")));
  EXPECT_EQ(calls, 1);
}

TEST(DiarizerTest, ItIsMadeOfFilesToo) {
  DiarizerOptions options;
  options.segmentation = Runfile("@speaker_models/segmentation/pyannote_segmentation.pt");
  options.campplus = "/nowhere/campplus.pt";
  EXPECT_THAT(Diarizer::Create(options), StatusIs(absl::StatusCode::kNotFound, HasSubstr("/nowhere/campplus.pt")));
  options.campplus = Runfile("@speaker_models/campplus/campplus_cn_en_common.pt");
  options.windows.hop_samples = 0;
  EXPECT_THAT(Diarizer::Create(options), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("hop_samples is 0")));
  options.windows.hop_samples = 40000;
  options.embed.track.piece_hop = 0;
  EXPECT_THAT(Diarizer::Create(options), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("piece_hop is 0")));
  options.embed.track.piece_hop = 37;
  ASSERT_OK_AND_ASSIGN(const Diarizer::Ptr diarizer, Diarizer::Create(options));
  EXPECT_THAT(diarizer->Description(), HasSubstr("; "));
}

}  // namespace
}  // namespace diarflow
