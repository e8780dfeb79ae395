#include "nodes/trial_list.h"

#include <cstdio>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/files.h"
#include "base/status_macros.h"
#include "datasets/voxceleb.h"
#include "nodes/trial_list.pb.h"

namespace diarflow {
namespace {

constexpr char kCouncilAudio[] = "runfiles:@council/council";

absl::StatusOr<std::shared_ptr<TrialListResource>> LoadEmbedded(options::TrialList::Embedded embedded) {
  const bool whole = embedded == options::TrialList::COUNCIL_WHOLE;
  ASSIGN_OR_RETURN(const std::string path, ResolvePath(whole ? "runfiles:datasets/council/whole_trials.txt"
                                                             : "runfiles:datasets/council/trials.txt"));
  ASSIGN_OR_RETURN(const std::string root, ResolvePath(kCouncilAudio));
  auto resource = std::make_shared<TrialListResource>();
  ASSIGN_OR_RETURN(resource->list, ReadTrialList(path));
  for (const ListedUtterance& utterance : resource->list.utterances)
    resource->audio_paths.push_back(JoinPath(root, utterance.path));
  resource->description = whole ? "council set, whole recordings" : "council set, pieces of 3 s";
  return resource;
}

absl::StatusOr<std::shared_ptr<TrialListResource>> LoadFiles(const options::TrialList& options) {
  auto resource = std::make_shared<TrialListResource>();
  ASSIGN_OR_RETURN(const std::string voxceleb, ResolvePath(options.voxceleb()));
  std::string path;
  if (options.list().empty()) {
    ASSIGN_OR_RETURN(path, FindTrialListFile(voxceleb));
  } else {
    ASSIGN_OR_RETURN(path, ResolvePath(options.list()));
  }
  ASSIGN_OR_RETURN(resource->list, ReadTrialList(path));
  if (options.voxceleb().empty()) {
    std::string root = std::filesystem::path(path).parent_path().string();
    if (!options.root().empty()) {
      ASSIGN_OR_RETURN(root, ResolvePath(options.root()));
    }
    for (const ListedUtterance& utterance : resource->list.utterances)
      resource->audio_paths.push_back(JoinPath(root, utterance.path));
  } else {
    ASSIGN_OR_RETURN(const VoxCelebAudio audio, VoxCelebAudio::Find(voxceleb, resource->list));
    if (!audio.missing_speakers().empty()) {
      std::fprintf(stderr, "warning: no audio below %s for %s\n", voxceleb.c_str(),
                   absl::StrJoin(audio.missing_speakers(), ", ").c_str());
    }
    for (const ListedUtterance& utterance : resource->list.utterances)
      resource->audio_paths.push_back(audio.PathOf(utterance));
  }
  resource->description = DescribeTrialList(path, resource->list);
  return resource;
}

// An utterance of its own for each file that the list does not name already.
absl::Status AddQuestion(const std::string& name, TrialListResource* resource) {
  ASSIGN_OR_RETURN(const ListedUtterance utterance, ParseUtteranceId(name));
  std::vector<ListedUtterance>& utterances = resource->list.utterances;
  size_t index = 0;
  while (index < utterances.size() && utterances[index].id != name) ++index;
  resource->questions.push_back(index);
  if (index < utterances.size()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::string path, ResolvePath(utterance.path));
  utterances.push_back(utterance);
  resource->audio_paths.push_back(path);
  return absl::OkStatus();
}

}  // namespace

void TrialListResource::Contract(ContractBuilder& contract) {
  contract.Summary("A list of verification trials and the files of its utterances.").Options<options::TrialList>();
}

absl::StatusOr<std::shared_ptr<const TrialListResource>> TrialListResource::Load(const ResourceContext& context) {
  const auto& options = context.options<options::TrialList>();
  const bool embedded = options.list().empty() && options.voxceleb().empty();
  ASSIGN_OR_RETURN(const std::shared_ptr<TrialListResource> resource,
                   embedded ? LoadEmbedded(options.embedded()) : LoadFiles(options));
  for (const std::string& question : options.question()) RETURN_IF_ERROR(AddQuestion(question, resource.get()));
  return resource;
}

DIARFLOW_REGISTER_RESOURCE("TrialList", TrialListResource);

}  // namespace diarflow
