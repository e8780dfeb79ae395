// sf_open_virtual() with the reason when it fails, safe to call from any thread.
#ifndef DIARFLOW_AUDIO_SNDFILE_OPEN_H_
#define DIARFLOW_AUDIO_SNDFILE_OPEN_H_

#include <sndfile.h>

#include "absl/status/statusor.h"

namespace diarflow {

// A reader or writer (SFM_READ, SFM_WRITE) on callbacks; never null. `io` and what `user` points to must outlive it.
// kInvalidArgument when libsndfile does not know the format, kDataLoss when it does and the header is broken. The
// message is libsndfile's reason alone.
//
// One opening at a time in the process: libsndfile keeps the reason in a global variable.
absl::StatusOr<SNDFILE*> OpenSndfile(SF_VIRTUAL_IO* io, int mode, SF_INFO* info, void* user);

}  // namespace diarflow

#endif  // DIARFLOW_AUDIO_SNDFILE_OPEN_H_
