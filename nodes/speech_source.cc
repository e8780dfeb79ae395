#include "nodes/speech_source.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "audio/decode.h"
#include "base/files.h"
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
  if (options.split_size() == 0) return entries;
  const auto unwanted = [&options](const ManifestEntry& entry) {
    return std::count(options.split().begin(), options.split().end(), entry.split) == 0;
  };
  entries.erase(std::remove_if(entries.begin(), entries.end(), unwanted), entries.end());
  if (entries.empty()) {
    return absl::NotFoundError(
        absl::StrCat("the manifest has no entry of the split ", absl::StrJoin(options.split(), " or ")));
  }
  return entries;
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
      .Options<options::SpeechSource>();
}

absl::StatusOr<std::shared_ptr<const SpeechSourceResource>> SpeechSourceResource::Load(const ResourceContext& context) {
  const auto& options = context.options<options::SpeechSource>();
  ASSIGN_OR_RETURN(std::vector<ManifestEntry> entries, ReadEntries(options));
  RETURN_IF_ERROR(Align(options.without_alignments(), &entries));
  ASSIGN_OR_RETURN(SpeechSource source, SpeechSource::FromManifest(entries));
  auto resource = std::make_shared<SpeechSourceResource>();
  resource->source = std::make_shared<const SpeechSource>(std::move(source));
  return resource;
}

DIARFLOW_REGISTER_RESOURCE("SpeechSource", SpeechSourceResource);

}  // namespace diarflow
