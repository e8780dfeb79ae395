// SHA-256 of data in pieces, for cache keys and the identity of weights. Wraps OpenSSL.
#ifndef DIARFLOW_BASE_SHA256_H_
#define DIARFLOW_BASE_SHA256_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"

namespace diarflow {

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  Sha256& Update(const void* data, size_t size);
  Sha256& Update(absl::string_view bytes) { return Update(bytes.data(), bytes.size()); }
  // A field whose end is part of the digest: ("ab", "c") and ("a", "bc") differ.
  Sha256& UpdateField(absl::string_view bytes);

  // 64 lower-case hexadecimal digits. Call once, last.
  std::string HexDigest();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

}  // namespace diarflow

#endif  // DIARFLOW_BASE_SHA256_H_
