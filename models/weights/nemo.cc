#include "models/weights/nemo.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/sha256.h"
#include "base/status_macros.h"
#include "models/weights/gunzip.h"
#include "models/weights/mapped_file.h"
#include "models/weights/tar.h"
#include "models/weights/torch_zip.h"

namespace diarflow {
namespace {

constexpr absl::string_view kWeights = "model_weights.ckpt";
constexpr size_t kMaxConfig = 16 << 20;
// Numbers of weights hardly shrink; the slack is for small files of zeros.
constexpr size_t kMaxRatio = 32, kSlack = 64 << 20, kMaxUnpacked = size_t{2} << 30;

absl::Status Parse(absl::string_view bytes, std::shared_ptr<const void> owner, TensorTable* table) {
  if (LooksLikeGzip(bytes)) {
    const size_t limit = std::min(kMaxUnpacked, kSlack + kMaxRatio * std::min(bytes.size(), kMaxUnpacked));
    ASSIGN_OR_RETURN(const std::shared_ptr<const UnpackedBytes> unpacked, Gunzip(bytes, limit));
    bytes = unpacked->bytes();
    owner = unpacked;
  }
  using Members = std::map<std::string, absl::string_view, std::less<>>;
  ASSIGN_OR_RETURN(const Members members, ReadTar(bytes));
  const auto config = members.find(kNemoConfig);
  if (config == members.end()) return absl::DataLossError(absl::StrCat("it holds no ", kNemoConfig));
  if (config->second.size() > kMaxConfig) {
    return absl::DataLossError(absl::StrCat("its ", kNemoConfig, " is longer than ", kMaxConfig, " bytes"));
  }
  const std::string inner = absl::StrCat("/", kWeights);
  for (const auto& [name, data] : members) {
    if (!absl::EndsWith(name, inner)) continue;
    return absl::DataLossError(absl::StrCat("it holds a second ", kWeights, " or one in a folder"));
  }
  const auto weights = members.find(kWeights);
  if (weights == members.end()) return absl::DataLossError(absl::StrCat("it holds no ", kWeights));
  if (absl::StartsWith(weights->second, "\x80")) {
    return absl::DataLossError(absl::StrCat("its ", kWeights,
                                            " is a bare pickle, as torch.save() wrote before PyTorch 1.6: save the "
                                            "model again with a newer one"));
  }
  if (absl::Status status = AddTorchZip(weights->second, owner, table); !status.ok()) {
    return absl::DataLossError(absl::StrCat("its ", kWeights, " is not a good torch archive: ", status.message()));
  }
  table->mutable_metadata()[kNemoConfig] = std::string(config->second);
  return absl::OkStatus();
}

absl::StatusOr<TensorTable> ParseOwned(absl::string_view bytes, const std::string& source,
                                       std::shared_ptr<const void> owner) {
  TensorTable table(source);
  if (absl::Status status = Parse(bytes, std::move(owner), &table); !status.ok()) {
    return absl::DataLossError(absl::StrCat(source, " is not a good NeMo archive: ", status.message()));
  }
  table.set_digest(Sha256().Update(bytes).HexDigest());
  return table;
}

}  // namespace

absl::StatusOr<TensorTable> ReadNemo(const std::string& path) {
  ASSIGN_OR_RETURN(const std::shared_ptr<const MappedFile> file, MappedFile::Open(path));
  return ParseOwned(file->bytes(), path, file);
}

absl::StatusOr<TensorTable> ParseNemo(absl::string_view bytes, const std::string& source) {
  const auto owner = std::make_shared<const std::string>(bytes);
  return ParseOwned(*owner, source, owner);
}

}  // namespace diarflow
