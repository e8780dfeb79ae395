#include "datasets/manifest.h"

#include <cmath>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/files.h"
#include "base/status_macros.h"
#include "datasets/formats/text_lines.h"
#include "diarization/turns.h"
#include "nlohmann/json.hpp"

namespace diarflow {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kMaxSpeakers = 1000000;
// Programs round durations and alignments each by itself.
constexpr int64_t kAlignmentSlack = 1000;

// The texts of a line and where they go: read and written by one list, in the order in which they are written.
struct TextKey {
  const char* key;
  std::string ManifestEntry::* member;
  bool is_path;
};
constexpr TextKey kTextsBeforeTokens[] = {
    {"utterance", &ManifestEntry::utterance, false}, {"speaker_id", &ManifestEntry::speaker, false},
    {"session", &ManifestEntry::session, false},     {"split", &ManifestEntry::split, false},
    {"text", &ManifestEntry::text, false},
};
constexpr TextKey kTextsAfterTokens[] = {
    {"rttm_filepath", &ManifestEntry::rttm, true},
    {"uem_filepath", &ManifestEntry::uem, true},
    {"ctm_filepath", &ManifestEntry::ctm, true},
};
constexpr TextKey kAudio = {"audio_filepath", &ManifestEntry::audio, true};

// Null counts as missing: other programs write it.
const Json* Find(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

absl::Status ReadText(const Json& object, const TextKey& key, ManifestEntry* entry) {
  const Json* value = Find(object, key.key);
  if (value == nullptr) return absl::OkStatus();
  if (!value->is_string()) return absl::InvalidArgumentError(absl::StrCat("\"", key.key, "\" is not a text"));
  entry->*key.member = value->get<std::string>();
  return absl::OkStatus();
}

absl::StatusOr<int64_t> Microseconds(const Json& value, absl::string_view what) {
  if (!value.is_number()) return absl::InvalidArgumentError(absl::StrCat(what, " is not a number"));
  const double seconds = value.get<double>();
  if (!(seconds >= 0) || seconds * kMicrosecondsPerSecond > static_cast<double>(kMaxMicroseconds)) {
    return absl::InvalidArgumentError(absl::StrCat(what, " is ", seconds, "; it must lie between 0 and 10^9 seconds"));
  }
  return static_cast<int64_t>(std::floor(seconds * kMicrosecondsPerSecond + 0.5));
}

absl::Status ReadTokens(const Json& object, ManifestEntry* entry) {
  const Json* words = Find(object, "words");
  const Json* ends = Find(object, "alignments");
  if (words == nullptr && ends == nullptr) return absl::OkStatus();
  if (words == nullptr || ends == nullptr || !words->is_array() || !ends->is_array() || words->size() != ends->size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"words\" and \"alignments\" belong together, two lists of equal length; here are ",
                     words == nullptr ? 0 : words->size(), " and ", ends == nullptr ? 0 : ends->size(), " entries"));
  }
  entry->tokens.reserve(words->size());
  for (size_t i = 0; i < words->size(); ++i) {
    if (!(*words)[i].is_string()) {
      return absl::InvalidArgumentError(absl::StrCat("entry ", i + 1, " of \"words\" is not a text"));
    }
    ASSIGN_OR_RETURN(const int64_t end, Microseconds((*ends)[i], absl::StrCat("entry ", i + 1, " of \"alignments\"")));
    entry->tokens.push_back({(*words)[i].get<std::string>(), end});
  }
  return absl::OkStatus();
}

// What neither reading nor writing lets pass. Rounding of programs is mended: tokens end with the utterance.
absl::Status CheckEntry(ManifestEntry* entry) {
  if (entry->audio.empty()) return absl::InvalidArgumentError("there is no \"audio_filepath\"");
  if (entry->offset < 0) return absl::InvalidArgumentError("the offset is negative");
  if (entry->duration.has_value() && *entry->duration <= 0) {
    return absl::InvalidArgumentError("the duration is 0 or less; leave it out to take the file up to its end");
  }
  if (entry->num_speakers < 0) return absl::InvalidArgumentError("num_speakers is negative");
  int64_t before = 0;
  for (size_t i = 0; i < entry->tokens.size(); ++i) {
    AlignedToken& token = entry->tokens[i];
    if (token.end < before) {
      return absl::InvalidArgumentError(
          absl::StrCat("entry ", i + 1, " of \"alignments\" lies before the one in front of it: these are ends"));
    }
    if (entry->duration.has_value() && token.end > *entry->duration) {
      if (token.end > *entry->duration + kAlignmentSlack) {
        return absl::InvalidArgumentError(absl::StrCat("entry ", i + 1, " of \"alignments\" ends at ", 1e-6 * token.end,
                                                       " s, after the duration of ", 1e-6 * *entry->duration, " s"));
      }
      token.end = *entry->duration;
    }
    before = token.end;
  }
  return absl::OkStatus();
}

absl::StatusOr<ManifestEntry> ParseEntry(absl::string_view line, absl::string_view folder) {
  Json object;
  try {
    object = Json::parse(line.begin(), line.end());
  } catch (const nlohmann::json::exception& error) {
    return absl::InvalidArgumentError(absl::StrCat("the line is no JSON object: ", error.what()));
  }
  if (!object.is_object()) return absl::InvalidArgumentError("the line is JSON, but no object ({ ... })");
  ManifestEntry entry;
  RETURN_IF_ERROR(ReadText(object, kAudio, &entry));
  for (const TextKey& key : kTextsBeforeTokens) RETURN_IF_ERROR(ReadText(object, key, &entry));
  for (const TextKey& key : kTextsAfterTokens) RETURN_IF_ERROR(ReadText(object, key, &entry));
  if (const Json* offset = Find(object, "offset")) {
    ASSIGN_OR_RETURN(entry.offset, Microseconds(*offset, "\"offset\""));
  }
  if (const Json* duration = Find(object, "duration")) {
    ASSIGN_OR_RETURN(entry.duration, Microseconds(*duration, "\"duration\""));
  }
  if (const Json* speakers = Find(object, "num_speakers")) {
    const bool whole = speakers->is_number_integer() && *speakers >= 0 && *speakers <= kMaxSpeakers;
    if (!whole) return absl::InvalidArgumentError("\"num_speakers\" is not a whole number from 0 on");
    entry.num_speakers = speakers->get<int>();
  }
  RETURN_IF_ERROR(ReadTokens(object, &entry));
  RETURN_IF_ERROR(CheckEntry(&entry));
  for (std::string* path : {&entry.audio, &entry.rttm, &entry.uem, &entry.ctm}) {
    if (!path->empty()) *path = JoinPath(folder, *path);
  }
  return entry;
}

absl::string_view FolderOf(absl::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == absl::string_view::npos ? absl::string_view() : path.substr(0, slash == 0 ? 1 : slash);
}

// Without `folder/` in front, where the path lies in it.
std::string RelativeTo(absl::string_view folder, const std::string& path) {
  const std::string prefix = absl::StrCat(folder, "/");
  return !folder.empty() && absl::StartsWith(path, prefix) ? path.substr(prefix.size()) : path;
}

}  // namespace

bool operator==(const ManifestEntry& a, const ManifestEntry& b) {
  for (const TextKey& key : kTextsBeforeTokens) {
    if (a.*key.member != b.*key.member) return false;
  }
  for (const TextKey& key : kTextsAfterTokens) {
    if (a.*key.member != b.*key.member) return false;
  }
  return a.audio == b.audio && a.offset == b.offset && a.duration == b.duration && a.tokens == b.tokens &&
         a.num_speakers == b.num_speakers;
}

absl::Status ForEachManifestEntry(const std::string& path, const ManifestFunction& take) {
  const absl::string_view folder = FolderOf(path);
  return ForEachLineOfFile(path, [&](absl::string_view line) -> absl::Status {
    if (SplitFields(line).empty()) return absl::OkStatus();
    ASSIGN_OR_RETURN(ManifestEntry entry, ParseEntry(line, folder));
    return take(std::move(entry));
  });
}

absl::StatusOr<std::vector<ManifestEntry>> ReadManifest(const std::string& path) {
  std::vector<ManifestEntry> entries;
  absl::flat_hash_map<std::string, size_t> seen;
  RETURN_IF_ERROR(ForEachManifestEntry(path, [&](ManifestEntry entry) {
    entries.push_back(std::move(entry));
    const std::string& name = entries.back().utterance;
    if (name.empty()) return absl::OkStatus();
    const auto [first, is_new] = seen.try_emplace(name, entries.size());
    if (is_new) return absl::OkStatus();
    return absl::InvalidArgumentError(
        absl::StrCat("the utterance \"", name, "\" is there already, as entry ", first->second, " of the manifest"));
  }));
  return entries;
}

absl::StatusOr<std::string> FormatManifestEntry(const ManifestEntry& entry) {
  ManifestEntry checked = entry;
  if (const absl::Status status = CheckEntry(&checked); !status.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(entry.name(), ": ", status.message()));
  }
  Json object = Json::object();
  const auto put = [&object, &checked](const TextKey& key) {
    if (!(checked.*key.member).empty()) object[key.key] = checked.*key.member;
  };
  put(kAudio);
  if (checked.offset != 0) object["offset"] = ToSeconds(checked.offset);
  if (checked.duration.has_value()) object["duration"] = ToSeconds(*checked.duration);
  for (const TextKey& key : kTextsBeforeTokens) put(key);
  if (!checked.tokens.empty()) {
    Json words = Json::array();
    Json ends = Json::array();
    for (const AlignedToken& token : checked.tokens) {
      words.push_back(token.word);
      ends.push_back(ToSeconds(token.end));
    }
    object["words"] = std::move(words);
    object["alignments"] = std::move(ends);
  }
  if (checked.num_speakers > 0) object["num_speakers"] = checked.num_speakers;
  for (const TextKey& key : kTextsAfterTokens) put(key);
  try {
    return absl::StrCat(object.dump(), "\n");
  } catch (const nlohmann::json::exception&) {
    return absl::InvalidArgumentError(
        absl::StrCat(entry.name(), ": a text of the manifest is not UTF-8; JSON can hold no other bytes"));
  }
}

absl::Status WriteManifest(const std::string& path, const std::vector<ManifestEntry>& entries) {
  const absl::string_view folder = FolderOf(path);
  std::string text;
  for (ManifestEntry entry : entries) {
    for (std::string* file : {&entry.audio, &entry.rttm, &entry.uem, &entry.ctm}) *file = RelativeTo(folder, *file);
    ASSIGN_OR_RETURN(const std::string line, FormatManifestEntry(entry));
    text += line;
  }
  return WriteFileAtomically(path, text);
}

}  // namespace diarflow
