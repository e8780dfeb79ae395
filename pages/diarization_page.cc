#include "pages/diarization_page.h"

#include <algorithm>
#include <cstddef>
#include <limits>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "base/sha256.h"
#include "base/status_macros.h"
#include "metrics/diarization_report_text.h"
#include "metrics/plot_colours.h"
#include "metrics/svg_text.h"
#include "pages/diarization_page_json.h"
#include "pages/diarization_page_script.h"
#include "pages/diarization_page_style.h"
#include "pages/diarization_summary.h"
#include "pages/diarization_view.h"

namespace diarflow {
namespace {

constexpr char kTools[] = R"(<div id="tools">
%s<span id="now"></span>
<button type="button" id="out" aria-label="Zoom out">&minus;</button>
<button type="button" id="in" aria-label="Zoom in">+</button>
<button type="button" id="whole">Whole recording</button>
<span id="keys" class="faint">%s&larr; &rarr; turns &middot; + &minus; or wheel zoom &middot; 0 whole</span>
</div>
<noscript><p>The timeline needs JavaScript, which is switched off here.</p></noscript>
<div id="page">
<div id="labels" aria-hidden="true"></div>
<div id="view" tabindex="0" role="group" aria-label="Timeline. Left and right arrow: from turn to turn. Plus and minus: zoom.%s">
<div id="track"><canvas id="timeline"></canvas><div id="cursor"></div></div>
</div>
</div>
<div id="tip" hidden></div>
<p id="said" class="unseen" aria-live="polite"></p>
<div id="below">
)";

constexpr char kTurns[] = R"(<section aria-labelledby="turns-head">
<h2 id="turns-head">Turns <span id="range" class="faint"></span></h2>
<p id="pages"><button type="button" id="earlier">Earlier</button> <button type="button" id="later">Later</button></p>
<ol id="turns"></ol>
</section>
</div>
)";

// All of a text, as HTML.
std::string Text(absl::string_view text) { return SvgText(text, std::numeric_limits<int>::max()); }

// A path as a relative URL: bytes that are none of a URL's own become %XX.
absl::StatusOr<std::string> RelativeUrl(const std::string& path) {
  if (path.empty() || path[0] == '/' || absl::StrContains(path, '\\')) {
    return absl::InvalidArgumentError(absl::StrCat("the sound's path \"", path,
                                                   "\" must be relative to the folder of the page, with \"/\" between "
                                                   "folders; or let the page hold the sound"));
  }
  std::string url;
  for (const char byte : path) {
    const bool is_plain = absl::ascii_isalnum(static_cast<unsigned char>(byte)) || absl::StrContains("-._~/", byte);
    absl::StrAppend(&url, is_plain
                              ? std::string(1, byte)
                              : absl::StrFormat("%%%02X", static_cast<unsigned>(static_cast<unsigned char>(byte))));
  }
  return url;
}

absl::Status CheckMimeType(const std::string& type) {
  absl::string_view name = type;
  bool is_good = (absl::ConsumePrefix(&name, "audio/") || absl::ConsumePrefix(&name, "video/")) && !name.empty();
  for (const char byte : name) {
    is_good = is_good && (absl::ascii_isalnum(static_cast<unsigned char>(byte)) || absl::StrContains("-.+", byte));
  }
  if (is_good) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("the sound's MIME type \"", type, "\" is none; give one such as audio/wav or audio/flac"));
}

struct SoundParts {
  std::string element;
  std::string button;
};

absl::StatusOr<SoundParts> MakeSound(const DiarizationPageInput& input) {
  SoundParts parts;
  if (std::holds_alternative<std::monostate>(input.sound)) return parts;
  std::string problem = "This browser cannot play the sound.";
  std::string source;
  if (const auto* beside = std::get_if<SoundBeside>(&input.sound)) {
    ASSIGN_OR_RETURN(source, RelativeUrl(beside->path));
    problem = absl::StrCat("The sound cannot be played: is the file ", Text(beside->path),
                           " there, as seen from this page's folder, and can this browser play it?");
  } else {
    const auto& within = std::get<SoundWithin>(input.sound);
    RETURN_IF_ERROR(CheckMimeType(within.mime_type));
    source = absl::StrCat("data:", within.mime_type, ";base64,", absl::Base64Escape(within.bytes));
  }
  parts.element = absl::StrCat("<p id=\"problem\" role=\"alert\" hidden>", problem,
                               "</p>\n<audio id=\"sound\" preload=\"metadata\" src=\"", source, "\"></audio>\n");
  parts.button = "<button type=\"button\" id=\"play\">Play</button>\n";
  return parts;
}

// The colours as variables, which the script reads, and as grounds of swatches.
std::string ColourStyle() {
  const auto variables = [](bool dark) {
    return absl::StrCat(":root {\n", ColourRules(dark, "  --", ": ", ";\n"), "}\n");
  };
  const auto swatches = [](bool dark) { return ColourRules(dark, ".swatch.", " { background-color: ", "; }\n"); };
  return absl::StrCat(variables(false), swatches(false), "@media (prefers-color-scheme: dark) {\n", variables(true),
                      swatches(true), "}\n");
}

std::string Head(const DiarizationPageInput& input) {
  Sha256 hash;
  hash.Update(kDiarizationPageScript);
  // Nothing but this script runs, and nothing is fetched but the sound.
  const std::string policy =
      absl::StrCat("default-src 'none'; style-src 'unsafe-inline'; media-src 'self' file: data:; script-src 'sha256-",
                   absl::Base64Escape(absl::HexStringToBytes(hash.HexDigest())), "'");
  return absl::StrCat("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n",
                      "<meta http-equiv=\"Content-Security-Policy\" content=\"", policy, "\">\n",
                      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>",
                      Text(input.title), "</title>\n<style>\n", kDiarizationPageStyle, ColourStyle(),
                      "</style>\n</head>\n<body>\n");
}

std::string SpeakerRow(const ViewSpeaker& speaker, size_t lane, int64_t all_time, bool has_reference) {
  const int64_t mean = speaker.turns == 0 ? 0 : speaker.time / speaker.turns;
  return absl::StrCat(
      "<tr><th scope=\"row\"><label><input type=\"checkbox\" checked data-lane=\"", lane, "\"><span class=\"swatch ",
      ColourClass(speaker.colour), " bars", BarsOf(speaker.colour), "\"></span><bdi>", Text(speaker.name),
      "</bdi></label></th><td>", ClockText(speaker.time), "</td><td>", PercentText(speaker.time, all_time), "</td><td>",
      speaker.turns, "</td><td>", absl::StrFormat("%.2f\u2009s", static_cast<double>(mean) / kMicrosecondsPerSecond),
      "</td>",
      has_reference
          ? absl::StrCat("<td><bdi>", speaker.mapped_to.empty() ? "nobody" : Text(speaker.mapped_to), "</bdi></td>")
          : "",
      "</tr>\n");
}

// `first_lane`: the place of the first speaker among all lanes of the page.
std::string SpeakerTable(const ViewLanes& lanes, absl::string_view head, size_t first_lane, bool has_reference) {
  std::string table = absl::StrCat("<section>\n<h2>", head,
                                   "</h2>\n<table><thead><tr><th scope=\"col\">Speaker</th><th scope=\"col\">Time</th>"
                                   "<th scope=\"col\">Share</th><th scope=\"col\">Turns</th><th scope=\"col\">Mean "
                                   "turn</th>",
                                   has_reference ? "<th scope=\"col\">Taken for</th>" : "", "</tr></thead>\n<tbody>\n");
  for (size_t i = 0; i < lanes.speakers.size(); ++i) {
    absl::StrAppend(&table, SpeakerRow(lanes.speakers[i], first_lane + i, lanes.time(), has_reference));
  }
  return absl::StrCat(table, "</tbody></table>\n</section>\n");
}

std::string Settings(const DiarizationPageInput& input) {
  if (input.settings.empty()) return "";
  std::string text = "<details>\n<summary>Settings of the run</summary>\n<table><tbody>\n";
  for (const auto& [name, value] : input.settings) {
    absl::StrAppend(&text, "<tr><th scope=\"row\">", Text(name), "</th><td>", Text(value), "</td></tr>\n");
  }
  return absl::StrCat(text, "</tbody></table>\n</details>\n");
}

}  // namespace

absl::StatusOr<std::string> DiarizationPageHtml(const DiarizationPageInput& input) {
  ASSIGN_OR_RETURN(const DiarizationView view, MakeDiarizationView(input));
  ASSIGN_OR_RETURN(const SoundParts sound, MakeSound(input));
  const bool has_sound = !sound.element.empty();
  std::string page = absl::StrCat(Head(input), "<h1>", Text(input.title), "</h1>\n");
  for (const std::string& sentence : SummarySentences(input, view)) {
    absl::StrAppend(&page, "<p class=\"faint\">", Text(sentence), "</p>\n");
  }
  absl::StrAppend(&page, sound.element,
                  absl::StrFormat(kTools, sound.button, has_sound ? "space play &middot; " : "",
                                  has_sound ? " Space: play or pause." : ""));
  size_t lane = 0;
  if (view.reference.has_value()) {
    absl::StrAppend(&page, SpeakerTable(*view.reference, "Reference", 0, false));
    lane = view.reference->speakers.size();
  }
  absl::StrAppend(&page, SpeakerTable(view.result, view.reference.has_value() ? "Result" : "Speakers", lane,
                                      view.reference.has_value()));
  absl::StrAppend(&page, kTurns, Settings(input), "<script type=\"application/json\" id=\"data\">",
                  DiarizationPageJson(input, view), "</script>\n<script>", kDiarizationPageScript,
                  "</script>\n</body>\n</html>\n");
  return page;
}

}  // namespace diarflow
