#include "datasets/ami/ami.h"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <map>
#include <set>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/files.h"
#include "base/status_macros.h"
#include "datasets/ami/annotations.h"
#include "datasets/corpus_files.h"
#include "datasets/problem_list.h"

namespace diarflow {
namespace {

constexpr absl::string_view kDev[] = {"ES2011a", "ES2011b", "ES2011c", "ES2011d", "IB4001",  "IB4002",
                                      "IB4003",  "IB4004",  "IB4010",  "IB4011",  "IS1008a", "IS1008b",
                                      "IS1008c", "IS1008d", "TS3004a", "TS3004b", "TS3004c", "TS3004d"};
constexpr absl::string_view kTest[] = {"EN2002a", "EN2002b", "EN2002c", "EN2002d", "ES2004a", "ES2004b",
                                       "ES2004c", "ES2004d", "IS1009a", "IS1009b", "IS1009c", "IS1009d",
                                       "TS3003a", "TS3003b", "TS3003c", "TS3003d"};
constexpr absl::string_view kInNoSplit = "IB4005";

constexpr absl::string_view kMeetingsFile = "corpusResources/meetings.xml";
constexpr absl::string_view kAudioEnding = ".Mix-Headset.wav";
// Folders that lie deeper are not looked into.
constexpr int kMaxDepth = 8;

struct FoundFiles {
  std::vector<std::string> annotations;      // folders that hold corpusResources/meetings.xml, in byte order
  std::map<std::string, std::string> audio;  // meeting -> path; of several the first in byte order
};

FoundFiles FindFiles(const std::string& root, ProblemList* problems) {
  const FolderFiles files = FilesBelow(root, kMaxDepth);
  for (const std::string& folder : files.unreadable) problems->Add("folders that cannot be read", folder);
  FoundFiles found;
  for (const std::string& file : files.paths) {
    const std::string path = JoinPath(root, file);
    if (file == kMeetingsFile || absl::EndsWith(file, absl::StrCat("/", kMeetingsFile))) {
      found.annotations.push_back(path.substr(0, path.size() - kMeetingsFile.size() - 1));
    }
    const absl::string_view meeting = StemOf(file, kAudioEnding);
    if (!meeting.empty()) found.audio.emplace(meeting, path);
  }
  // Links may lead to the same folder again.
  std::set<std::filesystem::path> seen;
  const auto is_known = [&](const std::string& folder) {
    std::error_code unknown;
    return !seen.insert(std::filesystem::weakly_canonical(folder, unknown)).second;
  };
  found.annotations.erase(std::remove_if(found.annotations.begin(), found.annotations.end(), is_known),
                          found.annotations.end());
  return found;
}

absl::StatusOr<std::string> TheAnnotations(const std::string& root, const FoundFiles& found) {
  if (found.annotations.size() == 1) return found.annotations[0];
  if (found.annotations.empty()) {
    return absl::NotFoundError(absl::StrCat(root, ": there is no ", kMeetingsFile,
                                            " anywhere below this folder; unpack ami_public_manual_1.6.2.zip (AMI's "
                                            "manual annotations) into it"));
  }
  return absl::NotFoundError(absl::StrCat(root, ": annotations lie in ", absl::StrJoin(found.annotations, " and in "),
                                          "; give the root of one of them, or remove the others"));
}

// Gathers a Corpus meeting by meeting.
class AmiReader {
 public:
  AmiReader(std::string annotations, AmiLabels labels, ProblemList problems)
      : annotations_(std::move(annotations)), labels_(labels), problems_(std::move(problems)) {}

  void Add(const std::string& meeting, const std::map<std::string, std::string>& speakers, const std::string* audio) {
    Recording recording;
    recording.uri = meeting;
    bool whole = !speakers.empty();
    if (!whole) problems_.Add("left out, since meetings.xml names no speakers for them", meeting);
    for (const auto& [letter, speaker] : speakers) whole = AddSpeaker(meeting, letter, speaker, &recording) && whole;
    if (whole) AddRecording(std::move(recording), audio);
  }

  Corpus Take() && {
    for (const ExpectedSplit& expected : AmiExpectedSplits(labels_)) {
      const auto count = std::count_if(corpus_.entries.begin(), corpus_.entries.end(),
                                       [&](const ManifestEntry& entry) { return entry.split == expected.split; });
      if (count == *expected.files) continue;
      problems_.Add("splits that are not what was published (meetings found / published)",
                    absl::StrCat(expected.split, " ", count, " / ", *expected.files));
    }
    corpus_.name = "AMI";
    corpus_.problems = problems_.Sentences();
    corpus_.notes = notes_.Sentences();
    return std::move(corpus_);
  }

 private:
  absl::StatusOr<std::vector<TimeSpan>> ReadSpans(const std::string& path) {
    const bool segments = labels_ == AmiLabels::kSegments;
    ASSIGN_OR_RETURN(AmiSpans read,
                     segments ? ReadAmiSegments(path) : ReadAmiWords(path, labels_ == AmiLabels::kWordAndVocalSounds));
    const absl::string_view what = segments ? "segments" : "words";
    for (const std::string& where : read.without_times) {
      notes_.Add(absl::StrCat(what, " without a start or an end, left out"), where);
    }
    for (const std::string& where : read.reversed) {
      notes_.Add(absl::StrCat(what, " that end before they start, left out"), where);
    }
    // Words that touch are one stretch of speech; pauses, however short, are not bridged.
    return segments ? std::move(read.spans) : JoinSpans(std::move(read.spans));
  }

  // False when the speaker's annotations cannot be had.
  bool AddSpeaker(const std::string& meeting, const std::string& letter, const std::string& speaker,
                  Recording* recording) {
    const absl::string_view kind = labels_ == AmiLabels::kSegments ? "segments" : "words";
    const std::string name = absl::StrCat(kind, "/", meeting, ".", letter, ".", kind, ".xml");
    const absl::StatusOr<std::vector<TimeSpan>> spans = ReadSpans(JoinPath(annotations_, name));
    if (absl::IsNotFound(spans.status())) {
      problems_.Add(absl::StrCat("meetings left out, since annotations are missing below ", annotations_), name);
    } else if (!spans.ok()) {
      problems_.Add("meetings left out, since annotations are broken (unpack the archive again)",
                    spans.status().message());
    }
    if (!spans.ok()) return false;
    for (const TimeSpan& span : *spans) recording->turns.push_back({span.start, span.length(), speaker});
    return true;
  }

  void AddRecording(Recording recording, const std::string* audio) {
    std::sort(recording.turns.begin(), recording.turns.end());
    std::set<std::string> speakers;
    for (const Turn& turn : recording.turns) speakers.insert(turn.speaker);
    corpus_.labels.push_back(recording);
    if (audio == nullptr) {
      problems_.Add(absl::StrCat("meetings without audio (there is no MEETING", kAudioEnding, ")"), recording.uri);
      return;
    }
    const absl::StatusOr<int64_t> duration = AudioDuration(*audio);
    if (!duration.ok()) {
      problems_.Add("audio that cannot be read (fetch it again)", duration.status().message());
      return;
    }
    ManifestEntry entry;
    entry.audio = *audio;
    entry.duration = *duration;
    entry.utterance = entry.session = recording.uri;
    entry.split = AmiSplit(recording.uri);
    entry.num_speakers = static_cast<int>(speakers.size());
    corpus_.regions.push_back({recording.uri, {{0, *entry.duration}}});
    corpus_.entries.push_back(std::move(entry));
  }

  const std::string annotations_;
  const AmiLabels labels_;
  Corpus corpus_;
  ProblemList problems_;
  ProblemList notes_;
};

}  // namespace

std::string AmiSplit(absl::string_view meeting) {
  if (std::find(std::begin(kDev), std::end(kDev), meeting) != std::end(kDev)) return "dev";
  if (std::find(std::begin(kTest), std::end(kTest), meeting) != std::end(kTest)) return "test";
  return meeting == kInNoSplit ? "" : "train";
}

absl::StatusOr<Corpus> AmiCorpus(const std::string& root, AmiLabels labels) {
  ProblemList problems;
  const FoundFiles found = FindFiles(root, &problems);
  ASSIGN_OR_RETURN(const std::string annotations, TheAnnotations(root, found));
  ASSIGN_OR_RETURN(const AmiMeetings meetings, ReadAmiMeetings(JoinPath(annotations, kMeetingsFile)));
  AmiReader reader(annotations, labels, std::move(problems));
  for (const auto& [meeting, speakers] : meetings) {
    if (AmiSplit(meeting).empty()) continue;
    const auto audio = found.audio.find(meeting);
    reader.Add(meeting, speakers, audio == found.audio.end() ? nullptr : &audio->second);
  }
  return std::move(reader).Take();
}

std::vector<ExpectedSplit> AmiExpectedSplits(AmiLabels labels) {
  std::vector<ExpectedSplit> splits = {
      {"train", 136, 152, 80.673, 75.763, 66.038, 13.39, 66816, ""},
      {"dev", 18, 21, 9.667, 8.766, 7.587, 14.13, 8664, ""},
      {"test", 16, 16, 9.062, 8.532, 7.290, 14.58, 7493, ""},
  };
  for (ExpectedSplit& split : splits) {
    split.source = "AMI-diarization-setup (BUT), only_words, full-corpus-ASR partition";
    if (labels == AmiLabels::kOnlyWords) continue;
    split.speaker_hours = split.speech_hours = split.overlap_percent = std::nullopt;
    split.turns = std::nullopt;
  }
  return splits;
}

}  // namespace diarflow
