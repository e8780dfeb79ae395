// Gzip for tests.
#ifndef DIARFLOW_MODELS_WEIGHTS_TESTING_GZIP_WRITER_H_
#define DIARFLOW_MODELS_WEIGHTS_TESTING_GZIP_WRITER_H_

#include <string>

namespace diarflow {

// `level` 0 stores, 9 packs most. Empty on failure.
std::string MakeGzip(const std::string& bytes, int level = 6);

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_WEIGHTS_TESTING_GZIP_WRITER_H_
