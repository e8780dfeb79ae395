// Torch archives made byte by byte, so that reader and writer share no mistake.
#ifndef DIARFLOW_MODELS_WEIGHTS_TESTING_TORCH_ZIP_WRITER_H_
#define DIARFLOW_MODELS_WEIGHTS_TESTING_TORCH_ZIP_WRITER_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace diarflow {

// `value` in `bytes` bytes, the lowest first.
std::string LittleEndian(uint64_t value, int bytes);

struct ZipEntrySpec {
  std::string name;
  std::string data;
  // As torch writes: zeros in the local header, flag 3, and a data descriptor behind the data.
  bool descriptor = true;
};

// A zip of stored entries, the data of each aligned to 64 bytes.
std::string MakeZip(const std::vector<ZipEntrySpec>& entries);

// Opcodes of a pickle.
std::string PickleText(const std::string& text);
std::string PickleInt(int64_t value);
std::string PickleCounts(const std::vector<int64_t>& counts);
std::string PickleGlobal(const std::string& module, const std::string& name);

struct TensorSpec {
  std::string name;
  std::string storage;        // its key
  std::string storage_class;  // "FloatStorage"
  int64_t storage_count = 0;  // of numbers
  int64_t offset = 0;
  std::vector<int64_t> shape;
  std::vector<int64_t> strides;
};

// The opcodes that push a tensor.
std::string PickleTensor(const TensorSpec& tensor);

// A whole pickle of a dict with these tensors; `before` are opcodes of further keys and values.
std::string MakePickle(const std::vector<TensorSpec>& tensors, const std::string& before = "");

// Float32 numbers, little-endian.
std::string FloatBytes(const std::vector<float>& values);

// An archive with the folder "archive": this pickle and these storages (key and bytes).
std::string MakeTorchZip(const std::string& pickle, const std::vector<std::pair<std::string, std::string>>& storages);

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_WEIGHTS_TESTING_TORCH_ZIP_WRITER_H_
