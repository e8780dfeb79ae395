// Reads the archives that torch.save() writes since PyTorch 1.6: a zip with a pickle that describes the tensors, and
// the numbers of each storage in an entry of its own.
//
//   NAME/data.pkl      the pickle (pickle.h says what is taken of it; nothing of it is executed)
//   NAME/data/KEY      the numbers of the storage KEY, little-endian
//   NAME/byteorder     "little", where there is one
//
// The pickle's value is a dict, or dicts inside a dict. Each tensor in it gets the keys on the way to it, joined with
// dots, as its name: {"state_dict": {"lstm.weight": ...}} gives "state_dict.lstm.weight". A whole number, or a string
// of up to 1000 bytes, in the outermost dict becomes metadata; what else there is besides dicts and tensors is passed
// over.
#ifndef DIARFLOW_MODELS_WEIGHTS_TORCH_ZIP_H_
#define DIARFLOW_MODELS_WEIGHTS_TORCH_ZIP_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "models/weights/tensor_table.h"

namespace diarflow {

// Maps a file into memory and reads its table. Tensors that lie in their storage in row-major order are not copied and
// stay mapped while the table lives; others are copied. The table's digest is the SHA-256 of the file. The file must
// not be cut while it is mapped: replace files by renaming. kNotFound, kPermissionDenied, or kDataLoss with the path
// and what is wrong: a zip that is torn or compressed, a checksum that does not fit, a pickle that asks for anything
// besides tensors and plain values (the message names it), a tensor that lies outside its storage.
absl::StatusOr<TensorTable> ReadTorchZip(const std::string& path);

// The same from bytes, which are copied. `source` is named in errors.
absl::StatusOr<TensorTable> ParseTorchZip(absl::string_view bytes, const std::string& source);

// Adds the tensors and the metadata of an archive that lies in other bytes, which are not copied: `owner` keeps them
// alive. kDataLoss as above, in words that do not name the file; the table may then hold some of the tensors.
absl::Status AddTorchZip(absl::string_view bytes, std::shared_ptr<const void> owner, TensorTable* table);

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_WEIGHTS_TORCH_ZIP_H_
