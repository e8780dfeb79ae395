#include "nodes/conformance_diarization.h"

#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "nodes/conformance_maker.h"

namespace diarflow {
namespace {

constexpr int kFrames = 100;
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

// Two people, one after the other; the second one has another voice in every window.
VoicedWindows MadeWindow(int item) {
  VoicedWindows voiced;
  voiced.windows.resize(1);
  voiced.producer = std::make_shared<const std::string>("made for a test");
  voiced.windows[0].start = int64_t{16000} * item;
  voiced.end_sample = voiced.windows[0].start + 360 + 270 * kFrames;
  voiced.windows[0].embedded = true;
  WindowScores& scores = voiced.windows[0].scores;
  for (int f = 0; f < kFrames; ++f) {
    const bool first = f < 60;
    scores.speaker.push_back({first ? 0.9f : 0.0f, first ? 0.0f : 0.8f, 0.0f});
    scores.somebody.push_back(first ? 0.9f : 0.8f);
    scores.two.push_back(0.1f);
    scores.likeliest.push_back(first ? 1 : 2);
  }
  for (int k = 0; k < 2; ++k) {
    TrackVoices track;
    track.speaker = k;
    track.clean_frames = k == 0 ? 60 : 40;
    std::vector<float> voice(4, 0);
    voice[static_cast<size_t>(k == 0 ? 0 : 1 + item % 3)] = 1;
    track.items.push_back({voice, 1.0});
    track.pieces.push_back({voice, k == 0 ? 0 : 60, k == 0 ? 59 : 99, 1.0});
    voiced.windows[0].tracks.push_back(std::move(track));
  }
  return voiced;
}

// Item number 1, changed.
std::function<VoicedWindows(int)> With(const std::function<void(VoicedWindows*)>& change) {
  return [change](int) {
    VoicedWindows voiced = MadeWindow(1);
    change(&voiced);
    return voiced;
  };
}

DiarizedRecording MadeRecording(int item) {
  DiarizedRecording recording;
  recording.uri = absl::StrCat("recording", item);
  recording.duration = 2000000 + item;
  recording.producer = std::make_shared<const std::string>("made for a test");
  recording.result.turns = {{{0, 1000000, "speaker1"}, 0.9}, {{900000, 100000 * (item + 1), "speaker2"}, 0.5}};
  recording.result.speakers = {{"speaker1", {1, 0}, 1000000}, {"speaker2", {0, 1}, 100000 * (item + 1)}};
  return recording;
}

std::function<DiarizedRecording(int)> WithRecording(const std::function<void(DiarizedRecording*)>& change) {
  return [change](int) {
    DiarizedRecording recording = MadeRecording(1);
    change(&recording);
    return recording;
  };
}

std::vector<double> NumbersOf(const DiarizationWindow& window) {
  std::vector<double> numbers = {static_cast<double>(window.start), window.embedded ? 1.0 : 0.0};
  for (int64_t f = 0; f < window.scores.frames(); ++f) {
    const auto index = static_cast<size_t>(f);
    for (const float active : window.scores.speaker[index]) numbers.push_back(active);
    numbers.push_back(window.scores.somebody[index]);
    numbers.push_back(window.scores.two[index]);
    numbers.push_back(window.scores.likeliest[index]);
  }
  for (const TrackVoices& track : window.tracks) {
    numbers.push_back(track.speaker);
    numbers.push_back(track.clean_frames);
    for (const VoiceItem& item : track.items) {
      numbers.push_back(item.seconds);
      numbers.insert(numbers.end(), item.embedding.begin(), item.embedding.end());
    }
    for (const VoicePiece& piece : track.pieces) {
      numbers.push_back(piece.first_frame);
      numbers.push_back(piece.last_frame);
      numbers.insert(numbers.end(), piece.embedding.begin(), piece.embedding.end());
    }
  }
  return numbers;
}

}  // namespace

ConformancePayload VoicedWindowsPayload() {
  return PayloadOf<VoicedWindows>(
      {[](int item, int) { return MadeWindow(item); },
       {{"nothing", [](int) { return VoicedWindows{}; }},
        {"no frames", With([](VoicedWindows* voiced) { voiced->windows[0].scores = WindowScores(); })},
        {"scores not whole", With([](VoicedWindows* voiced) { voiced->windows[0].scores.two.pop_back(); })},
        {"no likeliest sets", With([](VoicedWindows* voiced) { voiced->windows[0].scores.likeliest.clear(); })},
        {"NaN score", With([](VoicedWindows* voiced) { voiced->windows[0].scores.somebody[3] = kNan; })},
        {"infinite score", With([](VoicedWindows* voiced) { voiced->windows[0].scores.speaker[3][0] = kInfinity; })},
        {"no tracks", With([](VoicedWindows* voiced) { voiced->windows[0].tracks.clear(); })},
        {"no pieces", With([](VoicedWindows* voiced) { voiced->windows[0].tracks[0].pieces.clear(); })},
        {"no items", With([](VoicedWindows* voiced) { voiced->windows[0].tracks[0].items.clear(); })},
        {"no such local speaker", With([](VoicedWindows* voiced) { voiced->windows[0].tracks[0].speaker = 3; })},
        {"negative local speaker", With([](VoicedWindows* voiced) { voiced->windows[0].tracks[0].speaker = -1; })},
        {"a local speaker twice", With([](VoicedWindows* voiced) { voiced->windows[0].tracks[1].speaker = 0; })},
        {"pieces out of range", With([](VoicedWindows* voiced) {
           voiced->windows[0].tracks[0].pieces[0].first_frame = -1000;
           voiced->windows[0].tracks[1].pieces[0].last_frame = std::numeric_limits<int>::max();
         })},
        {"negative seconds", With([](VoicedWindows* voiced) {
           voiced->windows[0].tracks[0].pieces[0].seconds = -1;
           voiced->windows[0].tracks[0].items[0].seconds = -1;
         })},
        {"empty embedding",
         With([](VoicedWindows* voiced) { voiced->windows[0].tracks[0].items[0].embedding.clear(); })},
        {"shorter embedding",
         With([](VoicedWindows* voiced) { voiced->windows[0].tracks[0].pieces[0].embedding.pop_back(); })},
        {"zero embedding",
         With([](VoicedWindows* voiced) { voiced->windows[0].tracks[0].items[0].embedding = {0, 0, 0, 0}; })},
        {"NaN embedding",
         With([](VoicedWindows* voiced) { voiced->windows[0].tracks[0].items[0].embedding[1] = kNan; })},
        {"infinite embedding",
         With([](VoicedWindows* voiced) { voiced->windows[0].tracks[0].pieces[0].embedding[1] = kInfinity; })},
        {"before the start", With([](VoicedWindows* voiced) { voiced->windows[0].start = -16000; })},
        {"far away", With([](VoicedWindows* voiced) { voiced->windows[0].start = int64_t{1} << 62; })},
        {"not after the one in front", With([](VoicedWindows* voiced) { voiced->windows[0].start = 0; })},
        {"negative end", With([](VoicedWindows* voiced) { voiced->end_sample = -1; })},
        {"no producer", With([](VoicedWindows* voiced) { voiced->producer = nullptr; })}},
       [](const VoicedWindows& voiced) {
         std::vector<double> numbers;
         for (const DiarizationWindow& window : voiced.windows) {
           const std::vector<double> more = NumbersOf(window);
           numbers.insert(numbers.end(), more.begin(), more.end());
         }
         numbers.push_back(static_cast<double>(voiced.end_sample));
         return numbers;
       }});
}

ConformancePayload DiarizedRecordingPayload() {
  return PayloadOf<DiarizedRecording>(
      {[](int item, int) { return MadeRecording(item); },
       {{"nothing", [](int) { return DiarizedRecording{}; }},
        {"nobody", WithRecording([](DiarizedRecording* recording) { recording->result = Diarization(); })},
        {"no name", WithRecording([](DiarizedRecording* recording) { recording->uri.clear(); })},
        {"a name with blanks", WithRecording([](DiarizedRecording* recording) { recording->uri = "a b\n"; })},
        {"no speaker's name", WithRecording([](DiarizedRecording* recording) {
           recording->result.turns[0].turn.speaker.clear();
           recording->result.speakers[0].name.clear();
         })},
        {"turns of a speaker not listed",
         WithRecording([](DiarizedRecording* recording) { recording->result.speakers.clear(); })},
        {"before the start",
         WithRecording([](DiarizedRecording* recording) { recording->result.turns[0].turn.start = -5; })},
        {"negative duration", WithRecording([](DiarizedRecording* recording) {
           recording->result.turns[0].turn.duration = -5;
           recording->duration = -5;
         })},
        {"without end", WithRecording([](DiarizedRecording* recording) {
           recording->result.turns[0].turn.duration = int64_t{1} << 62;
         })},
        {"NaN", WithRecording([](DiarizedRecording* recording) {
           recording->result.turns[0].confidence = kNan;
           recording->result.speakers[0].direction[0] = kNan;
         })},
        {"no producer", WithRecording([](DiarizedRecording* recording) { recording->producer = nullptr; })}},
       [](const DiarizedRecording& recording) {
         std::vector<double> numbers = {static_cast<double>(recording.duration)};
         for (const DiarizedTurn& turn : recording.result.turns) {
           numbers.push_back(static_cast<double>(turn.turn.start));
           numbers.push_back(static_cast<double>(turn.turn.duration));
           numbers.push_back(turn.confidence);
         }
         for (const DiarizedSpeaker& speaker : recording.result.speakers) {
           numbers.push_back(static_cast<double>(speaker.duration));
           numbers.insert(numbers.end(), speaker.direction.begin(), speaker.direction.end());
         }
         return numbers;
       }});
}

}  // namespace diarflow
