#include "datasets/frame_cache.h"

#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/files.h"
#include "base/sha256.h"
#include "base/status_macros.h"

// The bytes of an entry; numbers are little-endian.
//
//   0   8        magic "DIARFRMS"
//   8   4        version, 1
//   12  4        number of axes R, at most 8
//   16  8 R      length of each axis, int64
//   .   32       the key
//   .   4 N      the numbers, float32, row-major; N is the product of the lengths
//   .   32       SHA-256 of all bytes before

namespace diarflow {
namespace {

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ && std::numeric_limits<float>::is_iec559,
              "numbers are written as they lie in memory");

constexpr absl::string_view kMagic = "DIARFRMS";
constexpr uint32_t kVersion = 1;
constexpr uint32_t kMaxAxes = 8;
constexpr size_t kDigestSize = 32;

template <typename T>
absl::string_view BytesOf(const T& number) {
  return {reinterpret_cast<const char*>(&number), sizeof(number)};
}

absl::string_view BytesOf(const FloatArray& values) {
  return {reinterpret_cast<const char*>(values.data()), values.byte_size()};
}

// Takes sizeof(T) bytes off the front of `bytes`.
template <typename T>
bool Consume(absl::string_view* bytes, T* number) {
  if (bytes->size() < sizeof(T)) return false;
  std::memcpy(number, bytes->data(), sizeof(T));
  bytes->remove_prefix(sizeof(T));
  return true;
}

absl::Status CheckKey(absl::string_view key) {
  if (key.size() == 2 * kDigestSize && key.find_first_not_of("0123456789abcdef") == absl::string_view::npos) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("the cache key \"", absl::CHexEscape(key), "\" is not 64 lower-case hexadecimal digits"));
}

std::string DigestOf(absl::string_view bytes) { return absl::HexStringToBytes(Sha256().Update(bytes).HexDigest()); }

std::string Encode(absl::string_view key, const FloatArray& values) {
  std::string bytes = absl::StrCat(kMagic, BytesOf(kVersion), BytesOf(static_cast<uint32_t>(values.shape().size())));
  for (int64_t length : values.shape()) absl::StrAppend(&bytes, BytesOf(length));
  absl::StrAppend(&bytes, absl::HexStringToBytes(key), BytesOf(values));
  return absl::StrCat(bytes, DigestOf(bytes));
}

// Nothing unless `bytes` are a whole entry of this key.
std::optional<FloatArray> Decode(absl::string_view key, absl::string_view bytes) {
  if (bytes.size() < kDigestSize) return std::nullopt;
  const absl::string_view digest = bytes.substr(bytes.size() - kDigestSize);
  bytes.remove_suffix(kDigestSize);
  if (DigestOf(bytes) != digest) return std::nullopt;

  uint32_t version = 0;
  uint32_t axes = 0;
  if (!absl::ConsumePrefix(&bytes, kMagic) || !Consume(&bytes, &version) || version != kVersion) return std::nullopt;
  if (!Consume(&bytes, &axes) || axes > kMaxAxes) return std::nullopt;
  std::vector<int64_t> shape(axes);
  double size = 1;
  for (int64_t& length : shape) {
    if (!Consume(&bytes, &length) || length < 0) return std::nullopt;
    size *= static_cast<double>(length);
  }
  if (!absl::ConsumePrefix(&bytes, absl::HexStringToBytes(key))) return std::nullopt;
  // As float64 nothing overflows, and below 2^53 nothing is rounded.
  if (size * sizeof(float) != static_cast<double>(bytes.size())) return std::nullopt;

  FloatArray values = FloatArray::Zeros(shape);
  if (!values.empty()) std::memcpy(values.mutable_data(), bytes.data(), bytes.size());
  return values;
}

}  // namespace

std::string CacheKey(const CachedStage& stage, const FloatArray& samples, int sample_rate) {
  Sha256 hash;
  hash.UpdateField(stage.name).UpdateField(stage.code_version).UpdateField(stage.options);
  hash.UpdateField(stage.weights_digest);
  hash.UpdateField(BytesOf(static_cast<int64_t>(sample_rate)));
  hash.UpdateField(BytesOf(static_cast<int64_t>(samples.shape().size())));
  for (int64_t length : samples.shape()) hash.UpdateField(BytesOf(length));
  hash.UpdateField(BytesOf(samples));
  return hash.HexDigest();
}

absl::StatusOr<FrameCache> FrameCache::Open(const std::string& folder) {
  RETURN_IF_ERROR(MakeDirectories(folder));
  return FrameCache(folder);
}

std::string FrameCache::PathOf(absl::string_view key) const {
  return JoinPath(folder_, absl::StrCat(key.substr(0, 2), "/", key.substr(2), ".frames"));
}

absl::StatusOr<std::optional<FloatArray>> FrameCache::Get(absl::string_view key) const {
  RETURN_IF_ERROR(CheckKey(key));
  const absl::StatusOr<std::string> bytes = ReadFile(PathOf(key));
  if (absl::IsNotFound(bytes.status())) return std::optional<FloatArray>();
  RETURN_IF_ERROR(bytes.status());
  return Decode(key, *bytes);
}

absl::Status FrameCache::Put(absl::string_view key, const FloatArray& values) const {
  RETURN_IF_ERROR(CheckKey(key));
  if (values.shape().size() > kMaxAxes) {
    return absl::InvalidArgumentError(
        absl::StrCat("an array of shape ", values.ShapeString(), " has more than ", kMaxAxes, " axes"));
  }
  return WriteFileAtomically(PathOf(key), Encode(key, values));
}

}  // namespace diarflow
