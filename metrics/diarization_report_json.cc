// The part of diarization_report_text.h that writes JSON.
#include <cstddef>
#include <cstdint>
#include <string>

#include "diarization/turns.h"
#include "metrics/diarization_report_text.h"
#include "nlohmann/json.hpp"

namespace diarflow {
namespace {

// Fields stay in the order in which they are set.
using Json = nlohmann::ordered_json;

Json ComponentsJson(const DerComponents& sum) {
  return {{"der", sum.rate()},
          {"speech_s", ToSeconds(sum.total)},
          {"missed_s", ToSeconds(sum.missed)},
          {"false_alarm_s", ToSeconds(sum.false_alarm)},
          {"confusion_s", ToSeconds(sum.confusion)}};
}

Json JerJson(const JerSum& jer) { return jer.speakers == 0 ? Json() : Json(jer.rate()); }

Json IntervalJson(const Interval& interval) { return Json::array({interval.low, interval.high}); }

Json FileJson(const FileScore& file, const std::string& group) {
  Json json = {{"recording", file.der.uri}};
  json["group"] = group.empty() ? Json() : Json(group);
  json["has_hypothesis"] = file.has_hypothesis;
  json.update(ComponentsJson(file.der.components));
  json["jer"] = JerJson(file.jer.sum);
  json["reference_speakers"] = file.der.reference_speakers;
  json["hypothesis_speakers"] = file.der.hypothesis_speakers;
  Json mapping = Json::array();
  for (const int speaker : file.der.mapping) {
    mapping.push_back(speaker < 0 ? Json() : Json(file.der.hypothesis_speakers[static_cast<size_t>(speaker)]));
  }
  json["mapping"] = std::move(mapping);
  Json matrix = Json::array();
  const size_t columns = file.der.hypothesis_speakers.size();
  for (size_t r = 0; r < file.der.reference_speakers.size(); ++r) {
    Json row = Json::array();
    for (size_t h = 0; h < columns; ++h) row.push_back(ToSeconds(file.der.confusion_matrix[r * columns + h]));
    matrix.push_back(std::move(row));
  }
  json["confusion_matrix_s"] = std::move(matrix);
  Json speakers = Json::array();
  for (const SpeakerJaccard& speaker : file.jer.speakers) {
    speakers.push_back({{"reference", speaker.reference},
                        {"hypothesis", speaker.hypothesis.empty() ? Json() : Json(speaker.hypothesis)},
                        {"jer", speaker.rate()}});
  }
  json["jer_speakers"] = std::move(speakers);
  return json;
}

Json SystemJson(const DiarizationReport& report, const SystemScore& system) {
  Json json = {{"name", system.name}};
  json["pooled"] = ComponentsJson(system.pooled);
  json["pooled"]["jer"] = JerJson(system.jer);
  json["interval"] = system.interval.has_value() ? IntervalJson(system.interval->interval) : Json();
  json["missing_recordings"] = system.MissingRecordings();
  json["recordings"] = Json::array();
  for (size_t i = 0; i < system.files.size(); ++i) {
    json["recordings"].push_back(FileJson(system.files[i], report.groups[i]));
  }
  return json;
}

Json ComparisonJson(const DiarizationReport& report, const SystemComparison& comparison) {
  Json json = {{"first", report.systems[0].name}, {"second", comparison.other}};
  const bool known = comparison.difference.has_value();
  json["difference"] = known ? Json(comparison.difference->difference) : Json();
  json["interval"] = known ? IntervalJson(comparison.difference->interval) : Json();
  json["share_first_better"] = known ? Json(comparison.difference->share_a_better) : Json();
  Json recordings = Json::object();
  if (known) {
    for (const SessionDifference& session : comparison.difference->sessions) {
      recordings[session.session] = session.difference;
    }
  }
  json["recordings"] = std::move(recordings);
  return json;
}

Json AssumedJson(const DiarizationReport& report) {
  const DerOptions& der = report.options.der;
  const bool mdeval = der.convention == DerConvention::kMdEval;
  return {{"convention", ConventionName(der.convention)},
          {"collar_each_side_s", ToSeconds(der.collar)},
          {"skip_overlap", der.skip_overlap},
          {"region", report.has_regions ? "uem"
                     : mdeval           ? "reference_extent"
                                        : "both_extents"},
          {"confidence", report.options.bootstrap.confidence},
          {"draws", report.options.bootstrap.replicates},
          {"resampled", report.has_groups ? "groups" : "recordings"}};
}

}  // namespace

std::string DiarizationReportJson(const DiarizationReport& report) {
  Json json = {{"assumed", AssumedJson(report)}};
  json["systems"] = Json::array();
  for (const SystemScore& system : report.systems) json["systems"].push_back(SystemJson(report, system));
  json["comparisons"] = Json::array();
  for (const SystemComparison& comparison : report.comparisons) {
    json["comparisons"].push_back(ComparisonJson(report, comparison));
  }
  json["trivial_systems"] = {{"one_speaker_der", report.trivial.one_speaker.rate()},
                             {"random_speakers_der", report.trivial.random_speakers.rate()},
                             {"random_speakers", report.trivial.num_random_speakers},
                             {"oracle_without_overlap_der", report.trivial.oracle_without_overlap.rate()}};
  json["left_out"] = report.left_out;
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace diarflow
