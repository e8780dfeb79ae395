#include "nodes/recording_list.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "audio/decode.h"
#include "base/files.h"
#include "base/status_macros.h"
#include "datasets/formats/annotation_files.h"
#include "nodes/recording_list.pb.h"

namespace diarflow {
namespace {

constexpr char kExcerpts[] = "runfiles:@excerpts/excerpts";
constexpr const char* kParts[] = {"train", "development", "test"};

// What counts as a recording in a folder; a file that is named is taken whatever its name.
const std::set<std::string>& Extensions() {
  static const auto* const extensions = new std::set<std::string>{
      ".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aiff", ".aif", ".au",  ".sph", ".w64",
      ".caf", ".gsm",  ".m4a", ".mp4", ".mov",  ".mkv", ".webm", ".wma", ".aac", ".amr", ".rf64"};
  return *extensions;
}

absl::Status AddPath(const std::string& given, std::vector<std::string>* paths) {
  if (given == "-") {
    paths->push_back(given);
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const std::string path, ResolvePath(given));
  std::error_code error;
  if (!std::filesystem::is_directory(path, error)) {
    paths->push_back(path);
    return absl::OkStatus();
  }
  std::vector<std::string> found;
  for (std::filesystem::recursive_directory_iterator
           file(path, std::filesystem::directory_options::follow_directory_symlink, error),
       end;
       !error && file != end; file.increment(error)) {
    const std::string extension = absl::AsciiStrToLower(file->path().extension().string());
    // A link that leads nowhere, or to itself, is no recording.
    std::error_code no_file;
    if (Extensions().count(extension) > 0 && file->is_regular_file(no_file)) found.push_back(file->path().string());
  }
  if (error) return absl::NotFoundError(absl::StrCat(path, ": the folder cannot be read: ", error.message()));
  if (found.empty()) return absl::NotFoundError(absl::StrCat(path, ": no recording in this folder or below it"));
  std::sort(found.begin(), found.end());
  paths->insert(paths->end(), found.begin(), found.end());
  return absl::OkStatus();
}

// An RTTM's names hold no blanks.
std::string WithoutBlanks(std::string name) {
  for (char& c : name) c = absl::ascii_isspace(static_cast<unsigned char>(c)) ? '_' : c;
  return name.empty() ? "recording" : name;
}

// `name`, or where that is taken `longer`, or that with a number.
std::string Take(const std::string& name, const std::string& longer, std::set<std::string>* taken) {
  std::string candidate = name;
  if (taken->count(candidate) > 0) candidate = longer;
  for (int number = 2; taken->count(candidate) > 0; ++number) candidate = absl::StrCat(longer, "_", number);
  taken->insert(candidate);
  return candidate;
}

// "meeting" of "/a/meeting.wav"; "a_meeting" where that is taken; then "a_meeting_2".
std::string NameOf(const std::string& path, std::set<std::string>* taken) {
  const std::filesystem::path file(path);
  const std::string name = WithoutBlanks(path == "-" ? "stdin" : file.stem().string());
  return Take(name, absl::StrCat(WithoutBlanks(file.parent_path().filename().string()), "_", name), taken);
}

// Its channels, each as a recording. One that cannot be read stays as it is: the run will say why and go on.
std::vector<ListedRecording> ChannelsOf(const ListedRecording& recording, std::set<std::string>* taken) {
  const absl::StatusOr<AudioInfo> info = ReadAudioInfo(recording.path);
  if (!info.ok() || info->channels == 1) return {recording};
  std::vector<ListedRecording> channels;
  for (int channel = 0; channel < info->channels; ++channel) {
    const std::string uri = absl::StrCat(recording.uri, "_ch", channel);
    channels.push_back({Take(uri, uri, taken), recording.path, channel});
  }
  return channels;
}

absl::Status ReadReference(const std::string& reference, const std::string& uem, RecordingListResource* list) {
  ASSIGN_OR_RETURN(std::vector<Recording> recordings, ReadRttmFiles(reference));
  for (Recording& recording : recordings) list->references[recording.uri] = std::move(recording);
  list->has_reference = true;
  if (uem.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::vector<EvaluationRegion> regions, ReadUemFiles(uem));
  for (const EvaluationRegion& region : regions) list->regions[region.uri] = region.spans;
  return absl::OkStatus();
}

}  // namespace

void RecordingListResource::Contract(ContractBuilder& contract) {
  contract.Summary("Recordings to be diarized, and who speaks when in them where that is known.")
      .Options<options::RecordingList>();
}

absl::StatusOr<std::shared_ptr<const RecordingListResource>> RecordingListResource::Load(
    const ResourceContext& context) {
  const auto& options = context.options<options::RecordingList>();
  if (options.per_channel() && options.has_channel()) {
    return absl::InvalidArgumentError("per_channel takes every channel, channel takes one: give one of them");
  }
  if (options.has_channel() && options.channel() < 0) {
    return absl::InvalidArgumentError(absl::StrCat("channel is ", options.channel(), "; they count from 0"));
  }
  if (options.reference().empty() && !options.uem().empty()) {
    return absl::InvalidArgumentError("uem says where is scored, but there is no reference to score against");
  }
  auto list = std::make_shared<RecordingListResource>();
  std::vector<std::string> paths;
  for (const std::string& path : options.path()) RETURN_IF_ERROR(AddPath(path, &paths));
  if (!options.reference().empty()) {
    ASSIGN_OR_RETURN(const std::string reference, ResolvePath(options.reference()));
    ASSIGN_OR_RETURN(const std::string uem, ResolvePath(options.uem()));
    RETURN_IF_ERROR(ReadReference(reference, options.uem().empty() ? "" : uem, list.get()));
  }
  if (options.path().empty()) {
    ASSIGN_OR_RETURN(const std::string folder, ResolvePath(kExcerpts));
    RETURN_IF_ERROR(AddPath(folder, &paths));
    for (const char* part : kParts) {
      if (!options.reference().empty()) break;
      RETURN_IF_ERROR(
          ReadReference(absl::StrCat(folder, "/", part, ".rttm"), absl::StrCat(folder, "/", part, ".uem"), list.get()));
    }
  }
  std::set<std::string> taken;
  for (const std::string& path : paths) {
    ListedRecording recording = {NameOf(path, &taken), path, std::nullopt};
    if (options.has_channel()) recording.channel = options.channel();
    if (!options.per_channel()) {
      list->recordings.push_back(recording);
      continue;
    }
    for (ListedRecording& channel : ChannelsOf(recording, &taken)) list->recordings.push_back(std::move(channel));
  }
  return list;
}

DIARFLOW_REGISTER_RESOURCE("RecordingList", RecordingListResource);

}  // namespace diarflow
