#include "models/weights/testing/tar_writer.h"

#include <cstdio>

namespace diarflow {
namespace {

constexpr size_t kBlock = 512;

void Put(std::string* header, size_t at, const std::string& text) { header->replace(at, text.size(), text); }

std::string Octal(uint64_t value, int digits) {
  char text[32];
  std::snprintf(text, sizeof(text), "%0*llo", digits, static_cast<unsigned long long>(value));
  return text;
}

void PutChecksum(std::string* tar, size_t block) {
  Put(tar, block + 148, "        ");
  uint64_t sum = 0;
  for (size_t i = 0; i < kBlock; ++i) sum += static_cast<uint8_t>((*tar)[block + i]);
  Put(tar, block + 148, Octal(sum, 6) + std::string(1, '\0') + " ");
}

}  // namespace

std::string MakeTarMember(const TarMemberSpec& spec) {
  std::string header(kBlock, '\0');
  const uint64_t size = spec.size < 0 ? spec.data.size() : static_cast<uint64_t>(spec.size);
  Put(&header, 0, spec.name.substr(0, 100));
  Put(&header, 100, Octal(0644, 7));
  Put(&header, 108, Octal(1000, 7));
  Put(&header, 116, Octal(1000, 7));
  Put(&header, 124, Octal(size, 11));
  if (spec.binary_size) {
    std::string binary(12, '\0');
    binary[0] = '\x80';
    for (size_t i = 0; i < 8; ++i) binary[11 - i] = static_cast<char>(size >> (8 * i));
    Put(&header, 124, binary);
  }
  Put(&header, 136, Octal(1600000000, 11));
  header[156] = spec.kind;
  Put(&header, 157, spec.link.substr(0, 100));
  if (spec.form == TarForm::kUstar) {
    Put(&header, 257,
        std::string("ustar\0"
                    "00",
                    8));
    Put(&header, 345, spec.prefix);
  }
  if (spec.form == TarForm::kGnu) Put(&header, 257, "ustar  ");
  PutChecksum(&header, 0);
  return header + spec.data + std::string((kBlock - spec.data.size() % kBlock) % kBlock, '\0');
}

std::string MakeTar(const std::vector<TarMemberSpec>& members, int more) {
  std::string tar;
  for (const TarMemberSpec& member : members) tar += MakeTarMember(member);
  return tar + std::string(kBlock * static_cast<size_t>(2 + more), '\0');
}

std::string PaxRecord(const std::string& key, const std::string& value) {
  const std::string rest = " " + key + "=" + value + "\n";
  size_t length = rest.size();
  while (std::to_string(length).size() + rest.size() != length) ++length;
  return std::to_string(length) + rest;
}

std::string WithTarChecksums(std::string tar) {
  for (size_t block = 0; block + kBlock <= tar.size(); block += kBlock) {
    if (tar.compare(block + 257, 5, "ustar") == 0) PutChecksum(&tar, block);
  }
  return tar;
}

}  // namespace diarflow
