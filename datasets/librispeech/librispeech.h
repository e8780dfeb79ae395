// LibriSpeech on disk (Panayotov, Chen, Povey, Khudanpur, "Librispeech: an ASR corpus based on public domain audio
// books", 2015), and word alignments made of it.
//
//   SPEAKERS.TXT
//   <subset>/<speaker>/<chapter>/<speaker>-<chapter>-<number>.flac   (or .wav)
//   <subset>/<speaker>/<chapter>/<speaker>-<chapter>.trans.txt       lines `utterance TEXT`
//
// below the root folder or its sub-folder LibriSpeech/. Subsets with other names than the seven published ones
// ("train-clean-5" of Mini LibriSpeech) are taken as well.
//
// Alignments are files `*.alignment.txt` (formats/librispeech_alignment.h) and `<utterance>.TextGrid`
// (formats/text_grid.h, the tier "words"), anywhere below a folder of their own or below the root.
#ifndef DIARFLOW_DATASETS_LIBRISPEECH_LIBRISPEECH_H_
#define DIARFLOW_DATASETS_LIBRISPEECH_LIBRISPEECH_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "datasets/corpus.h"

namespace diarflow {

struct LibriSpeechOptions {
  std::string alignments;  // a folder; empty: utterances have no tokens
};

// Entries by path, in byte order: split is the subset, session "<speaker>-<chapter>", utterance the file's name without
// extension, text and tokens in lower case (ASCII letters).
//
// What is wrong with a file costs that file and is told in Corpus::problems: audio that cannot be read, or whose name
// does not go with its folders, is left out, and so is an utterance that was there before. Utterances without a
// transcript, without an alignment, or with one that ends behind the audio by more than a millisecond have none.
// kNotFound when there is no utterance, or no folder of alignments; the message says what was looked for.
absl::StatusOr<Corpus> LibriSpeechCorpus(const std::string& root, const LibriSpeechOptions& options);

// What is published of the seven subsets.
const std::vector<ExpectedSplit>& LibriSpeechExpectedSplits();

}  // namespace diarflow

#endif  // DIARFLOW_DATASETS_LIBRISPEECH_LIBRISPEECH_H_
