#include "datasets/voices/voices.h"

#include <fnmatch.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/files.h"
#include "base/sha256.h"
#include "base/status_macros.h"
#include "base/suggest.h"
#include "datasets/corpus_files.h"
#include "datasets/formats/text_lines.h"
#include "diarization/turns.h"

namespace diarflow {
namespace {

constexpr absl::string_view kHead = "glob,exclude,speaker,language,sex,package,licence,use,side";
constexpr size_t kFields = 9;
constexpr int kLevels = 10;  // more than any package has

struct UseName {
  absl::string_view name;
  VoicesUse use;
};
constexpr UseName kUses[] = {{"all", VoicesUse::kAll}, {"train", VoicesUse::kTrain}, {"none", VoicesUse::kNone}};

absl::Status CheckGlob(const std::string& glob) {
  const std::vector<absl::string_view> parts = absl::StrSplit(glob, '/');
  if (!glob.empty() && glob[0] != '/' && std::count(parts.begin(), parts.end(), "..") == 0) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("the glob \"", glob, "\": it must be a path below the root, without \"..\""));
}

absl::StatusOr<VoicesRow> ParseRow(absl::string_view line) {
  const std::vector<std::string> fields = absl::StrSplit(line, ',');
  if (fields.size() != kFields) {
    return absl::InvalidArgumentError(
        absl::StrCat("here are ", fields.size(), " fields separated by commas; a line is ", kHead));
  }
  VoicesRow row;
  row.glob = fields[0];
  row.exclude = absl::StrSplit(fields[1], ' ', absl::SkipEmpty());
  row.speaker = fields[2];
  row.language = fields[3];
  row.sex = fields[4];
  row.package = fields[5];
  row.licence = fields[6];
  row.side = fields[8];
  RETURN_IF_ERROR(CheckGlob(row.glob));
  if (row.speaker.empty() || row.package.empty()) {
    return absl::InvalidArgumentError("a line names a speaker and a package; one of them is empty");
  }
  if (row.sex != "F" && row.sex != "M") {
    return absl::InvalidArgumentError(absl::StrCat("the sex is \"", row.sex, "\"; it must be F or M"));
  }
  const auto use =
      std::find_if(std::begin(kUses), std::end(kUses), [&](const UseName& u) { return u.name == fields[7]; });
  if (use == std::end(kUses)) {
    return absl::InvalidArgumentError(absl::StrCat("the use is \"", fields[7], "\"; it must be all, train or none"));
  }
  row.use = use->use;
  return row;
}

// Takes the table line by line.
class MapReader {
 public:
  absl::Status Take(absl::string_view line) {
    if (line.empty() || line[0] == '#') return absl::OkStatus();
    if (!has_head_) {
      has_head_ = line == kHead;
      if (has_head_) return absl::OkStatus();
      return absl::InvalidArgumentError(absl::StrCat("the head is \"", line, "\"; it must be \"", kHead, "\""));
    }
    ASSIGN_OR_RETURN(VoicesRow row, ParseRow(line));
    for (const VoicesRow& other : rows_) {
      if (other.speaker != row.speaker || (other.use == row.use && other.side == row.side && other.sex == row.sex)) {
        continue;
      }
      return absl::InvalidArgumentError(
          absl::StrCat("the speaker ", row.speaker, " has another sex, use or side here than in a line before"));
    }
    rows_.push_back(std::move(row));
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<VoicesRow>> Finish(absl::string_view name) && {
    if (rows_.empty()) return absl::InvalidArgumentError(absl::StrCat(name, ": the table has no line"));
    return std::move(rows_);
  }

 private:
  bool has_head_ = false;
  std::vector<VoicesRow> rows_;
};

bool Matches(const std::string& glob, const std::string& path) { return fnmatch(glob.c_str(), path.c_str(), 0) == 0; }

// The folder that holds all that a glob may match.
std::string FixedFolder(const std::string& glob) {
  const size_t slash = glob.substr(0, glob.find_first_of("*?[\\")).rfind('/');
  return slash == std::string::npos ? "" : glob.substr(0, slash);
}

// Paths of the files below `root`/`folder`, from root on, in byte order. A folder that is not there holds nothing.
std::vector<std::string> PathsBelow(const std::string& root, const std::string& folder,
                                    std::set<std::string>* unreadable) {
  const std::string whole = JoinPath(root, folder);
  if (!IsFolder(whole)) return {};
  FolderFiles files = FilesBelow(whole, kLevels);
  unreadable->insert(files.unreadable.begin(), files.unreadable.end());
  for (std::string& path : files.paths) path = JoinPath(folder, path);
  return std::move(files.paths);
}

using Files = std::map<std::string, const VoicesRow*>;  // by path, in byte order

absl::StatusOr<Files> FilesOfMap(const std::vector<VoicesRow>& map, const std::string& root, VoicesSet* set) {
  std::map<std::string, std::vector<std::string>> folders;
  std::set<std::string> unreadable;
  Files files;
  for (const VoicesRow& row : map) {
    const std::string folder = FixedFolder(row.glob);
    if (folders.count(folder) == 0) folders[folder] = PathsBelow(root, folder, &unreadable);
    bool any = false;
    for (const std::string& path : folders[folder]) {
      if (!Matches(row.glob, path)) continue;
      any = true;
      const auto excludes = [&](const std::string& glob) { return Matches(glob, path); };
      if (std::any_of(row.exclude.begin(), row.exclude.end(), excludes)) continue;
      const auto [known, is_new] = files.try_emplace(path, &row);
      if (!is_new && (known->second->speaker != row.speaker || known->second->package != row.package)) {
        return absl::InvalidArgumentError(absl::StrCat("the table gives ", path, " to ", known->second->speaker, " in ",
                                                       known->second->package, " and to ", row.speaker, " in ",
                                                       row.package));
      }
    }
    if (!any) set->empty_globs.push_back(row.glob);
  }
  set->unreadable.assign(unreadable.begin(), unreadable.end());
  if (files.empty()) {
    return absl::NotFoundError(absl::StrCat(
        "no recording of the voices set below ", root, ": looked for ", map.empty() ? "nothing" : map.front().glob,
        " and ", map.empty() ? 0 : map.size() - 1, " more; name the folder that holds usr/share"));
  }
  return files;
}

std::string SideOf(const VoicesRow& row) { return row.side.empty() ? row.speaker : row.side; }

// Which split a file belongs to.
class Splitter {
 public:
  static absl::StatusOr<Splitter> Create(const std::vector<VoicesRow>& map, const VoicesOptions& options) {
    Splitter splitter;
    std::set<std::string> packages;
    for (const VoicesRow& row : map) packages.insert(row.package);
    for (const std::string& package : options.validation_packages) {
      if (packages.count(package) == 0) {
        const std::vector<std::string> known(packages.begin(), packages.end());
        return absl::InvalidArgumentError(absl::StrCat("the voices set has no package \"", package, "\" to validate on",
                                                       DidYouMean(package, known), "; it has ",
                                                       absl::StrJoin(known, ", ")));
      }
      splitter.validation_packages_.insert(package);
    }
    for (const VoicesRow& row : map) {
      if (row.use == VoicesUse::kAll && splitter.validation_packages_.count(row.package) != 0) continue;
      if (row.use != VoicesUse::kNone) splitter.train_sides_.insert(SideOf(row));
    }
    return splitter;
  }

  std::string SplitOf(const VoicesRow& row) const {
    if (validation_packages_.count(row.package) == 0) return std::string(kVoicesTrain);
    return train_sides_.count(SideOf(row)) != 0 ? "" : std::string(kVoicesValidation);
  }

 private:
  std::set<std::string> validation_packages_;
  std::set<std::string> train_sides_;
};

// Paths with the same bytes: only one may stay. Returns those that may not, told apart in `set`.
std::set<std::string> FindCopies(const Files& files, const std::string& root, VoicesSet* set) {
  std::map<std::string, std::vector<std::string>> paths_of;
  for (const auto& [path, row] : files) {
    const absl::StatusOr<std::string> bytes = ReadFile(JoinPath(root, path));
    if (bytes.ok()) paths_of[Sha256().Update(*bytes).HexDigest()].push_back(path);
  }
  std::set<std::string> copies;
  for (const auto& [hash, paths] : paths_of) {
    const std::string& speaker = files.at(paths[0])->speaker;
    const bool same_speaker = std::all_of(paths.begin(), paths.end(),
                                          [&](const std::string& path) { return files.at(path)->speaker == speaker; });
    for (size_t i = same_speaker ? 1 : 0; i < paths.size(); ++i) {
      copies.insert(paths[i]);
      (same_speaker ? set->duplicates : set->contradictions).push_back(paths[i]);
    }
  }
  std::sort(set->duplicates.begin(), set->duplicates.end());
  std::sort(set->contradictions.begin(), set->contradictions.end());
  return copies;
}

void AddToSpeaker(const VoicesRow& row, int64_t duration, std::map<std::string, VoicesSpeaker>* speakers) {
  VoicesSpeaker& speaker = (*speakers)[row.speaker];
  if (speaker.files == 0) {
    speaker.name = row.speaker;
    speaker.language = row.language;
    speaker.sex = row.sex;
    speaker.side = SideOf(row);
    speaker.use = row.use;
  }
  const auto place = std::lower_bound(speaker.packages.begin(), speaker.packages.end(), row.package);
  if (place == speaker.packages.end() || *place != row.package) speaker.packages.insert(place, row.package);
  ++speaker.files;
  speaker.duration += duration;
}

}  // namespace

absl::StatusOr<std::vector<VoicesRow>> ParseVoicesMap(absl::string_view text, absl::string_view name) {
  MapReader reader;
  RETURN_IF_ERROR(ForEachLine(text, name, [&](absl::string_view line) { return reader.Take(line); }));
  return std::move(reader).Finish(name);
}

absl::StatusOr<std::vector<VoicesRow>> ReadVoicesMap(const std::string& path) {
  MapReader reader;
  RETURN_IF_ERROR(ForEachLineOfFile(path, [&](absl::string_view line) { return reader.Take(line); }));
  return std::move(reader).Finish(path);
}

absl::StatusOr<VoicesSet> ListVoices(const std::vector<VoicesRow>& map, const std::string& root,
                                     const VoicesOptions& options) {
  ASSIGN_OR_RETURN(const Splitter splitter, Splitter::Create(map, options));
  VoicesSet set;
  ASSIGN_OR_RETURN(Files files, FilesOfMap(map, root, &set));
  for (auto file = files.begin(); file != files.end();) {
    const bool unused = file->second->use == VoicesUse::kNone;
    set.left_out += unused ? 1 : 0;
    file = unused ? files.erase(file) : std::next(file);
  }
  const std::set<std::string> copies = FindCopies(files, root, &set);
  std::map<std::string, VoicesSpeaker> speakers;
  for (const auto& [path, row] : files) {
    if (copies.count(path) != 0) continue;
    ManifestEntry entry;
    entry.audio = JoinPath(root, path);
    const absl::StatusOr<int64_t> duration = AudioDuration(entry.audio);
    if (!duration.ok()) {
      set.unreadable.push_back(std::string(duration.status().message()));
      continue;
    }
    entry.duration = *duration;
    entry.utterance = path;
    entry.speaker = row->speaker;
    entry.session = row->package;
    entry.split = splitter.SplitOf(*row);
    set.duration += *entry.duration;
    AddToSpeaker(*row, *entry.duration, &speakers);
    set.entries.push_back(std::move(entry));
  }
  for (auto& [name, speaker] : speakers) set.speakers.push_back(std::move(speaker));
  return set;
}

std::string DescribeVoices(const VoicesSet& set) {
  const auto describe = [&](std::optional<absl::string_view> split) {
    std::set<std::string> names;
    int64_t files = 0;
    int64_t duration = 0;
    for (const ManifestEntry& entry : set.entries) {
      if (split.has_value() && entry.split != *split) continue;
      names.insert(entry.speaker);
      ++files;
      duration += *entry.duration;
    }
    int women = 0;
    for (const VoicesSpeaker& speaker : set.speakers) women += names.count(speaker.name) != 0 && speaker.sex == "F";
    return absl::StrFormat("%d speakers (%d F, %d M), %d files, %.2f hours", names.size(), women,
                           static_cast<int>(names.size()) - women, files,
                           static_cast<double>(duration) / (3600.0 * kMicrosecondsPerSecond));
  };
  return absl::StrCat(describe(std::nullopt), "; train: ", describe(kVoicesTrain),
                      "; validation: ", describe(kVoicesValidation));
}

}  // namespace diarflow
