#include "models/weights/testing/torch_zip_writer.h"

#include <cstring>

namespace diarflow {
namespace {

constexpr size_t kAlignment = 64;

uint32_t Crc32(const std::string& data) {
  uint32_t crc = ~0u;
  for (const char c : data) {
    crc ^= static_cast<uint8_t>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xedb88320u : 0);
  }
  return ~crc;
}

}  // namespace

std::string LittleEndian(uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text.push_back(static_cast<char>(i < 8 ? value >> (8 * i) : 0));
  return text;
}

std::string MakeZip(const std::vector<ZipEntrySpec>& entries) {
  std::string archive, directory;
  for (const ZipEntrySpec& entry : entries) {
    const uint64_t offset = archive.size();
    const uint64_t flags = entry.descriptor ? 8 : 0;
    const std::string sizes =
        LittleEndian(Crc32(entry.data), 4) + LittleEndian(entry.data.size(), 4) + LittleEndian(entry.data.size(), 4);
    const size_t unpadded = archive.size() + 30 + entry.name.size() + 4;
    const size_t padding = (kAlignment - unpadded % kAlignment) % kAlignment;
    archive += "PK\x03\x04" + LittleEndian(0, 2) + LittleEndian(flags, 2) + LittleEndian(0, 6) +
               (entry.descriptor ? std::string(12, '\0') : sizes) + LittleEndian(entry.name.size(), 2) +
               LittleEndian(4 + padding, 2) + entry.name + "FB" + LittleEndian(padding, 2) + std::string(padding, 'Z') +
               entry.data;
    if (entry.descriptor) archive += "PK\x07\x08" + sizes;
    directory += "PK\x01\x02" + LittleEndian(0, 4) + LittleEndian(flags, 2) + LittleEndian(0, 6) + sizes +
                 LittleEndian(entry.name.size(), 2) + LittleEndian(0, 12) + LittleEndian(offset, 4) + entry.name;
  }
  const uint64_t begin = archive.size();
  return archive + directory + "PK\x05\x06" + LittleEndian(0, 4) + LittleEndian(entries.size(), 2) +
         LittleEndian(entries.size(), 2) + LittleEndian(directory.size(), 4) + LittleEndian(begin, 4) +
         LittleEndian(0, 2);
}

std::string PickleText(const std::string& text) { return "X" + LittleEndian(text.size(), 4) + text; }

std::string PickleInt(int64_t value) { return "\x8a\x08" + LittleEndian(static_cast<uint64_t>(value), 8); }

std::string PickleCounts(const std::vector<int64_t>& counts) {
  std::string opcodes = "(";
  for (const int64_t count : counts) opcodes += PickleInt(count);
  return opcodes + "t";
}

std::string PickleGlobal(const std::string& module, const std::string& name) {
  return "c" + module + "\n" + name + "\n";
}

std::string PickleTensor(const TensorSpec& tensor) {
  return PickleGlobal("torch._utils", "_rebuild_tensor_v2") + "((" + PickleText("storage") +
         PickleGlobal("torch", tensor.storage_class) + PickleText(tensor.storage) + PickleText("cpu") +
         PickleInt(tensor.storage_count) + "tQ" + PickleInt(tensor.offset) + PickleCounts(tensor.shape) +
         PickleCounts(tensor.strides) + "\x89" + PickleGlobal("collections", "OrderedDict") + ")RtR";
}

std::string MakePickle(const std::vector<TensorSpec>& tensors, const std::string& before) {
  std::string pickle = "\x80\x02}(" + before;
  for (const TensorSpec& tensor : tensors) pickle += PickleText(tensor.name) + PickleTensor(tensor);
  return pickle + "u.";
}

std::string FloatBytes(const std::vector<float>& values) {
  std::string bytes;
  for (const float value : values) {
    uint32_t bits;
    std::memcpy(&bits, &value, sizeof(bits));
    bytes += LittleEndian(bits, 4);
  }
  return bytes;
}

std::string MakeTorchZip(const std::string& pickle, const std::vector<std::pair<std::string, std::string>>& storages) {
  std::vector<ZipEntrySpec> entries = {{"archive/data.pkl", pickle}, {"archive/byteorder", "little"}};
  for (const auto& [key, bytes] : storages) entries.push_back({"archive/data/" + key, bytes});
  entries.push_back({"archive/version", "3\n"});
  return MakeZip(entries);
}

}  // namespace diarflow
