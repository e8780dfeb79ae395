#include "datasets/ami/annotations.h"

#include <memory>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/status_macros.h"
#include "datasets/ami/xml_file.h"
#include "datasets/formats/decimal_seconds.h"

namespace diarflow {
namespace {

absl::Status ErrorAt(const XmlFile& file, const pugi::xml_node& node, absl::string_view message) {
  return absl::InvalidArgumentError(absl::StrCat(file.Where(node), ": ", message));
}

absl::StatusOr<std::string> Attribute(const XmlFile& file, const pugi::xml_node& node, const char* name) {
  const std::string value = node.attribute(name).value();
  if (!value.empty()) return value;
  return ErrorAt(file, node, absl::StrCat("<", node.name(), "> has no ", name));
}

absl::StatusOr<int64_t> Time(const XmlFile& file, const pugi::xml_node& node, absl::string_view text) {
  absl::StatusOr<int64_t> time = ParseMicroseconds(text);
  if (time.ok()) return time;
  return ErrorAt(file, node, absl::StrCat("<", node.name(), ">: ", time.status().message()));
}

absl::Status AddSpan(const XmlFile& file, const pugi::xml_node& node, const char* start_name, const char* end_name,
                     AmiSpans* spans) {
  const absl::string_view start_text = absl::StripAsciiWhitespace(node.attribute(start_name).value());
  const absl::string_view end_text = absl::StripAsciiWhitespace(node.attribute(end_name).value());
  if (start_text.empty() || end_text.empty()) {
    spans->without_times.push_back(file.Where(node));
    return absl::OkStatus();
  }
  TimeSpan span;
  ASSIGN_OR_RETURN(span.start, Time(file, node, start_text));
  ASSIGN_OR_RETURN(span.end, Time(file, node, end_text));
  if (span.length() > 0) spans->spans.push_back(span);
  if (span.length() < 0) spans->reversed.push_back(file.Where(node));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<AmiMeetings> ReadAmiMeetings(const std::string& path) {
  ASSIGN_OR_RETURN(const std::unique_ptr<XmlFile> file, XmlFile::Read(path));
  AmiMeetings meetings;
  for (const pugi::xml_node& meeting : file->root().children("meeting")) {
    ASSIGN_OR_RETURN(const std::string name, Attribute(*file, meeting, "observation"));
    const auto [place, is_new] = meetings.try_emplace(name);
    if (!is_new) return ErrorAt(*file, meeting, absl::StrCat("the meeting ", name, " is there twice"));
    for (const pugi::xml_node& speaker : meeting.children("speaker")) {
      ASSIGN_OR_RETURN(const std::string letter, Attribute(*file, speaker, "nxt_agent"));
      ASSIGN_OR_RETURN(const std::string global_name, Attribute(*file, speaker, "global_name"));
      if (!place->second.emplace(letter, global_name).second) {
        return ErrorAt(*file, speaker, absl::StrCat("the meeting ", name, " has two speakers ", letter));
      }
    }
  }
  if (meetings.empty()) return ErrorAt(*file, file->root(), "there is no <meeting> in this file");
  return meetings;
}

absl::StatusOr<AmiSpans> ReadAmiWords(const std::string& path, bool vocal_sounds) {
  ASSIGN_OR_RETURN(const std::unique_ptr<XmlFile> file, XmlFile::Read(path));
  AmiSpans spans;
  for (const pugi::xml_node& node : file->root().children()) {
    const absl::string_view name = node.name();
    const bool word = name == "w" && !node.attribute("punc").as_bool();
    if (!word && !(vocal_sounds && name == "vocalsound")) continue;
    RETURN_IF_ERROR(AddSpan(*file, node, "starttime", "endtime", &spans));
  }
  return spans;
}

absl::StatusOr<AmiSpans> ReadAmiSegments(const std::string& path) {
  ASSIGN_OR_RETURN(const std::unique_ptr<XmlFile> file, XmlFile::Read(path));
  AmiSpans spans;
  for (const pugi::xml_node& node : file->root().children("segment")) {
    RETURN_IF_ERROR(AddSpan(*file, node, "transcriber_start", "transcriber_end", &spans));
  }
  return spans;
}

}  // namespace diarflow
