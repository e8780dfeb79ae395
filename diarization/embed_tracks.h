// What the local speakers of a window sound like: a speaker network over their clean speech.
//
// The network runs once for each track, up to the columns over which it takes its statistics; embeddings of any part of
// the track are then statistics over some columns and one small layer (VoiceEncoder). From these come the track's
// pieces, which know where they lie, and its items: pieces that sound alike, pooled again as one. A track that holds
// two people, as the segmentation makes them at times, gives two items.
#ifndef DIARFLOW_DIARIZATION_EMBED_TRACKS_H_
#define DIARFLOW_DIARIZATION_EMBED_TRACKS_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/float_array.h"
#include "diarization/assign_tracks.h"
#include "diarization/track_pieces.h"
#include "diarization/window_scores.h"

namespace diarflow {

inline constexpr int kVoiceSampleRate = 16000;  // Hz

// A speaker network in two halves. Thread-safe.
class VoiceEncoder {
 public:
  virtual ~VoiceEncoder() = default;
  // Samples [N] at 16 kHz to frames of 25 ms every 10 ms, [T, D].
  virtual absl::StatusOr<FloatArray> Features(const FloatArray& samples) const = 0;
  // Chosen frames [T, D], of one speaker, to columns [(T - 1) / 2 + 1, C].
  virtual absl::StatusOr<FloatArray> Columns(const FloatArray& features) const = 0;
  // The embedding of some columns, by their indexes, two or more.
  virtual absl::StatusOr<FloatArray> Pool(const FloatArray& columns, absl::Span<const int> chosen) const = 0;
  // Whole pieces of speech, each [N] at 16 kHz, to embeddings in the same order.
  virtual absl::StatusOr<std::vector<FloatArray>> Embed(absl::Span<const FloatArray> audio) const = 0;
  // Embeddings [W, D] of the windows of `window` samples that begin every `hop` samples (models/windows.h).
  virtual absl::StatusOr<FloatArray> EmbedWindows(const FloatArray& audio, int64_t window, int64_t hop) const = 0;
  // Of all that the numbers depend on besides the audio, for cache keys.
  virtual const std::string& Fingerprint() const = 0;
  // For people.
  virtual const std::string& Description() const = 0;
};

struct EmbedOptions {
  TrackOptions track;
  // Pieces of one track sound alike from this mean cosine on (average linkage).
  double item_similarity = 0.5;
  // Columns that belong to several items are left out of each, as long as so many are left.
  int least_own_columns = 25;
};

// The embedding of these rows of the features, by their indexes, three or more: one speaker's. Of length 1. Errors of
// the encoder.
absl::StatusOr<std::vector<float>> EmbedFrames(const VoiceEncoder& encoder, const FloatArray& features,
                                               const std::vector<int>& chosen);

// kInvalidArgument, naming the option: a value out of its range.
absl::Status CheckEmbedOptions(const EmbedOptions& options);

// `samples` of the window [N] at 16 kHz. Windows shorter than a frame have no tracks. Embeddings are normalised to
// length 1. Errors of the encoder.
// REQUIRES: options that CheckEmbedOptions() passes.
absl::StatusOr<std::vector<TrackVoices>> EmbedTracks(const FloatArray& samples, const WindowScores& scores,
                                                     const VoiceEncoder& encoder, const EmbedOptions& options);

}  // namespace diarflow

#endif  // DIARFLOW_DIARIZATION_EMBED_TRACKS_H_
