// The AMI corpus's manual annotations (ami_public_manual_1.6.2): one XML file for each meeting and participant.
//
//   corpusResources/meetings.xml       <meeting observation="ES2002a"> with
//                                      <speaker nxt_agent="A" global_name="MEE006"/>: who sits behind a letter
//   words/ES2002a.A.words.xml          <w starttime="3.34" endtime="3.88">, punctuation with punc="true";
//                                      <vocalsound> (laughs, coughs); others, which are no speech
//   segments/ES2002a.A.segments.xml    <segment transcriber_start="..." transcriber_end="...">: what the transcribers
//                                      marked before the words were aligned, pauses included
// Times are seconds. Some elements of the published files have no times, or end before they start.
#ifndef DIARFLOW_DATASETS_AMI_ANNOTATIONS_H_
#define DIARFLOW_DATASETS_AMI_ANNOTATIONS_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "diarization/turns.h"

namespace diarflow {

// Meeting -> letter -> the name that a person has in all meetings.
using AmiMeetings = std::map<std::string, std::map<std::string, std::string>>;

// kInvalidArgument, "path:line: ...": no XML; a meeting or speaker without its attributes; a meeting or a letter that
// is there twice; no meeting at all. Errors of ReadFile().
absl::StatusOr<AmiMeetings> ReadAmiMeetings(const std::string& path);

struct AmiSpans {
  std::vector<TimeSpan> spans;  // in the order of the file; none is empty

  // Left out, as "path:line". What starts where it ends has no duration by the rule and is not listed.
  std::vector<std::string> without_times;
  std::vector<std::string> reversed;  // ends before it starts
};

// Spans of the words that are no punctuation, with `vocal_sounds` of those as well.
// kInvalidArgument, "path:line: ...": no XML, a time that is no time. Errors of ReadFile().
absl::StatusOr<AmiSpans> ReadAmiWords(const std::string& path, bool vocal_sounds);

// Spans of the segments. Errors likewise.
absl::StatusOr<AmiSpans> ReadAmiSegments(const std::string& path);

}  // namespace diarflow

#endif  // DIARFLOW_DATASETS_AMI_ANNOTATIONS_H_
