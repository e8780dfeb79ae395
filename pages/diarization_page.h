// Who spoke when, as a page for a browser and as a picture for a paper.
//
// The page is one file that works from a disk, without a network: a lane for each speaker above the waveform, to zoom,
// scroll, play and read, with the speakers' totals, a list of the turns and the settings of the run. With a reference
// its lanes stand above, hypothesis speakers have the colour of the reference speaker to whom they are mapped (grey: to
// none), and below are marks where speech is missed, falsely alarmed or confused. docs/diarize_page.md shows it.
//
// All times of the page's data are integers, the microseconds of the result: RTTM that is made of them is that of the
// result. Names are text and never markup; bytes that are no UTF-8 show as U+FFFD. Equal input gives equal bytes.
#ifndef DIARFLOW_PAGES_DIARIZATION_PAGE_H_
#define DIARFLOW_PAGES_DIARIZATION_PAGE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "diarization/diarize.h"
#include "diarization/turns.h"
#include "metrics/der_options.h"

namespace diarflow {

// The sound is a file of its own, found from the page's folder: "meeting.wav", "../audio/meeting.wav".
struct SoundBeside {
  std::string path;
};

// The sound is a part of the page, which grows by four bytes for every three; browsers take some hundred megabytes.
struct SoundWithin {
  std::string bytes;      // of a file that browsers play
  std::string mime_type;  // audio/wav, audio/flac, audio/ogg, audio/mpeg, audio/mp4, ...
};

struct DiarizationPageInput {
  std::string title;  // plain text
  Diarization result;
  int64_t duration = 0;  // of the recording, microseconds
  // (least, greatest) sample of each column of the waveform, full scale 1; may be empty. PeaksOf() makes them; 2000 to
  // 6000 columns show well.
  std::vector<std::pair<float, float>> peaks;
  std::variant<std::monostate, SoundBeside, SoundWithin> sound;
  std::optional<Recording> reference;
  // Where the reference is valid; only with a reference. Without it: see DerOptions::convention.
  std::optional<std::vector<TimeSpan>> region;
  DerOptions der;
  std::vector<std::pair<std::string, std::string>> settings;  // of the run: name, value
};

// The bytes of the HTML file. kInvalidArgument, naming what is wrong: a duration out of range; a turn that CheckTurns()
// refuses; a confidence out of 0 to 1; a region without a reference; a path of the sound that is empty, absolute or has
// a backslash; a MIME type of another form than audio/NAME or video/NAME. With a reference the errors of ScoreDer()
// too.
absl::StatusOr<std::string> DiarizationPageHtml(const DiarizationPageInput& input);

// The same timeline as a picture, bytes of an SVG file (metrics/svg_drawing.h). The sound and the settings are not
// looked at. Errors: as above.
absl::StatusOr<std::string> DiarizationSvg(const DiarizationPageInput& input);

}  // namespace diarflow

#endif  // DIARFLOW_PAGES_DIARIZATION_PAGE_H_
