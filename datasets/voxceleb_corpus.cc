#include "datasets/voxceleb_corpus.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <unordered_set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "base/files.h"
#include "datasets/corpus_files.h"
#include "datasets/problem_list.h"
#include "datasets/voxceleb.h"

namespace diarflow {
namespace {

constexpr int kLevels = 7;  // five, and idXXXXX/<video>
constexpr size_t kFoldersAboveRoot = 2;
constexpr absl::string_view kExtensions[] = {".wav", ".flac"};
constexpr absl::string_view kM4a = ".m4a";
// Speakers whose names begin with E are the test set of VoxCeleb1.
constexpr int kFirstTestSpeaker = 10270;
constexpr int kLastTestSpeaker = 10309;

enum class Version { kOne, kTwo };

// "dev" or "test" when the name of a folder says so in one of its words: "vox2_dev_aac".
std::string SplitOfFolder(absl::string_view name) {
  for (const absl::string_view word : absl::StrSplit(name, absl::ByAnyChar("_-. "))) {
    for (const char* split : {"dev", "test"}) {
      if (absl::EqualsIgnoreCase(word, split)) return split;
    }
  }
  return "";
}

struct Place {
  std::string split;  // empty: not told by folders
  std::string speaker;
  std::string video;
  std::string utterance;
};

class Layout {
 public:
  explicit Layout(const std::string& root) {
    const std::vector<std::string> parts = absl::StrSplit(root, '/', absl::SkipEmpty());
    const size_t count = std::min(parts.size(), kFoldersAboveRoot + 1);
    above_.assign(parts.end() - static_cast<std::ptrdiff_t>(count), parts.end());
  }

  // Nothing for a file that is not .../idXXXXX/<video>/<file>.
  std::optional<Place> PlaceOf(absl::string_view path) const {
    std::vector<absl::string_view> parts(above_.begin(), above_.end());
    const std::vector<absl::string_view> below = absl::StrSplit(path, '/');
    parts.insert(parts.end(), below.begin(), below.end());
    // The root may be a speaker's folder, but not a video's.
    if (below.size() < 2 || parts.size() < 3) return std::nullopt;
    const size_t at = parts.size() - 3;
    if (!IsSpeakerFolder(parts[at])) return std::nullopt;
    Place place;
    for (size_t i = at; i > 0 && place.split.empty(); --i) place.split = SplitOfFolder(parts[i - 1]);
    place.speaker = std::string(parts[at]);
    place.video = std::string(parts[at + 1]);
    place.utterance = absl::StrJoin(parts.begin() + static_cast<std::ptrdiff_t>(at), parts.end(), "/");
    return place;
  }

 private:
  std::vector<std::string> above_;
};

std::string SplitOfSpeaker(absl::string_view speaker) {
  int number = 0;
  const bool is_test = absl::SimpleAtoi(absl::StripPrefix(speaker, "id"), &number) && number >= kFirstTestSpeaker &&
                       number <= kLastTestSpeaker;
  return is_test ? "test" : "dev";
}

// Without the extension; empty when it is not the name of audio.
absl::string_view WithoutExtension(absl::string_view path, bool* is_m4a) {
  *is_m4a = absl::EndsWithIgnoreCase(path, kM4a);
  if (*is_m4a) return path.substr(0, path.size() - kM4a.size());
  for (const absl::string_view extension : kExtensions) {
    if (absl::EndsWithIgnoreCase(path, extension)) return path.substr(0, path.size() - extension.size());
  }
  return absl::string_view();
}

class Builder {
 public:
  Builder(std::string root, Version version) : root_(std::move(root)), version_(version), layout_(root_) {
    corpus_.name = version == Version::kOne ? "VoxCeleb1" : "VoxCeleb2";
  }

  absl::StatusOr<Corpus> Build() && {
    const FolderFiles files = FilesBelow(root_, kLevels);
    for (const std::string& folder : files.unreadable) problems_.Add("folders that cannot be read", folder);
    for (const std::string& path : files.paths) Take(path);
    if (!any_) {
      return absl::NotFoundError(absl::StrCat("no ", corpus_.name, " below ", root_,
                                              ": looked for idXXXXX/<video>/NNNNN.wav (or .flac, .m4a), at most five "
                                              "folders down; name the folder that holds wav/ or idXXXXX/"));
    }
    for (const auto& [name, path] : m4a_) AddM4a(name, path);
    std::sort(corpus_.entries.begin(), corpus_.entries.end(),
              [](const ManifestEntry& a, const ManifestEntry& b) { return a.utterance < b.utterance; });
    corpus_.problems = problems_.Sentences();
    const auto& expected = version_ == Version::kOne ? VoxCeleb1ExpectedSplits() : VoxCeleb2ExpectedSplits();
    for (std::string& sentence : IncompleteSplits(corpus_.entries, expected)) {
      corpus_.problems.push_back(std::move(sentence));
    }
    return std::move(corpus_);
  }

 private:
  void Take(const std::string& path) {
    bool is_m4a = false;
    const absl::string_view name = WithoutExtension(path, &is_m4a);
    if (name.empty()) return;
    std::optional<Place> place = layout_.PlaceOf(path);
    if (!place.has_value()) return;
    any_ = true;
    bool ignored = false;
    const std::string utterance(WithoutExtension(place->utterance, &ignored));
    if (is_m4a) {
      m4a_.try_emplace(utterance, path);
      return;
    }
    if (place->split.empty() && version_ == Version::kOne) place->split = SplitOfSpeaker(place->speaker);
    if (place->split.empty()) {
      problems_.Add("audio below no folder that is named dev or test, which is left out since its split is unknown",
                    path);
      return;
    }
    if (!seen_.insert(utterance).second) {
      problems_.Add("utterances that were there before; they are left out", path);
      return;
    }
    Add(*std::move(place), path);
  }

  void Add(Place place, const std::string& path) {
    ManifestEntry entry;
    entry.audio = JoinPath(root_, path);
    const absl::StatusOr<int64_t> duration = AudioDuration(entry.audio);
    if (!duration.ok()) {
      problems_.Add("audio that cannot be read and is left out; fetch it again", duration.status().message());
      return;
    }
    entry.duration = *duration;
    entry.split = std::move(place.split);
    entry.speaker = std::move(place.speaker);
    entry.session = std::move(place.video);
    entry.utterance = std::move(place.utterance);
    corpus_.entries.push_back(std::move(entry));
  }

  void AddM4a(const std::string& utterance, const std::string& path) {
    if (seen_.count(utterance) != 0) return;
    problems_.Add(
        "audio in AAC (.m4a), which is left out since every reading would start ffmpeg; convert each file to a WAV "
        "file beside it, with `ffmpeg -i NNNNN.m4a -ac 1 -ar 16000 NNNNN.wav`",
        path);
  }

  const std::string root_;
  const Version version_;
  const Layout layout_;
  Corpus corpus_;
  ProblemList problems_;
  bool any_ = false;
  std::unordered_set<std::string> seen_;    // utterances without extension
  std::map<std::string, std::string> m4a_;  // the same -> path
};

ExpectedSplit Expected(const char* split, int64_t files, int64_t speakers, double hours, const char* source) {
  ExpectedSplit expected;
  expected.split = split;
  expected.files = files;
  expected.speakers = speakers;
  expected.hours = hours;
  expected.source = source;
  return expected;
}

}  // namespace

absl::StatusOr<Corpus> VoxCeleb1Corpus(const std::string& root) { return Builder(root, Version::kOne).Build(); }

absl::StatusOr<Corpus> VoxCeleb2Corpus(const std::string& root) { return Builder(root, Version::kTwo).Build(); }

const std::vector<ExpectedSplit>& VoxCeleb1ExpectedSplits() {
  static const auto* const splits = new std::vector<ExpectedSplit>{
      Expected("dev", 148642, 1211, 340.4, "the VoxCeleb1 page and the VoxCeleb table of PaddleSpeech"),
      Expected("test", 4874, 40, 11.2, "the VoxCeleb1 page and the VoxCeleb table of PaddleSpeech"),
  };
  return *splits;
}

const std::vector<ExpectedSplit>& VoxCeleb2ExpectedSplits() {
  static const auto* const splits = new std::vector<ExpectedSplit>{
      Expected("dev", 1092009, 5994, 2360.2, "Chung et al. 2018; hours: the VoxCeleb table of PaddleSpeech"),
      // The paper has 1,128,246 of both; that table's 36,273 has two digits the wrong way round.
      Expected("test", 36237, 118, 79.9, "Chung et al. 2018; hours: the VoxCeleb table of PaddleSpeech"),
  };
  return *splits;
}

}  // namespace diarflow
