// The AMI meeting corpus as a set for diarization: the microphones of the headsets mixed into one channel
// (Mix-Headset), who speaks when from the manual annotations, and the split that most published figures use.
//
// Found below the root folder, at most eight folders deep, whatever is between:
//   <MEETING>.Mix-Headset.wav        as in amicorpus/ES2002a/audio/ES2002a.Mix-Headset.wav
//   corpusResources/meetings.xml     with words/ and segments/ beside corpusResources/: ami_public_manual_1.6.2.zip
// A recording is named as its meeting; speakers have their global names (MEE006), the same in all meetings.
//
// Splits are those of the full-corpus-ASR partition (train 136, dev 18, test 16 meetings; no speaker is in two of
// them). Whatever else meetings.xml lists and is neither in dev nor in test is in train, but for IB4005, which is in
// no part of the partition and is left out here as well.
//
// Labels by the rules of Landini et al., "Bayesian HMM clustering of x-vector sequences (VBx) in speaker diarization"
// (Computer Speech & Language 71, 2022), whose references most figures for AMI are measured against:
//   only words            every word with a duration is speech; words of one speaker that touch are one turn; pauses
//                         are not bridged
//   words, vocal sounds   the same with laughs, coughs and the like
//   segments              every segment of the transcribers is one turn: includes pauses, so more of the time is
//                         "overlap"; figures measured with these cannot be compared with those for words
// Where to score is the whole length of the file.
#ifndef DIARFLOW_DATASETS_AMI_AMI_H_
#define DIARFLOW_DATASETS_AMI_AMI_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "datasets/corpus.h"

namespace diarflow {

enum class AmiLabels { kOnlyWords, kWordAndVocalSounds, kSegments };

// "train", "dev" or "test"; "" for a meeting that is in no split.
std::string AmiSplit(absl::string_view meeting);

// Meetings in byte order. What is missing or broken costs its meeting and nothing else: one without audio has labels
// but no entry; one whose annotations are not whole has neither, since a reference that lacks a speaker would make true
// answers errors. Splits that are not whole are problems; words without times, or with reversed ones, are notes.
// kNotFound when there is no corpusResources/meetings.xml below the root, or more than one; kInvalidArgument when it is
// broken.
absl::StatusOr<Corpus> AmiCorpus(const std::string& root, AmiLabels labels);

// What is published of the splits: everything for only words; otherwise files, speakers and hours of audio.
std::vector<ExpectedSplit> AmiExpectedSplits(AmiLabels labels);

}  // namespace diarflow

#endif  // DIARFLOW_DATASETS_AMI_AMI_H_
