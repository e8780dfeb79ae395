// Payloads of a diarization on its way.
#ifndef DIARFLOW_NODES_DIARIZATION_H_
#define DIARFLOW_NODES_DIARIZATION_H_

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "diarization/assign_tracks.h"
#include "diarization/diarize.h"
#include "diarization/live_record.h"

namespace diarflow {

// Windows of a recording, in order: who of their local speakers is active, and what these sound like.
struct VoicedWindows {
  static constexpr char kPayloadName[] = "VoicedWindows";
  std::vector<DiarizationWindow> windows;
  // Where the recording, as far as the windows know it, ends: samples at 16 kHz.
  int64_t end_sample = 0;
  // What made the embeddings, for reports.
  std::shared_ptr<const std::string> producer;

  int64_t byte_size() const {
    int64_t bytes = 0;
    for (const DiarizationWindow& window : windows) bytes += window.scores.frames() * 24;
    return bytes;
  }

  std::string Fault() const {
    const auto finite = [](const std::vector<float>& numbers) {
      return std::all_of(numbers.begin(), numbers.end(), [](float number) { return std::isfinite(number); });
    };
    for (const DiarizationWindow& window : windows) {
      const size_t frames = window.scores.somebody.size();
      if (window.scores.speaker.size() != frames || window.scores.two.size() != frames ||
          window.scores.likeliest.size() != frames) {
        return absl::StrCat("the scores of the window at sample ", window.start, " are not whole");
      }
      bool good = finite(window.scores.somebody) && finite(window.scores.two);
      for (const auto& speakers : window.scores.speaker) {
        for (const float active : speakers) good &= std::isfinite(active);
      }
      if (!good) return absl::StrCat("a score of the window at sample ", window.start, " is not finite");
      for (const TrackVoices& track : window.tracks) {
        for (const VoiceItem& item : track.items) good &= finite(item.embedding);
        for (const VoicePiece& piece : track.pieces) good &= finite(piece.embedding);
      }
      if (!good) return absl::StrCat("an embedding of the window at sample ", window.start, " is not finite");
    }
    return "";
  }
};

// The outline of a recording's sound: the least and the greatest sample of every .1 s.
struct SoundPeaks {
  static constexpr char kPayloadName[] = "SoundPeaks";
  std::vector<std::pair<float, float>> peaks;
};

// What a piece of a stream has decided.
struct LiveTurns {
  static constexpr char kPayloadName[] = "LiveTurns";
  std::vector<LiveRecord> records;
  int64_t position = 0;  // microseconds of the stream so far
};

// Who spoke when in a recording.
struct DiarizedRecording {
  static constexpr char kPayloadName[] = "DiarizedRecording";
  std::string uri;
  Diarization result;
  int64_t duration = 0;  // microseconds
  // The recording is longer: an interruption ended the work on it here.
  bool ended_early = false;
  std::shared_ptr<const std::string> producer;

  std::string Fault() const {
    for (const DiarizedTurn& turn : result.turns) {
      if (!std::isfinite(turn.confidence)) return "a turn's confidence is not finite";
    }
    for (const DiarizedSpeaker& speaker : result.speakers) {
      for (const float x : speaker.direction) {
        if (!std::isfinite(x)) return absl::StrCat("the direction of ", speaker.name, " is not finite");
      }
    }
    return "";
  }
};

}  // namespace diarflow

#endif  // DIARFLOW_NODES_DIARIZATION_H_
