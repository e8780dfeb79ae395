#include "datasets/prepare/corpora.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/files.h"
#include "base/status_macros.h"
#include "base/suggest.h"
#include "datasets/ami/ami.h"
#include "datasets/council/council_manifest.h"
#include "datasets/excerpts/excerpts.h"
#include "datasets/librispeech/librispeech.h"
#include "datasets/voices/voices.h"
#include "datasets/voices/voices_corpus.h"
#include "datasets/voxceleb_corpus.h"
#include "datasets/voxconverse/voxconverse.h"

namespace diarflow {
namespace {

// In the order of PreparableCorpus::labels.
constexpr AmiLabels kAmiLabels[] = {AmiLabels::kOnlyWords, AmiLabels::kWordAndVocalSounds, AmiLabels::kSegments};
const char* const kAmiLabelNames[] = {"only_words", "word_and_vocalsounds", "segments"};

AmiLabels AmiLabelsOf(const CorpusRequest& request) {
  const auto found = std::find(std::begin(kAmiLabelNames), std::end(kAmiLabelNames), request.labels);
  return found == std::end(kAmiLabelNames) ? AmiLabels::kOnlyWords : kAmiLabels[found - std::begin(kAmiLabelNames)];
}

PreparableCorpus Ami() {
  PreparableCorpus corpus;
  corpus.name = "ami";
  corpus.summary = "AMI: 170 meetings with who speaks when, mixed headset microphones";
  corpus.root_help =
      "a folder that holds amicorpus/ with the Mix-Headset audio, and ami_public_manual_1.6.2.zip unpacked, "
      "anywhere below it (both from the AMI corpus's download page)";
  corpus.labels = {std::begin(kAmiLabelNames), std::end(kAmiLabelNames)};
  corpus.read = [](const CorpusRequest& request) { return AmiCorpus(request.root, AmiLabelsOf(request)); };
  corpus.expected = [](const CorpusRequest& request) { return AmiExpectedSplits(AmiLabelsOf(request)); };
  return corpus;
}

absl::StatusOr<Corpus> ReadCouncil(const CorpusRequest& request) {
  Corpus corpus;
  corpus.name = "council";
  ASSIGN_OR_RETURN(corpus.entries, CouncilManifest(request.root));
  for (ManifestEntry& entry : corpus.entries) entry.split = "test";
  return corpus;
}

PreparableCorpus Council() {
  PreparableCorpus corpus;
  corpus.name = "council";
  corpus.summary = "council: 73 recordings of 9 speakers in 5 meetings of city councils, for verification";
  corpus.own_root = "runfiles:@council/council";
  corpus.root_help = "a folder of SPEAKER/MEETING/RECORDING.wav; without --root the build's own";
  corpus.read = ReadCouncil;
  corpus.expected = [](const CorpusRequest&) {
    ExpectedSplit split;
    split.split = "test";
    split.files = 73;
    split.speakers = 9;
    split.source = "test data of speakerbox 1.2.0, counted";
    return std::vector<ExpectedSplit>{split};
  };
  return corpus;
}

PreparableCorpus Excerpts() {
  PreparableCorpus corpus;
  corpus.name = "excerpts";
  corpus.summary = "excerpts: 14 clips of 30 s out of AMI, with who speaks when";
  corpus.own_root = "runfiles:@excerpts/excerpts";
  corpus.root_help = "the folder of trn00.wav and train.rttm; without --root the build's own";
  corpus.read = [](const CorpusRequest& request) { return ExcerptsCorpus(request.root); };
  corpus.expected = [](const CorpusRequest&) { return ExcerptsExpectedSplits(); };
  return corpus;
}

PreparableCorpus LibriSpeech() {
  PreparableCorpus corpus;
  corpus.name = "librispeech";
  corpus.summary = "LibriSpeech: 1000 hours of read English, one speaker an utterance, with the words";
  corpus.root_help =
      "the folder LibriSpeech/ that its archives unpack to, or the one above it (openslr.org/12); word alignments, "
      "*.alignment.txt or UTTERANCE.TextGrid, go to --alignments";
  corpus.takes_alignments = true;
  corpus.read = [](const CorpusRequest& request) {
    LibriSpeechOptions options;
    options.alignments = request.alignments;
    return LibriSpeechCorpus(request.root, options);
  };
  corpus.expected = [](const CorpusRequest&) { return LibriSpeechExpectedSplits(); };
  return corpus;
}

absl::StatusOr<Corpus> ReadVoices(const CorpusRequest& request) {
  ASSIGN_OR_RETURN(const std::string table, ResolvePath("runfiles:datasets/voices/voices.csv"));
  ASSIGN_OR_RETURN(const std::vector<VoicesRow> map, ReadVoicesMap(table));
  return VoicesCorpus(map, request.root, {});
}

PreparableCorpus Voices() {
  PreparableCorpus corpus;
  corpus.name = "voices";
  corpus.summary = "voices: 46 speakers of about 25 languages with their pauses, to train and to simulate from";
  corpus.root_help =
      "the folder that holds usr/share/klettres/ and so on. `./bazelw build @voices//:recordings` fetches it (101 MB); "
      "then it is $(./bazelw info output_base)/external/voices/voices";
  corpus.read = ReadVoices;
  corpus.expected = [](const CorpusRequest&) { return VoicesExpectedSplits(); };
  return corpus;
}

PreparableCorpus VoxCeleb1() {
  PreparableCorpus corpus;
  corpus.name = "voxceleb1";
  corpus.summary = "VoxCeleb1: 1251 speakers in videos of interviews, for verification";
  corpus.root_help = "the folder of vox1_dev/ and vox1_test/, each with wav/idXXXXX/VIDEO/NNNNN.wav";
  corpus.read = [](const CorpusRequest& request) { return VoxCeleb1Corpus(request.root); };
  corpus.expected = [](const CorpusRequest&) { return VoxCeleb1ExpectedSplits(); };
  return corpus;
}

PreparableCorpus VoxCeleb2() {
  PreparableCorpus corpus;
  corpus.name = "voxceleb2";
  corpus.summary = "VoxCeleb2: 6112 speakers in videos of interviews, to train from";
  corpus.root_help = "the folder of dev/ and test/, each with idXXXXX/VIDEO/NNNNN.wav (.m4a must be converted)";
  corpus.read = [](const CorpusRequest& request) { return VoxCeleb2Corpus(request.root); };
  corpus.expected = [](const CorpusRequest&) { return VoxCeleb2ExpectedSplits(); };
  return corpus;
}

PreparableCorpus VoxConverse() {
  PreparableCorpus corpus;
  corpus.name = "voxconverse";
  corpus.summary = "VoxConverse: 448 videos of talks and debates with who speaks when";
  corpus.root_help =
      "the folder of dev/*.rttm and test/*.rttm (version 0.3 of the labels) with the audio, URI.wav, anywhere below it";
  corpus.read = [](const CorpusRequest& request) { return VoxConverseCorpus(request.root); };
  corpus.expected = [](const CorpusRequest&) { return VoxConverseExpectedSplits(); };
  return corpus;
}

absl::Status CheckChoices(const PreparableCorpus& corpus, const CorpusRequest& request) {
  if (!request.labels.empty() && corpus.labels.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("--labels: ", corpus.name, " has no choice of labels"));
  }
  if (std::find(corpus.labels.begin(), corpus.labels.end(), request.labels) == corpus.labels.end() &&
      !request.labels.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("--labels=", request.labels, ": ", corpus.name, " has ",
                                                   absl::StrJoin(corpus.labels, ", "),
                                                   DidYouMean(request.labels, corpus.labels)));
  }
  if (!request.alignments.empty() && !corpus.takes_alignments) {
    return absl::InvalidArgumentError(absl::StrCat("--alignments: ", corpus.name, " takes none"));
  }
  return absl::OkStatus();
}

}  // namespace

const std::vector<PreparableCorpus>& PreparableCorpora() {
  static const auto* const corpora = new std::vector<PreparableCorpus>{
      Ami(), Council(), Excerpts(), LibriSpeech(), Voices(), VoxCeleb1(), VoxCeleb2(), VoxConverse()};
  return *corpora;
}

absl::StatusOr<const PreparableCorpus*> FindPreparableCorpus(const std::string& name) {
  std::vector<std::string> names;
  for (const PreparableCorpus& corpus : PreparableCorpora()) {
    if (corpus.name == name) return &corpus;
    names.push_back(corpus.name);
  }
  return absl::InvalidArgumentError(absl::StrCat("no corpus is named \"", name, "\"", DidYouMean(name, names), " (",
                                                 absl::StrJoin(names, ", "), ")"));
}

absl::StatusOr<Corpus> ReadCorpus(const PreparableCorpus& corpus, CorpusRequest request) {
  RETURN_IF_ERROR(CheckChoices(corpus, request));
  if (request.root.empty() && corpus.own_root.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(corpus.name, " needs --root=DIR, ", corpus.root_help));
  }
  if (request.root.empty()) {
    ASSIGN_OR_RETURN(request.root, ResolvePath(corpus.own_root));
  }
  std::error_code error;
  // A manifest's relative paths begin at its own folder.
  const std::filesystem::path absolute = std::filesystem::absolute(request.root, error);
  if (!error) request.root = absolute.string();
  if (!std::filesystem::is_directory(request.root, error)) {
    return absl::NotFoundError(absl::StrCat("--root=", request.root, " is no folder; it must be ", corpus.root_help));
  }
  return corpus.read(request);
}

}  // namespace diarflow
