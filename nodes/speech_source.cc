#include "nodes/speech_source.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "audio/decode.h"
#include "base/files.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "datasets/council/council_manifest.h"
#include "datasets/manifest.h"
#include "datasets/simulator/energy_tokens.h"
#include "datasets/voices/voices.h"
#include "diarization/turns.h"
#include "nodes/speech_source.pb.h"
#include "tbb/parallel_for.h"

namespace diarflow {
namespace {

constexpr char kCouncilAudio[] = "runfiles:@council/council";
constexpr char kVoicesAudio[] = "runfiles:@voices/voices";
constexpr char kVoicesTable[] = "runfiles:datasets/voices/voices.csv";

absl::StatusOr<std::vector<ManifestEntry>> ReadEntries(const options::SpeechSource& options) {
  std::vector<ManifestEntry> entries;
  if (options.manifest().empty() && options.embedded() == options::SpeechSource::VOICES) {
    ASSIGN_OR_RETURN(const std::string table, ResolvePath(kVoicesTable));
    ASSIGN_OR_RETURN(const std::vector<VoicesRow> map, ReadVoicesMap(table));
    ASSIGN_OR_RETURN(const std::string root, ResolvePath(kVoicesAudio));
    ASSIGN_OR_RETURN(VoicesSet set, ListVoices(map, root, {}));
    entries = std::move(set.entries);
  } else if (options.manifest().empty()) {
    ASSIGN_OR_RETURN(const std::string root, ResolvePath(kCouncilAudio));
    ASSIGN_OR_RETURN(entries, CouncilManifest(root));
  } else {
    ASSIGN_OR_RETURN(const std::string path, ResolvePath(options.manifest()));
    ASSIGN_OR_RETURN(entries, ReadManifest(path));
  }
  return entries;
}

bool Names(const google::protobuf::RepeatedPtrField<std::string>& list, const std::string& name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

// `wanted` of the entries' speakers, drawn in an order of its own; all where it is 0.
std::set<std::string> DrawnSpeakers(const std::vector<ManifestEntry>& entries, int wanted) {
  std::set<std::string> speakers;
  for (const ManifestEntry& entry : entries) speakers.insert(entry.speaker);
  if (wanted == 0) return speakers;
  std::vector<std::string> order(speakers.begin(), speakers.end());
  Random(0, 0).Shuffle(&order);
  return std::set<std::string>(order.begin(), order.begin() + std::min<int64_t>(wanted, order.size()));
}

// Leaves the entries that the options ask for.
absl::Status Select(const options::SpeechSource& options, std::vector<ManifestEntry>* entries) {
  const auto keep = [entries](const auto& wanted) {
    entries->erase(std::remove_if(entries->begin(), entries->end(),
                                  [&wanted](const ManifestEntry& entry) { return !wanted(entry); }),
                   entries->end());
  };
  const google::protobuf::RepeatedPtrField<std::string> all;
  const bool embedded = options.manifest().empty();
  const auto& wanted = embedded ? options.speaker() : all;
  const auto& unwanted = options.without_speaker();
  for (const auto* names : {&wanted, embedded ? &unwanted : &all}) {
    for (const std::string& name : *names) {
      const auto is = [&name](const ManifestEntry& entry) { return entry.speaker == name; };
      if (std::none_of(entries->begin(), entries->end(), is)) {
        return absl::NotFoundError(absl::StrCat("the manifest has no entry of the speaker ", name));
      }
    }
  }
  if (options.split_size() > 0) {
    keep([&options](const ManifestEntry& entry) { return Names(options.split(), entry.split); });
    if (entries->empty()) {
      return absl::NotFoundError(
          absl::StrCat("the manifest has no entry of the split ", absl::StrJoin(options.split(), " or ")));
    }
  }
  keep([&](const ManifestEntry& entry) {
    return (wanted.empty() || Names(wanted, entry.speaker)) && !Names(unwanted, entry.speaker);
  });
  if (entries->empty()) return absl::NotFoundError("no entry is left: split, speaker and without_speaker exclude all");
  const std::set<std::string> drawn = DrawnSpeakers(*entries, options.num_speakers());
  if (options.num_speakers() > static_cast<int>(drawn.size())) {
    return absl::NotFoundError(
        absl::StrCat("num_speakers is ", options.num_speakers(), ", but there are ", drawn.size(), " speakers"));
  }
  keep([&drawn](const ManifestEntry& entry) { return drawn.count(entry.speaker) != 0; });
  return absl::OkStatus();
}

absl::Status CheckSpeechSource(const options::SpeechSource& options) {
  if (options.num_speakers() >= 0) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("num_speakers is ", options.num_speakers(), "; it may be 0, for all, or above"));
}

absl::StatusOr<std::vector<AlignedToken>> FindPauses(const ManifestEntry& entry) {
  DecodeOptions options;
  if (entry.offset > 0 || entry.duration.has_value()) {
    ASSIGN_OR_RETURN(options.start_seconds, Rational::Create(entry.offset, kMicrosecondsPerSecond));
  }
  if (entry.duration.has_value()) {
    ASSIGN_OR_RETURN(options.num_seconds, Rational::Create(*entry.duration, kMicrosecondsPerSecond));
  }
  ASSIGN_OR_RETURN(const Waveform waveform, DecodeAudio(entry.audio, options));
  return EnergyTokens(waveform.samples, waveform.sample_rate, {});
}

// Tokens for those that have none; files are read by all threads.
absl::Status Align(options::SpeechSource::WithoutAlignments how, std::vector<ManifestEntry>* entries) {
  std::vector<absl::Status> errors(entries->size());
  tbb::parallel_for(size_t{0}, entries->size(), [&](size_t i) {
    ManifestEntry& entry = (*entries)[i];
    if (!entry.tokens.empty()) return;
    if (how == options::SpeechSource::EVENLY_SPACED && entry.duration.has_value()) {
      entry.tokens = EvenlySpacedTokens(entry.text, *entry.duration);
    }
    if (how != options::SpeechSource::FIND_PAUSES) return;
    absl::StatusOr<std::vector<AlignedToken>> tokens = FindPauses(entry);
    if (!tokens.ok()) {
      errors[i] = tokens.status();
      return;
    }
    entry.tokens = *std::move(tokens);
    if (!entry.duration.has_value()) entry.duration = entry.tokens.back().end;
  });
  for (const absl::Status& error : errors) RETURN_IF_ERROR(error);
  return absl::OkStatus();
}

}  // namespace

void SpeechSourceResource::Contract(ContractBuilder& contract) {
  contract.Summary("Single voices with their words and pauses, of which conversations are made.")
      .Options<options::SpeechSource>(&CheckSpeechSource);
}

absl::StatusOr<std::shared_ptr<const SpeechSourceResource>> SpeechSourceResource::Load(const ResourceContext& context) {
  const auto& options = context.options<options::SpeechSource>();
  ASSIGN_OR_RETURN(std::vector<ManifestEntry> entries, ReadEntries(options));
  RETURN_IF_ERROR(Select(options, &entries));
  RETURN_IF_ERROR(Align(options.without_alignments(), &entries));
  ASSIGN_OR_RETURN(SpeechSource source, SpeechSource::FromManifest(entries));
  auto resource = std::make_shared<SpeechSourceResource>();
  resource->source = std::make_shared<const SpeechSource>(std::move(source));
  return resource;
}

DIARFLOW_REGISTER_RESOURCE("SpeechSource", SpeechSourceResource);

}  // namespace diarflow
