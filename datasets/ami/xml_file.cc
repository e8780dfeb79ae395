#include "datasets/ami/xml_file.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/files.h"
#include "base/status_macros.h"

namespace diarflow {

absl::StatusOr<std::unique_ptr<XmlFile>> XmlFile::Read(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string bytes, ReadFile(path));
  std::unique_ptr<XmlFile> file(new XmlFile);
  file->path_ = path;
  const pugi::xml_parse_result result = file->document_.load_buffer(bytes.data(), bytes.size());
  const bool converted = result.encoding == pugi::encoding_latin1;
  if (!converted && result.encoding != pugi::encoding_utf8) {
    return absl::InvalidArgumentError(absl::StrCat(path, ":1: the text is neither UTF-8 nor ISO-8859-1"));
  }
  // Positions are those behind the conversion, where a letter with an accent has two bytes.
  std::ptrdiff_t position = 0;
  for (const char byte : bytes) {
    if (byte == '\n') file->line_ends_.push_back(position);
    position += converted && static_cast<unsigned char>(byte) >= 0x80 ? 2 : 1;
  }
  if (!result) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ":", file->LineAt(result.offset), ": this is no whole XML file: ", result.description()));
  }
  return file;
}

int64_t XmlFile::LineAt(std::ptrdiff_t position) const {
  return 1 + (std::lower_bound(line_ends_.begin(), line_ends_.end(), position) - line_ends_.begin());
}

std::string XmlFile::Where(const pugi::xml_node& node) const {
  return absl::StrCat(path_, ":", LineAt(node.offset_debug()));
}

}  // namespace diarflow
