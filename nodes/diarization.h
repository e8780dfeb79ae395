// Payloads of a diarization on its way.
#ifndef DIARFLOW_NODES_DIARIZATION_H_
#define DIARFLOW_NODES_DIARIZATION_H_

#include <cstdint>
#include <memory>
#include <string>

#include "diarization/assign_tracks.h"
#include "diarization/diarize.h"

namespace diarflow {

// A window of a recording: who of its local speakers is active, and what they sound like.
struct VoicedWindow {
  static constexpr char kPayloadName[] = "VoicedWindow";
  DiarizationWindow window;
  // Where the recording, as far as the window knows it, ends: samples at 16 kHz.
  int64_t end_sample = 0;
  // What made the embeddings, for reports.
  std::shared_ptr<const std::string> producer;

  int64_t byte_size() const { return window.scores.frames() * 24; }
};

// Who spoke when in a recording.
struct DiarizedRecording {
  static constexpr char kPayloadName[] = "DiarizedRecording";
  std::string uri;
  Diarization result;
  int64_t duration = 0;  // microseconds
  std::shared_ptr<const std::string> producer;
};

}  // namespace diarflow

#endif  // DIARFLOW_NODES_DIARIZATION_H_
