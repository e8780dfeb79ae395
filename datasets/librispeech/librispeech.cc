#include "datasets/librispeech/librispeech.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <unordered_set>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "base/files.h"
#include "base/status_macros.h"
#include "datasets/corpus_files.h"
#include "datasets/formats/librispeech_alignment.h"
#include "datasets/formats/text_grid.h"
#include "datasets/formats/text_lines.h"
#include "datasets/librispeech/speakers.h"
#include "datasets/problem_list.h"

namespace diarflow {
namespace {

constexpr int kLevels = 3;                 // subset, speaker, chapter
constexpr int kAlignmentLevels = 10;       // they come in all sorts of folders
constexpr int64_t kAlignmentSlack = 1000;  // microseconds

// Utterance -> tokens, of all files of a folder.
class Alignments {
 public:
  void Load(const std::string& folder, ProblemList* problems) {
    const FolderFiles files = FilesBelow(folder, kAlignmentLevels);
    for (const std::string& unreadable : files.unreadable) {
      problems->Add("folders of alignments that cannot be read", unreadable);
    }
    for (const std::string& file : files.paths) {
      const std::string path = JoinPath(folder, file);
      absl::Status status;
      if (!StemOf(file, ".alignment.txt").empty()) {
        status = LoadText(path, problems);
      } else if (const absl::string_view utterance = StemOf(file, ".TextGrid"); !utterance.empty()) {
        status = LoadTextGrid(path, std::string(utterance), problems);
      } else {
        continue;
      }
      is_empty_ = false;
      if (!status.ok()) problems->Add("alignments that cannot be read; their files are left out", status.message());
    }
    if (is_empty_) {
      problems->Add("no alignments: there is neither *.alignment.txt nor *.TextGrid below the folder", folder);
    }
  }

  // Whether none were asked for, or none are there.
  bool empty() const { return is_empty_; }

  // The tokens of an utterance, which are gone from here then; none when it has no alignment.
  std::vector<AlignedToken> Take(const std::string& utterance) {
    const auto found = tokens_.find(utterance);
    if (found == tokens_.end()) return {};
    std::vector<AlignedToken> tokens = std::move(found->second);
    tokens_.erase(found);
    return tokens;
  }

  // Names of those that nobody took, in byte order.
  std::vector<std::string> Rest() const {
    std::vector<std::string> names;
    for (const auto& [name, tokens] : tokens_) names.push_back(name);
    std::sort(names.begin(), names.end());
    return names;
  }

 private:
  void Add(const std::string& path, UtteranceAlignment alignment, ProblemList* problems) {
    if (!seen_.insert(alignment.utterance).second) {
      problems->Add("utterances with several alignments, of which the first is taken",
                    absl::StrCat(alignment.utterance, " in ", path));
      return;
    }
    tokens_[alignment.utterance] = std::move(alignment.tokens);
  }

  absl::Status LoadText(const std::string& path, ProblemList* problems) {
    ASSIGN_OR_RETURN(std::vector<UtteranceAlignment> alignments, ReadLibriSpeechAlignment(path));
    for (UtteranceAlignment& alignment : alignments) Add(path, std::move(alignment), problems);
    return absl::OkStatus();
  }

  absl::Status LoadTextGrid(const std::string& path, std::string utterance, ProblemList* problems) {
    ASSIGN_OR_RETURN(const TextGrid grid, ReadTextGrid(path));
    absl::StatusOr<std::vector<AlignedToken>> tokens = TokensOfTextGrid(grid);
    if (!tokens.ok()) {
      return absl::Status(tokens.status().code(), absl::StrCat(path, ": ", tokens.status().message()));
    }
    for (AlignedToken& token : *tokens) absl::AsciiStrToLower(&token.word);
    Add(path, {std::move(utterance), *std::move(tokens)}, problems);
    return absl::OkStatus();
  }

  bool is_empty_ = true;
  absl::flat_hash_map<std::string, std::vector<AlignedToken>> tokens_;
  std::unordered_set<std::string> seen_;
};

// Utterance -> text of one trans.txt.
using Transcripts = std::map<std::string, std::string>;

Transcripts ReadTranscripts(const std::string& path, ProblemList* problems) {
  Transcripts transcripts;
  const absl::Status status = ForEachLineOfFile(path, [&](absl::string_view line) -> absl::Status {
    line = absl::StripAsciiWhitespace(line);
    if (line.empty()) return absl::OkStatus();
    const size_t blank = std::min(line.find_first_of(" \t"), line.size());
    const std::string utterance(line.substr(0, blank));
    const std::string text = absl::AsciiStrToLower(absl::StripAsciiWhitespace(line.substr(blank)));
    if (text.empty()) {
      problems->Add("transcripts without text", absl::StrCat(utterance, " in ", path));
    } else if (!transcripts.try_emplace(utterance, text).second) {
      problems->Add("utterances with several transcripts, of which the first is taken",
                    absl::StrCat(utterance, " in ", path));
    }
    return absl::OkStatus();
  });
  if (!status.ok()) problems->Add("transcripts that cannot be read", status.message());
  return transcripts;
}

struct Chapter {
  std::string subset;
  std::string speaker;
  std::string name;
  std::vector<std::string> audio;  // paths from the base folder on
  std::vector<std::string> transcripts;
};

// By subset, speaker, chapter, in byte order.
std::map<std::string, Chapter> ChaptersOf(const std::vector<std::string>& paths) {
  std::map<std::string, Chapter> chapters;
  for (const std::string& path : paths) {
    const std::vector<std::string> parts = absl::StrSplit(path, '/');
    const bool is_audio = !StemOf(path, ".flac").empty() || !StemOf(path, ".wav").empty();
    const bool is_transcript = !StemOf(path, ".trans.txt").empty();
    if (parts.size() != kLevels + 1 || (!is_audio && !is_transcript)) continue;
    Chapter& chapter = chapters[path.substr(0, path.rfind('/'))];
    chapter.subset = parts[0];
    chapter.speaker = parts[1];
    chapter.name = absl::StrCat(parts[1], "-", parts[2]);
    (is_audio ? chapter.audio : chapter.transcripts).push_back(path);
  }
  return chapters;
}

class Builder {
 public:
  explicit Builder(std::string base) : base_(std::move(base)) { corpus_.name = "LibriSpeech"; }

  void LoadAlignments(const std::string& folder) { alignments_.Load(folder, &problems_); }

  void LoadSpeakers() {
    const absl::StatusOr<std::vector<LibriSpeechSpeaker>> speakers =
        ReadLibriSpeechSpeakers(JoinPath(base_, "SPEAKERS.TXT"));
    if (!speakers.ok()) {
      problems_.Add("the list of speakers cannot be read, so their subsets are not checked",
                    speakers.status().message());
      return;
    }
    for (const LibriSpeechSpeaker& speaker : *speakers) subset_of_[speaker.id] = speaker.subset;
  }

  void AddChapter(const Chapter& chapter) {
    CheckSpeaker(chapter);
    Transcripts transcripts;
    for (const std::string& file : chapter.transcripts) {
      transcripts.merge(ReadTranscripts(JoinPath(base_, file), &problems_));
    }
    for (const std::string& file : chapter.audio) AddUtterance(chapter, file, &transcripts);
    for (const auto& [utterance, text] : transcripts) {
      if (seen_.count(utterance) == 0) {
        problems_.Add("utterances whose audio is missing", absl::StrCat(chapter.subset, "/", utterance));
      }
    }
  }

  void AddUnreadable(const std::string& folder) { problems_.Add("folders that cannot be read", folder); }

  Corpus Finish() && {
    for (const std::string& utterance : alignments_.Rest()) {
      problems_.Add("alignments of utterances that are not here", utterance);
    }
    corpus_.problems = problems_.Sentences();
    for (std::string& sentence : IncompleteSplits(corpus_.entries, LibriSpeechExpectedSplits())) {
      corpus_.problems.push_back(std::move(sentence));
    }
    return std::move(corpus_);
  }

 private:
  void CheckSpeaker(const Chapter& chapter) {
    if (subset_of_.empty() || !checked_.insert(absl::StrCat(chapter.subset, "/", chapter.speaker)).second) return;
    const auto known = subset_of_.find(chapter.speaker);
    if (known == subset_of_.end()) {
      problems_.Add("speakers who are not in SPEAKERS.TXT", absl::StrCat(chapter.subset, "/", chapter.speaker));
    } else if (known->second != chapter.subset) {
      problems_.Add("speakers who are in another subset than SPEAKERS.TXT says, so that subsets may share them",
                    absl::StrCat(chapter.subset, "/", chapter.speaker, " (", known->second, ")"));
    }
  }

  void AddUtterance(const Chapter& chapter, const std::string& file, Transcripts* transcripts) {
    ManifestEntry entry;
    entry.audio = JoinPath(base_, file);
    const absl::string_view flac = StemOf(file, ".flac");
    entry.utterance = std::string(flac.empty() ? StemOf(file, ".wav") : flac);
    if (!absl::StartsWith(entry.utterance, absl::StrCat(chapter.name, "-"))) {
      problems_.Add("audio that is not named <speaker>-<chapter>-<number> like its folders; it is left out", file);
      return;
    }
    if (!seen_.insert(entry.utterance).second) {
      problems_.Add("utterances that were there before; they are left out", file);
      return;
    }
    const absl::StatusOr<int64_t> duration = AudioDuration(entry.audio);
    if (!duration.ok()) {
      problems_.Add("audio that cannot be read and is left out; fetch it again", duration.status().message());
      alignments_.Take(entry.utterance);
      return;
    }
    entry.duration = *duration;
    entry.speaker = chapter.speaker;
    entry.session = chapter.name;
    entry.split = chapter.subset;
    if (const auto text = transcripts->find(entry.utterance); text != transcripts->end()) {
      entry.text = std::move(text->second);
    } else {
      problems_.Add("utterances without transcript", file);
    }
    AddTokens(file, &entry);
    corpus_.entries.push_back(std::move(entry));
  }

  void AddTokens(const std::string& file, ManifestEntry* entry) {
    if (alignments_.empty()) return;
    entry->tokens = alignments_.Take(entry->utterance);
    if (entry->tokens.empty()) {
      problems_.Add("utterances without alignment", file);
    } else if (entry->tokens.back().end > *entry->duration + kAlignmentSlack) {
      problems_.Add("utterances shorter than their alignment, which is left out", file);
      entry->tokens.clear();
    }
    for (AlignedToken& token : entry->tokens) token.end = std::min(token.end, *entry->duration);
  }

  const std::string base_;
  Corpus corpus_;
  ProblemList problems_;
  Alignments alignments_;
  absl::flat_hash_map<std::string, std::string> subset_of_;  // of speakers
  std::set<std::string> checked_;
  std::unordered_set<std::string> seen_;  // utterances
};

}  // namespace

absl::StatusOr<Corpus> LibriSpeechCorpus(const std::string& root, const LibriSpeechOptions& options) {
  const std::string inner = JoinPath(root, "LibriSpeech");
  const std::string base = IsFolder(inner) ? inner : root;
  if (!options.alignments.empty() && !IsFolder(options.alignments)) {
    return absl::NotFoundError(absl::StrCat("the folder of alignments ", options.alignments, " does not exist"));
  }
  const FolderFiles files = FilesBelow(base, kLevels);
  const std::map<std::string, Chapter> chapters = ChaptersOf(files.paths);
  if (std::all_of(chapters.begin(), chapters.end(), [](const auto& chapter) { return chapter.second.audio.empty(); })) {
    return absl::NotFoundError(absl::StrCat("no LibriSpeech below ", root,
                                            ": looked for <subset>/<speaker>/<chapter>/*.flac there and in ", inner,
                                            "; name the folder that holds SPEAKERS.TXT and dev-clean"));
  }
  Builder builder(base);
  for (const std::string& folder : files.unreadable) builder.AddUnreadable(folder);
  if (!options.alignments.empty()) builder.LoadAlignments(options.alignments);
  builder.LoadSpeakers();
  for (const auto& [folder, chapter] : chapters) builder.AddChapter(chapter);
  return std::move(builder).Finish();
}

const std::vector<ExpectedSplit>& LibriSpeechExpectedSplits() {
  const auto split = [](const char* name, int64_t files, int64_t speakers, double hours) {
    ExpectedSplit expected;
    expected.split = name;
    expected.files = files;
    expected.speakers = speakers;
    expected.hours = hours;
    expected.source = "Panayotov et al. 2015, table 1; files: dataset card openslr/librispeech_asr";
    return expected;
  };
  static const auto* const splits = new std::vector<ExpectedSplit>{
      split("dev-clean", 2703, 40, 5.4),
      split("dev-other", 2864, 33, 5.3),
      split("test-clean", 2620, 40, 5.4),
      split("test-other", 2939, 33, 5.1),
      split("train-clean-100", 28539, 251, 100.6),
      split("train-clean-360", 104014, 921, 363.6),
      split("train-other-500", 148688, 1166, 496.7),
  };
  return *splits;
}

}  // namespace diarflow
