// The council set as a manifest.
#ifndef DIARFLOW_DATASETS_COUNCIL_COUNCIL_MANIFEST_H_
#define DIARFLOW_DATASETS_COUNCIL_COUNCIL_MANIFEST_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "datasets/manifest.h"

namespace diarflow {

// Every recording below `root`, which holds SPEAKER/MEETING/RECORDING.wav, by path in byte order: speaker and session
// by their folders, utterance is the path below the root, durations are those of the files.
// kNotFound when there is none; kDataLoss when a folder cannot be read; errors of ReadAudioInfo().
absl::StatusOr<std::vector<ManifestEntry>> CouncilManifest(const std::string& root);

}  // namespace diarflow

#endif  // DIARFLOW_DATASETS_COUNCIL_COUNCIL_MANIFEST_H_
