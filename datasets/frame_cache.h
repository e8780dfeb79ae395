// A disk cache of what a stage computed: arrays of float32 under keys that tell everything that they depend on.
//
// Safe with any number of threads and processes on one folder, and with a kill at any time: an entry is written whole
// under another name and then renamed. What is in doubt is a miss, never an error and never a wrong number: an entry
// that is absent, cut short, of another format or key, or whose checksum does not hold. Put() then replaces it.
// A killed process may leave a file with a random ending (".XXXXXX") behind; nobody reads it, and the folder may be
// deleted at any time.
#ifndef DIARFLOW_DATASETS_FRAME_CACHE_H_
#define DIARFLOW_DATASETS_FRAME_CACHE_H_

#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/float_array.h"

namespace diarflow {

// What a result depends on besides the audio.
struct CachedStage {
  std::string name;            // "MimiEncode"
  std::string code_version;    // to be raised with every change of the code that changes a number
  std::string options;         // serialised deterministically; the shape of batches too if it changes numbers
  std::string weights_digest;  // SHA-256 of the weights; of configuration and seed for random ones; empty without any
};

// A key: 64 hexadecimal digits, the SHA-256 of every field (each with its length), the sample rate, and shape and bytes
// of the samples. Any change of any of them gives another key.
std::string CacheKey(const CachedStage& stage, const FloatArray& samples, int sample_rate);

class FrameCache {
 public:
  // Makes the folder where missing. Errors of MakeDirectories().
  static absl::StatusOr<FrameCache> Open(const std::string& folder);

  // The array under `key`, or nothing: a miss. kInvalidArgument: not a key of 64 lower-case hexadecimal digits. Errors
  // of the system other than a missing file: see ReadFile().
  absl::StatusOr<std::optional<FloatArray>> Get(absl::string_view key) const;

  // Stores an array of at most 8 axes; it takes the place of what was there. Errors as above (also kInvalidArgument for
  // more axes) and of WriteFileAtomically().
  absl::Status Put(absl::string_view key, const FloatArray& values) const;

  const std::string& folder() const { return folder_; }
  // The file of a key: folder/ab/cdef... .frames. REQUIRES: a key.
  std::string PathOf(absl::string_view key) const;

 private:
  explicit FrameCache(std::string folder) : folder_(std::move(folder)) {}

  std::string folder_;
};

}  // namespace diarflow

#endif  // DIARFLOW_DATASETS_FRAME_CACHE_H_
