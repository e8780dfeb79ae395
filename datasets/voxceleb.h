// VoxCeleb1 on disk (Nagrani, Chung, Zisserman, "VoxCeleb: a large-scale speaker identification dataset", 2017), and
// its official trial lists.
//
// The audio lies in `wav/idXXXXX/<video>/NNNNN.wav` below `vox1_dev` and `vox1_test`, and lists name it from idXXXXX
// on. A user may point at any of these folders or at one above.
#ifndef DIARFLOW_DATASETS_VOXCELEB_H_
#define DIARFLOW_DATASETS_VOXCELEB_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "datasets/trial_list.h"

namespace diarflow {

// Whether a folder's name is that of a speaker: "id10270".
bool IsSpeakerFolder(absl::string_view name);

// A published list, with what it holds.
struct OfficialTrialList {
  absl::string_view title;      // "VoxCeleb1-O (cleaned)"
  absl::string_view file_name;  // "veri_test2.txt"
  int64_t trials;
  int64_t targets;
  int64_t nontargets;
};

// VoxCeleb1-O, -E and -H, each original and cleaned.
const std::vector<OfficialTrialList>& OfficialTrialLists();

// The published list of that file name, folders apart. Nothing for another name.
std::optional<OfficialTrialList> ExpectedCounts(absl::string_view path);

// For reports: the path of a list and what it holds, and whether it is a published one.
//   "VoxCeleb1-O (cleaned), /data/veri_test2.txt: 37611 trials, 18802 target, 18809 non-target"
//   "/data/veri_test2.txt: 37000 trials, 18500 target, 18500 non-target (the published list of that name has 37611)"
//   "my_list.txt: 10 trials, 5 target, 5 non-target"
std::string DescribeTrialList(absl::string_view path, const TrialList& list);

// Where the audio of a list lies. Lists E and H draw from both vox1_dev and vox1_test: a folder per speaker.
class VoxCelebAudio {
 public:
  // Looks for the first path component of every utterance (the speaker's folder) in `root` and up to three levels below
  // it, in byte order, nearest first. kNotFound, naming what was looked for and where, when not one speaker of the list
  // is there or `root` is no folder; a part may be missing (see missing_speakers()).
  static absl::StatusOr<VoxCelebAudio> Find(const std::string& root, const TrialList& list);

  // The file of an utterance, whether it exists or not. Paths of unknown speakers are taken below the first root.
  std::string PathOf(const ListedUtterance& utterance) const;

  // The folders that hold speakers' folders, in the order in which they were found.
  const std::vector<std::string>& roots() const { return roots_; }
  // First path components that are nowhere, in byte order.
  const std::vector<std::string>& missing_speakers() const { return missing_speakers_; }

 private:
  VoxCelebAudio() = default;

  std::vector<std::string> roots_;
  std::vector<std::string> missing_speakers_;
  // First path component -> index into roots_.
  absl::flat_hash_map<std::string, int> root_of_;
};

// The list to use when the user names none: `file_name` in `root`, up to three levels below, or in one of the two
// folders above it or their meta/ or lists/. kNotFound names the places.
absl::StatusOr<std::string> FindTrialListFile(const std::string& root, absl::string_view file_name = "veri_test2.txt");

}  // namespace diarflow

#endif  // DIARFLOW_DATASETS_VOXCELEB_H_
