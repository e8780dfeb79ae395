// Tar archives made byte by byte, so that reader and writer share no mistake.
#ifndef DIARFLOW_MODELS_WEIGHTS_TESTING_TAR_WRITER_H_
#define DIARFLOW_MODELS_WEIGHTS_TESTING_TAR_WRITER_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace diarflow {

enum class TarForm { kV7, kUstar, kGnu };

struct TarMemberSpec {
  std::string name;
  std::string data = {};
  char kind = '0';
  std::string link = {};
  TarForm form = TarForm::kUstar;
  std::string prefix = {};  // of kUstar
  // In the header; the length of the data when negative.
  int64_t size = -1;
  // The size in binary, as GNU writes large ones.
  bool binary_size = false;
};

// Header and data, filled up to whole blocks.
std::string MakeTarMember(const TarMemberSpec& spec);

// All of them and the end mark of two blocks, then `more` blocks of zeros.
std::string MakeTar(const std::vector<TarMemberSpec>& members, int more = 0);

// The pax record "LENGTH key=value\n".
std::string PaxRecord(const std::string& key, const std::string& value);

// With the right checksum in every block that has the mark "ustar".
std::string WithTarChecksums(std::string tar);

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_WEIGHTS_TESTING_TAR_WRITER_H_
