// VoxConverse on disk (Chung, Huh, Nagrani, Afouras, Zisserman, "Spot the conversation: speaker diarisation in the
// wild", 2020): recordings of up to 21 speakers, with labels.
//
//   dev/<uri>.rttm, test/<uri>.rttm     of the repository with the labels
//   <uri>.wav (or .flac)                of the archives with the audio, anywhere at most four folders below the root:
//                                       audio/, voxconverse_test_wav/, dev/wav/, ...
//
// Labels were corrected over time; figures of versions 0.2 and 0.3 cannot be compared. The published figures here are
// those of 0.3.
#ifndef DIARFLOW_DATASETS_VOXCONVERSE_VOXCONVERSE_H_
#define DIARFLOW_DATASETS_VOXCONVERSE_VOXCONVERSE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "datasets/corpus.h"

namespace diarflow {

// Entries, labels and regions by split ("dev", "test") and uri, in byte order. Utterance and session are the uri, which
// is the name of the RTTM file; num_speakers is counted, rttm is that file; the region is the whole audio.
//
// Corpus::problems tells what is missing or left out: recordings whose audio is not there or cannot be read (their
// labels stay), RTTM files that cannot be read, are empty or speak of several recordings, a uri that was there before,
// audio without labels. Labels that end behind the audio by more than 10 ms are named and stay.
// kNotFound when there is not one RTTM file.
absl::StatusOr<Corpus> VoxConverseCorpus(const std::string& root);

// What is published of "dev" and "test", version 0.3.
const std::vector<ExpectedSplit>& VoxConverseExpectedSplits();

}  // namespace diarflow

#endif  // DIARFLOW_DATASETS_VOXCONVERSE_VOXCONVERSE_H_
