// A DiarizationReport for people and for programs.
//
// Equal reports give equal bytes. Rates are percent for people (two decimals) and shares of 1 for programs; seconds
// have two decimals for people and are exact to the microsecond for programs.
#ifndef DIARFLOW_METRICS_DIARIZATION_REPORT_TEXT_H_
#define DIARFLOW_METRICS_DIARIZATION_REPORT_TEXT_H_

#include <string>

#include "metrics/diarization_report.h"

namespace diarflow {

// A table of recordings for each system, the pooled row last; the interval, the comparisons, the trivial systems, and
// what was assumed. Columns are aligned for names in UTF-8.
std::string DiarizationReportTable(const DiarizationReport& report);

// One line for each system and recording under a line of column names: system, recording, group, der, jer, speech_s,
// missed_s, false_alarm_s, confusion_s, reference_speakers, hypothesis_speakers, has_hypothesis (1 or 0). Blanks in a
// system's name stay, tabs and line ends become blanks. jer is empty where no reference speaker speaks.
std::string DiarizationReportTsv(const DiarizationReport& report);

// Everything, with the mapping of speakers and the confusion matrix (seconds, [reference][hypothesis]) of every
// recording; docs/scoring.md lists the fields. Bytes that are no UTF-8 become U+FFFD.
std::string DiarizationReportJson(const DiarizationReport& report);

// "pyannote", "mdeval": as --convention takes it.
std::string ConventionName(DerConvention convention);

// "no collar", or "collar +/- 0.25 s"; then "overlap scored" or "overlap not scored".
std::string ConditionText(const DerOptions& options);

}  // namespace diarflow

#endif  // DIARFLOW_METRICS_DIARIZATION_REPORT_TEXT_H_
