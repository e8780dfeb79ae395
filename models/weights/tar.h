// The members of a tar archive: v7, ustar, GNU (long names) and pax (records of the next member), not compressed.
#ifndef DIARFLOW_MODELS_WEIGHTS_TAR_H_
#define DIARFLOW_MODELS_WEIGHTS_TAR_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace diarflow {

// Begins with a header whose checksum fits.
bool LooksLikeTar(absl::string_view bytes);

// Has the mark of a ustar or GNU header, whatever its checksum.
bool HasTarMark(absl::string_view bytes);

// Name to data of every regular file, inside `archive`. Names lose "./" and repeated slashes: "./a//b" is "a/b".
// Folders are passed over. kDataLoss with the member, its offset and what is wrong: a header whose checksum does not
// fit (summed as unsigned bytes), a size that reaches beyond the archive, a name that is absolute or holds "..", a
// link, a device, a sparse file or another kind of member, two members of one name, no end mark (two blocks of zeros;
// only zeros may follow). The message does not name the file.
absl::StatusOr<std::map<std::string, absl::string_view, std::less<>>> ReadTar(absl::string_view archive);

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_WEIGHTS_TAR_H_
