#include "datasets/voxceleb.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "base/files.h"
#include "datasets/corpus_files.h"

namespace diarflow {
namespace {

constexpr int kLevels = 3;
// Of a root like "/", which somebody may name by mistake.
constexpr size_t kMaxFolders = 5000;
constexpr size_t kMaxNamed = 5;

absl::string_view FirstComponent(absl::string_view path) { return path.substr(0, path.find('/')); }

// Names of the folders in a folder, in byte order; none when it cannot be read.
std::vector<std::string> SubFolders(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    std::error_code ignored;
    if (entry->is_directory(ignored)) names.push_back(entry->path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

// Folders level by level from `root` on: visit(folder, names of its sub-folders) is false to stop. Hidden folders and
// those of speakers, whose videos are of no interest here, are not entered. Returns the number of folders visited.
template <typename Visit>
size_t WalkFolders(const std::string& root, int levels, const Visit& visit) {
  std::vector<std::string> level = {root};
  size_t visited = 0;
  for (int depth = 0; depth <= levels; ++depth) {
    std::vector<std::string> next;
    for (const std::string& folder : level) {
      if (visited == kMaxFolders) return visited;
      ++visited;
      const std::vector<std::string> names = SubFolders(folder);
      if (!visit(folder, names)) return visited;
      for (const std::string& name : names) {
        if (name[0] != '.' && !IsSpeakerFolder(name)) next.push_back(JoinPath(folder, name));
      }
    }
    level = std::move(next);
  }
  return visited;
}

// "a, b, c and 37 more".
std::string SomeOf(const std::vector<std::string>& names) {
  if (names.size() <= kMaxNamed) return absl::StrJoin(names, ", ");
  return absl::StrCat(absl::StrJoin(names.begin(), names.begin() + kMaxNamed, ", "), " and ", names.size() - kMaxNamed,
                      " more");
}

std::string Counts(int64_t trials, int64_t targets, int64_t nontargets) {
  return absl::StrCat(trials, " trials, ", targets, " target, ", nontargets, " non-target");
}

}  // namespace

bool IsSpeakerFolder(absl::string_view name) {
  return absl::ConsumePrefix(&name, "id") && !name.empty() &&
         std::all_of(name.begin(), name.end(), absl::ascii_isdigit);
}

const std::vector<OfficialTrialList>& OfficialTrialLists() {
  static const auto* const lists = new std::vector<OfficialTrialList>{
      {"VoxCeleb1-O", "veri_test.txt", 37720, 18860, 18860},
      {"VoxCeleb1-O (cleaned)", "veri_test2.txt", 37611, 18802, 18809},
      {"VoxCeleb1-E", "list_test_all.txt", 581480, 290743, 290737},
      {"VoxCeleb1-E (cleaned)", "list_test_all2.txt", 579818, 289921, 289897},
      {"VoxCeleb1-H", "list_test_hard.txt", 552536, 276270, 276266},
      {"VoxCeleb1-H (cleaned)", "list_test_hard2.txt", 550894, 275488, 275406},
  };
  return *lists;
}

std::optional<OfficialTrialList> ExpectedCounts(absl::string_view path) {
  const absl::string_view name = path.substr(path.rfind('/') + 1);  // npos + 1 is 0
  for (const OfficialTrialList& list : OfficialTrialLists()) {
    if (list.file_name == name) return list;
  }
  return std::nullopt;
}

std::string DescribeTrialList(absl::string_view path, const TrialList& list) {
  const auto trials = static_cast<int64_t>(list.trials.size());
  const std::string described = absl::StrCat(path, ": ", Counts(trials, list.num_target(), list.num_nontarget()));
  const std::optional<OfficialTrialList> official = ExpectedCounts(path);
  if (!official.has_value()) return described;
  if (trials == official->trials && list.num_target() == official->targets) {
    return absl::StrCat(official->title, ", ", described);
  }
  return absl::StrCat(described, " (the published list of that name has ", official->trials, ")");
}

absl::StatusOr<VoxCelebAudio> VoxCelebAudio::Find(const std::string& root, const TrialList& list) {
  if (!IsFolder(root)) return absl::NotFoundError(absl::StrCat("the VoxCeleb folder ", root, " does not exist"));
  std::set<std::string> wanted;
  for (const ListedUtterance& utterance : list.utterances) wanted.emplace(FirstComponent(utterance.path));
  const std::vector<std::string> all(wanted.begin(), wanted.end());

  VoxCelebAudio audio;
  const size_t visited = WalkFolders(root, kLevels, [&](const std::string& folder, const auto& names) {
    bool is_root = false;
    for (const std::string& name : names) {
      if (wanted.erase(name) == 0) continue;
      is_root = true;
      audio.root_of_[name] = static_cast<int>(audio.roots_.size());
    }
    if (is_root) audio.roots_.push_back(folder);
    return !wanted.empty();
  });
  if (audio.roots_.empty()) {
    return absl::NotFoundError(
        absl::StrCat("no audio of the trial list below ", root, ": looked for the folders ", SomeOf(all),
                     " there and up to ", kLevels, " levels below, in ", visited,
                     " folders; name a folder such as vox1_test, vox1_test/wav or the one above"));
  }
  audio.missing_speakers_.assign(wanted.begin(), wanted.end());
  return audio;
}

std::string VoxCelebAudio::PathOf(const ListedUtterance& utterance) const {
  const auto place = root_of_.find(FirstComponent(utterance.path));
  return JoinPath(roots_[place == root_of_.end() ? 0 : place->second], utterance.path);
}

absl::StatusOr<std::string> FindTrialListFile(const std::string& root, absl::string_view file_name) {
  std::string found;
  const auto look = [&](const std::string& folder, const auto&) {
    const std::string path = JoinPath(folder, file_name);
    if (FileExists(path) && !IsFolder(path)) found = path;
    return found.empty();
  };
  WalkFolders(root, kLevels, look);
  if (!found.empty()) return found;
  std::error_code error;
  std::filesystem::path above = std::filesystem::weakly_canonical(root, error);
  if (!error) {
    for (int i = 0; i < 2; ++i) {
      above = above.parent_path();
      // Not in other folders there: they may hold the list of another set.
      for (const char* inner : {"", "meta", "lists"}) {
        look(JoinPath(above.string(), inner), 0);
        if (!found.empty()) return found;
      }
    }
  }
  return absl::NotFoundError(
      absl::StrCat("no trial list: looked for ", file_name, " in ", root, ", up to ", kLevels,
                   " levels below it, and in the two folders above it and their meta/ and lists/; name "
                   "the list itself"));
}

}  // namespace diarflow
