#include "datasets/voxconverse/voxconverse.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/files.h"
#include "datasets/corpus_files.h"
#include "datasets/formats/rttm.h"
#include "datasets/problem_list.h"
#include "diarization/turns.h"

namespace diarflow {
namespace {

constexpr int kLevels = 4;
constexpr absl::string_view kSplits[] = {"dev", "test"};
constexpr absl::string_view kAudioExtensions[] = {".wav", ".flac"};
constexpr int64_t kLabelSlack = 10000;  // microseconds

class Builder {
 public:
  explicit Builder(std::string root) : root_(std::move(root)) { corpus_.name = "VoxConverse"; }

  absl::StatusOr<Corpus> Build() && {
    const FolderFiles files = FilesBelow(root_, kLevels);
    for (const std::string& folder : files.unreadable) problems_.Add("folders that cannot be read", folder);
    for (const std::string& path : files.paths) {
      for (const absl::string_view extension : kAudioExtensions) {
        if (const absl::string_view uri = StemOf(path, extension); !uri.empty()) AddAudio(std::string(uri), path);
      }
    }
    bool any = false;
    for (const absl::string_view split : kSplits) {
      for (const std::string& path : files.paths) {
        // Not in folders below: other versions of the labels may lie there.
        if (path.rfind('/') != split.size() || !absl::StartsWith(path, split)) continue;
        const std::string uri(StemOf(path, ".rttm"));
        if (uri.empty()) continue;
        any = true;
        AddRecording(std::string(split), uri, path);
      }
    }
    if (!any) {
      return absl::NotFoundError(absl::StrCat("no VoxConverse in ", root_,
                                              ": looked for dev/*.rttm and test/*.rttm; name the folder that holds "
                                              "dev/ and test/ of the labels, with the audio below it"));
    }
    for (const auto& [uri, path] : audio_) {
      if (uris_.count(uri) == 0) problems_.Add("audio without labels, which is left out", path);
    }
    corpus_.problems = problems_.Sentences();
    for (std::string& sentence : IncompleteSplits(corpus_.entries, VoxConverseExpectedSplits())) {
      corpus_.problems.push_back(std::move(sentence));
    }
    return std::move(corpus_);
  }

 private:
  void AddAudio(std::string uri, const std::string& path) {
    const auto [first, is_new] = audio_.try_emplace(std::move(uri), path);
    if (!is_new) {
      problems_.Add("audio that is there twice, of which the first is taken",
                    absl::StrCat(path, " (as ", first->second, ")"));
    }
  }

  void AddRecording(std::string split, const std::string& uri, const std::string& path) {
    const std::string rttm = JoinPath(root_, path);
    if (!uris_.insert(uri).second) {
      problems_.Add("recordings that were there before, in the other split; they are left out", path);
      return;
    }
    absl::StatusOr<std::vector<Recording>> recordings = ReadRttm(rttm);
    if (!recordings.ok()) {
      problems_.Add("labels that cannot be read; their recordings are left out", recordings.status().message());
      return;
    }
    if (recordings->size() != 1) {
      problems_.Add("labels that are not of one recording; they are left out",
                    absl::StrCat(path, " (", recordings->size(), " recordings)"));
      return;
    }
    Recording recording = std::move(recordings->front());
    if (recording.uri != uri) {
      problems_.Add("labels that name another recording than their file, whose name is taken",
                    absl::StrCat(path, " (", recording.uri, ")"));
      recording.uri = uri;
    }
    AddEntry(std::move(split), rttm, recording);
    corpus_.labels.push_back(std::move(recording));
  }

  void AddEntry(std::string split, const std::string& rttm, const Recording& recording) {
    const auto audio = audio_.find(recording.uri);
    if (audio == audio_.end()) {
      problems_.Add("recordings whose audio is missing; fetch the audio archives and unpack them below the root",
                    absl::StrCat(split, "/", recording.uri));
      return;
    }
    ManifestEntry entry;
    entry.audio = JoinPath(root_, audio->second);
    const absl::StatusOr<int64_t> duration = AudioDuration(entry.audio);
    if (!duration.ok()) {
      problems_.Add("audio that cannot be read and is left out; fetch it again", duration.status().message());
      return;
    }
    std::set<std::string> speakers;
    int64_t end = 0;
    for (const Turn& turn : recording.turns) {
      speakers.insert(turn.speaker);
      end = std::max(end, turn.end());
    }
    if (end > *duration + kLabelSlack) {
      problems_.Add("labels that end behind their audio, which may be cut",
                    absl::StrCat(split, "/", recording.uri, " (", 1e-6 * static_cast<double>(end), " s, audio ",
                                 1e-6 * static_cast<double>(*duration), " s)"));
    }
    entry.duration = *duration;
    entry.utterance = recording.uri;
    entry.session = recording.uri;
    entry.split = std::move(split);
    entry.num_speakers = static_cast<int>(speakers.size());
    entry.rttm = rttm;
    corpus_.regions.push_back({recording.uri, {{0, *duration}}});
    corpus_.entries.push_back(std::move(entry));
  }

  const std::string root_;
  Corpus corpus_;
  ProblemList problems_;
  std::map<std::string, std::string> audio_;  // uri -> path from the root on
  std::set<std::string> uris_;
};

}  // namespace

absl::StatusOr<Corpus> VoxConverseCorpus(const std::string& root) { return Builder(root).Build(); }

const std::vector<ExpectedSplit>& VoxConverseExpectedSplits() {
  static const auto* const splits = [] {
    auto* const both = new std::vector<ExpectedSplit>(2);
    ExpectedSplit& dev = (*both)[0];
    dev.split = "dev";
    dev.files = 216;
    dev.speech_hours = 18.91;
    dev.overlap_percent = 3.74;
    ExpectedSplit& test = (*both)[1];
    test.split = "test";
    test.files = 232;
    test.speech_hours = 38.99;
    test.overlap_percent = 3.05;
    for (ExpectedSplit& split : *both) split.source = "counted in the labels of VoxConverse 0.3 (commit 24bf60b)";
    return both;
  }();
  return *splits;
}

}  // namespace diarflow
