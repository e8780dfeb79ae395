// All of VoxCeleb1 and VoxCeleb2 on disk (Nagrani, Chung, Zisserman, "VoxCeleb: a large-scale speaker identification
// dataset", 2017; Chung, Nagrani, Zisserman, "VoxCeleb2: deep speaker recognition", 2018). For trial lists and their
// audio see voxceleb.h.
//
//   .../idXXXXX/<video>/NNNNN.wav      (or .flac; VoxCeleb2 comes as .m4a)
//
// at most five folders below the root folder, or with idXXXXX in the root itself. The split is told by the nearest
// folder above idXXXXX in whose name "dev" or "test" stands as a word ("vox1_dev", "test"); two folders above the root
// count as well. Where none does, VoxCeleb1 has speakers id10270 to id10309 for "test" and the others for "dev", as
// published; files of VoxCeleb2 are left out, since nobody could tell.
#ifndef DIARFLOW_DATASETS_VOXCELEB_CORPUS_H_
#define DIARFLOW_DATASETS_VOXCELEB_CORPUS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "datasets/corpus.h"

namespace diarflow {

// Entries by utterance, in byte order. The utterance is "idXXXXX/<video>/NNNNN.wav", as trial lists name it; session is
// the video, since all that was cut from it shares a channel.
//
// Corpus::problems tells of what is left out: audio that cannot be read, an utterance that was there before (in another
// folder, or with another extension), and .m4a without a .wav or .flac beside it (every reading would start ffmpeg),
// with the command that converts it. kNotFound when there is not one such file, .m4a included.
absl::StatusOr<Corpus> VoxCeleb1Corpus(const std::string& root);
absl::StatusOr<Corpus> VoxCeleb2Corpus(const std::string& root);

// What is published of "dev" and "test".
const std::vector<ExpectedSplit>& VoxCeleb1ExpectedSplits();
const std::vector<ExpectedSplit>& VoxCeleb2ExpectedSplits();

}  // namespace diarflow

#endif  // DIARFLOW_DATASETS_VOXCELEB_CORPUS_H_
