// WriteDiarization: who spoke when, into files; and the scores, where it is known who did.
//
// Into the run's folder, when it has one: NAME.rttm, NAME.json and NAME.html of each recording as it comes, others by
// option; scores.json and scores.tsv at the end.
#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "audio/decode.h"
#include "audio/resample.h"
#include "audio/write_wav.h"
#include "base/files.h"
#include "base/status_macros.h"
#include "datasets/formats/diarization_json.h"
#include "datasets/formats/rttm.h"
#include "datasets/formats/subtitles.h"
#include "graph/registry.h"
#include "metrics/diarization_report.h"
#include "metrics/diarization_report_text.h"
#include "nodes/diarization.h"
#include "nodes/diarization_report.pb.h"
#include "nodes/payloads.h"
#include "nodes/recording_list.h"
#include "nodes/write_diarization.pb.h"
#include "pages/diarization_page.h"

namespace diarflow {
namespace {

constexpr size_t kRowsOnTerminal = 50;
constexpr size_t kMostColumns = 6000;
constexpr int kSoundRate = 16000;

class WriteDiarizationNode : public CollectNode {
 public:
  static constexpr In<DiarizedRecording> kDiarization{"DIARIZATION"};
  // For pages: the recording's file, and the outline of its sound.
  static constexpr OptionalIn<Utterance> kRecording{"RECORDING"};
  static constexpr OptionalIn<SoundPeaks> kPeaks{"PEAKS"};
  static constexpr OptionallyUses<RecordingListResource> kList{"LIST"};

  static void Contract(ContractBuilder& contract) {
    contract
        .Summary("Writes who spoke when (RTTM, JSON, subtitles, a page), and scores it where the list has a reference.")
        .Input(kDiarization)
        .Input(kRecording)
        .Input(kPeaks)
        .Resource(kList)
        .Options<options::WriteDiarization>();
  }

  absl::Status Open(OpenContext& context) override {
    options_ = context.options<options::WriteDiarization>();
    folder_ = context.run_folder();
    list_ = context.Get(kList);
    return absl::OkStatus();
  }

  absl::Status Add(ItemContext& item) override {
    const DiarizedRecording& diarized = item.Get(kDiarization);
    Recording recording;
    recording.uri = diarized.uri;
    for (const DiarizedTurn& turn : diarized.result.turns) recording.turns.push_back(turn.turn);
    if (!folder_.empty()) {
      RETURN_IF_ERROR(WriteFiles(diarized, recording));
      if (options_.page() || options_.svg()) {
        RETURN_IF_ERROR(WritePages(diarized, item.Get(kRecording), item.Get(kPeaks)));
      }
    } else {
      RETURN_IF_ERROR(FormatRttm({recording}).status());
    }
    AddRow(diarized);
    durations_[diarized.uri] = diarized.duration;
    recordings_.push_back(std::move(recording));
    return absl::OkStatus();
  }

  absl::Status Finish(FinishContext& context) override {
    context.Say(Table());
    if (list_ == nullptr || !list_->has_reference || recordings_.empty()) return absl::OkStatus();
    DiarizationReportInput input;
    std::vector<EvaluationRegion> regions;
    SystemOutput system;
    system.name = "diarflow";
    for (const Recording& recording : recordings_) {
      const auto reference = list_->references.find(recording.uri);
      if (reference == list_->references.end()) continue;
      input.references.push_back(reference->second);
      system.recordings.push_back(recording);
      const auto region = list_->regions.find(recording.uri);
      regions.push_back({recording.uri, region != list_->regions.end()
                                            ? region->second
                                            : std::vector<TimeSpan>{{0, durations_.at(recording.uri)}}});
    }
    if (input.references.empty()) {
      context.Say("The reference names none of these recordings: nothing is scored.");
      return absl::OkStatus();
    }
    input.systems.push_back(std::move(system));
    input.regions = std::move(regions);
    ASSIGN_OR_RETURN(const DiarizationReport report, MakeDiarizationReport(input));
    context.Say(DiarizationReportTable(report));
    context.Publish(Summary(report));
    if (folder_.empty()) return absl::OkStatus();
    RETURN_IF_ERROR(WriteFileAtomically(JoinPath(folder_, "scores.json"), DiarizationReportJson(report)));
    return WriteFileAtomically(JoinPath(folder_, "scores.tsv"), DiarizationReportTsv(report));
  }

 private:
  absl::Status WriteFiles(const DiarizedRecording& diarized, const Recording& recording) const {
    const std::string stem = JoinPath(folder_, diarized.uri);
    RETURN_IF_ERROR(WriteRttm(absl::StrCat(stem, ".rttm"), {recording}));
    RETURN_IF_ERROR(WriteFileAtomically(
        absl::StrCat(stem, ".json"),
        FormatDiarizationJson(diarized.uri, diarized.duration, diarized.result, diarized.ended_early)));
    const struct {
      bool wanted;
      SubtitleFormat format;
      const char* extension;
    } kFormats[] = {{options_.srt(), SubtitleFormat::kSrt, ".srt"},
                    {options_.vtt(), SubtitleFormat::kWebVtt, ".vtt"},
                    {options_.labels(), SubtitleFormat::kAudacity, ".txt"}};
    for (const auto& format : kFormats) {
      if (!format.wanted) continue;
      ASSIGN_OR_RETURN(const std::string text, FormatSubtitles(recording, format.format));
      RETURN_IF_ERROR(WriteFileAtomically(absl::StrCat(stem, format.extension), text));
    }
    return absl::OkStatus();
  }

  // The page and the picture. `utterance` and `peaks` may be null: without sound.
  absl::Status WritePages(const DiarizedRecording& diarized, const Utterance* utterance,
                          const SoundPeaks* peaks) const {
    DiarizationPageInput page;
    page.title = diarized.uri;
    page.result = diarized.result;
    page.duration = diarized.duration;
    if (peaks != nullptr) page.peaks = Narrowed(peaks->peaks);
    // Of a recording that was interrupted the file is longer than what is known.
    if (utterance != nullptr && !diarized.ended_early &&
        1e-6 * static_cast<double>(diarized.duration) <= options_.sound_within()) {
      ASSIGN_OR_RETURN(page.sound, SoundOf(*utterance));
    } else if (utterance != nullptr && utterance->path != "-") {
      const std::string beside = std::filesystem::path(utterance->path).lexically_relative(folder_).string();
      if (!beside.empty() && beside.find('\\') == std::string::npos) page.sound = SoundBeside{beside};
    }
    if (list_ != nullptr && list_->references.count(diarized.uri) > 0) {
      page.reference = list_->references.at(diarized.uri);
      const auto region = list_->regions.find(diarized.uri);
      page.region = region != list_->regions.end() ? region->second : std::vector<TimeSpan>{{0, diarized.duration}};
    }
    if (utterance != nullptr) page.settings.push_back({"file", utterance->path});
    if (diarized.producer != nullptr) page.settings.push_back({"voices", *diarized.producer});
    if (diarized.ended_early) page.settings.push_back({"interrupted", "the recording goes on; this is its beginning"});
    if (options_.svg()) {
      ASSIGN_OR_RETURN(const std::string svg, DiarizationSvg(page));
      RETURN_IF_ERROR(WriteFileAtomically(JoinPath(folder_, absl::StrCat(diarized.uri, ".svg")), svg));
    }
    if (!options_.page()) return absl::OkStatus();
    ASSIGN_OR_RETURN(const std::string html, DiarizationPageHtml(page));
    return WriteFileAtomically(JoinPath(folder_, absl::StrCat(diarized.uri, ".html")), html);
  }

  // As many columns as a screen shows.
  static std::vector<std::pair<float, float>> Narrowed(const std::vector<std::pair<float, float>>& peaks) {
    if (peaks.size() <= kMostColumns) return peaks;
    std::vector<std::pair<float, float>> narrowed(kMostColumns, {0, 0});
    for (size_t i = 0; i < peaks.size(); ++i) {
      auto& [least, greatest] = narrowed[i * kMostColumns / peaks.size()];
      least = std::min(least, peaks[i].first);
      greatest = std::max(greatest, peaks[i].second);
    }
    return narrowed;
  }

  static absl::StatusOr<SoundWithin> SoundOf(const Utterance& utterance) {
    DecodeOptions options;
    options.channel = utterance.channel;
    ASSIGN_OR_RETURN(const Waveform waveform, DecodeAudio(utterance.path, options));
    ASSIGN_OR_RETURN(const FloatArray samples, Resample(waveform.samples, waveform.sample_rate, kSoundRate));
    ASSIGN_OR_RETURN(std::string bytes, WavBytes(utterance.path, samples, kSoundRate));
    return SoundWithin{std::move(bytes), "audio/wav"};
  }

  void AddRow(const DiarizedRecording& diarized) {
    int64_t speech = 0, overlap = 0;
    for (const DiarizedTurn& turn : diarized.result.turns) speech += turn.turn.duration;
    for (const OverlapStretch& stretch : OverlapsOf(diarized.result.turns)) overlap += stretch.span.length();
    width_ = std::max(width_, diarized.uri.size());
    rows_.push_back({diarized.uri, absl::StrFormat("%10.1f  %8d  %6d  %12.1f  %9.1f", 1e-6 * diarized.duration,
                                                   diarized.result.speakers.size(), diarized.result.turns.size(),
                                                   1e-6 * speech, 1e-6 * overlap)});
  }

  std::string Table() const {
    const auto pad = [this](const std::string& name) { return name + std::string(width_ - name.size(), ' '); };
    std::string table = absl::StrCat(pad("recording"), "     seconds  speakers   turns  speaker time  overlap s\n");
    for (size_t i = 0; i < std::min(rows_.size(), kRowsOnTerminal); ++i) {
      absl::StrAppend(&table, pad(rows_[i].first), "  ", rows_[i].second, "\n");
    }
    if (rows_.size() > kRowsOnTerminal) absl::StrAppend(&table, "... and ", rows_.size() - kRowsOnTerminal, " more\n");
    table.pop_back();
    return table;
  }

  static DiarizationScores Summary(const DiarizationReport& report) {
    DiarizationScores scores;
    const SystemScore& system = report.systems[0];
    scores.set_recordings(static_cast<int64_t>(report.uris.size()));
    scores.set_der(system.pooled.rate());
    scores.set_missed(Share(system.pooled.missed, system.pooled));
    scores.set_false_alarm(Share(system.pooled.false_alarm, system.pooled));
    scores.set_confusion(Share(system.pooled.confusion, system.pooled));
    scores.set_jer(system.jer.rate());
    scores.set_speaker_seconds(1e-6 * static_cast<double>(system.pooled.total));
    if (system.interval.has_value()) {
      scores.set_der_low(system.interval->interval.low);
      scores.set_der_high(system.interval->interval.high);
    }
    scores.set_one_speaker(report.trivial.one_speaker.rate());
    scores.set_random_speakers(report.trivial.random_speakers.rate());
    scores.set_oracle_without_overlap(report.trivial.oracle_without_overlap.rate());
    return scores;
  }

  static double Share(int64_t part, const DerComponents& of) {
    return of.total > 0 ? static_cast<double>(part) / static_cast<double>(of.total) : 0;
  }

  options::WriteDiarization options_;
  std::string folder_;
  std::shared_ptr<const RecordingListResource> list_;
  std::vector<Recording> recordings_;
  std::map<std::string, int64_t> durations_;
  std::vector<std::pair<std::string, std::string>> rows_;
  size_t width_ = 9;
};

DIARFLOW_REGISTER_NODE("WriteDiarization", WriteDiarizationNode);

}  // namespace
}  // namespace diarflow
