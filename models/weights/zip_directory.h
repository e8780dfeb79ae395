// The directory of a zip archive whose entries are stored, not compressed.
//
// Sizes, offsets and checksums are those of the central directory at the archive's end. A local header may hold zeros
// instead, when its flags announce a data descriptor behind the data; otherwise the two must agree.
#ifndef DIARFLOW_MODELS_WEIGHTS_ZIP_DIRECTORY_H_
#define DIARFLOW_MODELS_WEIGHTS_ZIP_DIRECTORY_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace diarflow {

// Begins with a local header's or, with no entries, an end record's signature.
bool LooksLikeZip(absl::string_view bytes);

// Name to data of every entry, inside `archive`. kDataLoss with what is wrong: no end record, a disk of several, an
// entry that is compressed or encrypted, lies outside the archive or over another one, has a second one of its name, or
// whose data does not have its CRC-32; ZIP64 (4 GB or 65535 entries and more). The message does not name the file.
absl::StatusOr<std::map<std::string, absl::string_view, std::less<>>> ReadZipDirectory(absl::string_view archive);

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_WEIGHTS_ZIP_DIRECTORY_H_
