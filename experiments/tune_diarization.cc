#include <algorithm>
#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "audio/decode.h"
#include "base/files.h"
#include "datasets/formats/rttm.h"
#include "diarization/campplus_voice.h"
#include "diarization/diarizer.h"
#include "metrics/der.h"
#include "models/torch_threads.h"
#include "models/windows.h"
#include "tbb/parallel_for.h"

namespace diarflow {
namespace {

struct File {
  std::string name;
  FloatArray samples;
  Recording reference;
  std::vector<DiarizationWindow> windows;
};

FloatArray Load(const std::string& path) { return DecodeAudio(path)->samples; }

void Analyse(File* file, const DiarizerOptions& options, const SegmentationModel& segmentation, const VoiceEncoder& voices) {
  const int64_t count = NumWindows(file->samples.size(), options.windows);
  file->windows.resize(count);
  tbb::parallel_for(int64_t{0}, count, [&](int64_t w) {
    const int64_t begin = w * options.windows.hop_samples;
    const int64_t end = std::min(begin + options.windows.window_samples, file->samples.size());
    const FloatArray piece = Slice(file->samples, begin, end);
    const FloatArray classes = *SegmentWindow(piece, options.windows, segmentation);
    file->windows[w] = *VoiceWindow(piece, classes, w, options.windows, options.embed, voices);
  });
}

DerComponents Score(const File& file, const DiarizeOptions& options, int* speakers) {
  const Diarization result = Diarize(file.windows, file.samples.size(), options);
  *speakers = static_cast<int>(result.speakers.size());
  Recording hypothesis;
  hypothesis.uri = file.name;
  for (const DiarizedTurn& turn : result.turns) hypothesis.turns.push_back(turn.turn);
  const std::vector<TimeSpan> region = {{0, MicrosecondsFromSamples(file.samples.size(), 16000)}};
  return ScoreDer(file.reference, hypothesis, region)->components;
}

std::string Show(const DerComponents& c) {
  return absl::StrFormat("%5.1f (%.1f/%.1f/%.1f)", 100 * c.rate(), 100.0 * c.false_alarm / c.total, 100.0 * c.missed / c.total, 100.0 * c.confusion / c.total);
}

int Main() {
  SetModelThreads(1);
  const std::string folder = *ResolvePath("runfiles:@excerpts/excerpts");
  std::map<std::string, Recording> labels;
  for (const char* part : {"train", "development", "test"})
  {
    const auto read = ReadRttm(absl::StrCat(folder, "/", part, ".rttm"));
    for (const Recording& r : *read) labels[r.uri] = r;
  }
  std::vector<File> files;
  const std::vector<std::string> order = {"dev00", "dev01", "trn01", "trn02", "trn03", "trn04", "trn05", "trn06", "trn07", "trn08", "trn09", "trn00", "tst00", "tst01"};
  std::vector<float> joined;
  Recording joined_labels;
  joined_labels.uri = "joined";
  for (const std::string& name : order) {
    File file;
    file.name = name;
    file.samples = Load(absl::StrCat(folder, "/", name, ".wav"));
    file.reference = labels.at(name);
    const int64_t offset = MicrosecondsFromSamples(joined.size(), 16000);
    for (Turn turn : file.reference.turns) {
      turn.start += offset;
      joined_labels.turns.push_back(turn);
    }
    joined.insert(joined.end(), file.samples.begin(), file.samples.end());
    files.push_back(std::move(file));
  }
  File sample;
  sample.name = "sample";
  sample.samples = Load(*ResolvePath("runfiles:@excerpts/sample/sample.wav"));
  sample.reference = (*ReadRttm(*ResolvePath("runfiles:@excerpts/sample/sample.rttm")))[0];
  files.push_back(std::move(sample));
  File join;
  join.name = "joined";
  join.samples = FloatArray::Copy({static_cast<int64_t>(joined.size())}, joined);
  join.reference = joined_labels;
  files.push_back(std::move(join));
  DiarizerOptions options;
  const auto segmentation = *SegmentationModel::Load(*ResolvePath("runfiles:@speaker_models/segmentation/pyannote_segmentation.pt"));
  const auto voices = *CampplusVoice(*CampplusEncoder::Load(*ResolvePath("runfiles:@speaker_models/campplus/campplus_cn_en_common.pt")));
  for (File& file : files) Analyse(&file, options, *segmentation, *voices);
  const auto report = [&](const char* what, const DiarizeOptions& tried) {
    std::map<std::string, DerComponents> sums;
    std::string detail;
    for (const File& file : files) {
      int speakers = 0;
      const DerComponents c = Score(file, tried, &speakers);
      const std::string set = file.name.substr(0, 3) == "trn" ? "trn" : file.name.substr(0, 3) == "dev" || file.name.substr(0, 3) == "tst" ? "dt" : file.name;
      sums[set] += c;
      if (set == "trn" || set == "dt") sums["all14"] += c;
      absl::StrAppend(&detail, " ", file.name, " ", absl::StrFormat("%.1f/%d", 100 * c.rate(), speakers));
    }
    std::printf("%-30s trn %s dt %s all14 %s sample %s joined %s\n", what, Show(sums["trn"]).c_str(), Show(sums["dt"]).c_str(), Show(sums["all14"]).c_str(), Show(sums["sample"]).c_str(), Show(sums["joined"]).c_str());
    std::printf("   %s\n", detail.c_str());
  };
  report("R2", options.diarize);
  return 0;
}

}  // namespace
}  // namespace diarflow

int main(int argc, char** argv) {
  diarflow::SetProgramPath(argv[0]);
  return diarflow::Main();
}
