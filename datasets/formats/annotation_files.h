// The annotations of a whole test set, from one file or from a folder of them.
//
// A path that is a folder stands for all files below it, at any depth, whose names end in .rttm or .uem, in the order
// of the bytes of their paths. Any other path is one file, whatever its name. A recording belongs to one file: when two
// files of a folder name the same one, that is more often a copy left behind than a session in two parts.
#ifndef DIARFLOW_DATASETS_FORMATS_ANNOTATION_FILES_H_
#define DIARFLOW_DATASETS_FORMATS_ANNOTATION_FILES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "diarization/turns.h"

namespace diarflow {

// File by file, within a file in the order of their first line. A file of a folder that holds no turn is a recording in
// which nobody speaks, named as the file is, without folder and extension: so say programs that write a file for each.
// Errors: kNotFound for a path that does not exist or a folder without such files; kInvalidArgument, naming both files,
// for a recording in two of them; otherwise those of ReadRttm(), or the system's reason why a folder cannot be read.
absl::StatusOr<std::vector<Recording>> ReadRttmFiles(const std::string& path);

// Errors likewise, with those of ReadUem().
absl::StatusOr<std::vector<EvaluationRegion>> ReadUemFiles(const std::string& path);

}  // namespace diarflow

#endif  // DIARFLOW_DATASETS_FORMATS_ANNOTATION_FILES_H_
