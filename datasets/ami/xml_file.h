// An XML file, and in which line of it an element stands.
#ifndef DIARFLOW_DATASETS_AMI_XML_FILE_H_
#define DIARFLOW_DATASETS_AMI_XML_FILE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "pugixml.hpp"

namespace diarflow {

// Text comes out as UTF-8, whatever the file is in: UTF-8 or what its first line declares, ISO-8859-1.
class XmlFile {
 public:
  // kInvalidArgument, "path:line: ...": no XML, or XML that is cut off; another encoding. Errors of ReadFile().
  static absl::StatusOr<std::unique_ptr<XmlFile>> Read(const std::string& path);

  // The outermost element.
  pugi::xml_node root() const { return document_.document_element(); }

  // "path:12", the line in which the element begins.
  std::string Where(const pugi::xml_node& node) const;

 private:
  XmlFile() = default;
  // The line, from 1, of a position in the text as UTF-8.
  int64_t LineAt(std::ptrdiff_t position) const;

  std::string path_;
  std::vector<std::ptrdiff_t> line_ends_;  // in the text as UTF-8
  pugi::xml_document document_;
};

}  // namespace diarflow

#endif  // DIARFLOW_DATASETS_AMI_XML_FILE_H_
