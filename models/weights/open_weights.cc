#include "models/weights/open_weights.h"

#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "models/weights/gunzip.h"
#include "models/weights/mapped_file.h"
#include "models/weights/nemo.h"
#include "models/weights/safetensors.h"
#include "models/weights/tar.h"
#include "models/weights/torch_zip.h"
#include "models/weights/zip_directory.h"

namespace diarflow {
namespace {

enum class FileKind { kSafetensors, kTorchZip, kNemo, kOther };

// `what` says what a file of another kind seems to be.
FileKind KindOf(absl::string_view bytes, std::string* what) {
  if (LooksLikeZip(bytes)) return FileKind::kTorchZip;
  // Before the next line: the name of a tar's first member may have a brace there.
  if (LooksLikeTar(bytes) || LooksLikeGzip(bytes)) return FileKind::kNemo;
  if (bytes.size() > 8 && bytes[8] == '{') return FileKind::kSafetensors;
  if (HasTarMark(bytes)) return FileKind::kNemo;
  if (bytes.empty()) {
    *what = "empty";
  } else if (absl::StartsWith(bytes, "\x80") && bytes.size() > 1 && bytes[1] >= 2 && bytes[1] <= 5) {
    *what = "a bare pickle, as torch.save() wrote before PyTorch 1.6: save it again with a newer one";
  } else {
    *what = "neither a safetensors file nor a torch archive nor a NeMo archive";
  }
  return FileKind::kOther;
}

}  // namespace

absl::StatusOr<TensorTable> OpenWeights(const std::string& path) {
  std::string what;
  FileKind kind;
  {
    ASSIGN_OR_RETURN(const std::shared_ptr<const MappedFile> file, MappedFile::Open(path));
    kind = KindOf(file->bytes(), &what);
  }
  switch (kind) {
    case FileKind::kSafetensors: return ReadSafetensors(path);
    case FileKind::kTorchZip: return ReadTorchZip(path);
    case FileKind::kNemo: return ReadNemo(path);
    case FileKind::kOther: break;
  }
  return absl::DataLossError(absl::StrCat(path, " holds no weights that can be read: it is ", what));
}

}  // namespace diarflow
