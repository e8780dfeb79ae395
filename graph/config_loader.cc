#include "graph/config_loader.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/files.h"
#include "base/status_macros.h"
#include "base/suggest.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/text_format.h"
#include "re2/re2.h"

namespace diarflow {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::Message;
using google::protobuf::TextFormat;

constexpr char kShortPrefix[] = "diarflow/";
constexpr char kLongPrefix[] = "type.googleapis.com/";

// "[diarflow/Decode]" means the message diarflow.options.Decode.
std::string OptionsMessageName(absl::string_view type) { return absl::StrCat("diarflow.options.", type); }

class OptionsFinder : public TextFormat::Finder {
 public:
  const Descriptor* FindAnyType(const Message& message, const std::string& prefix,
                                const std::string& name) const override {
    const bool is_short = prefix == kShortPrefix;
    return DescriptorPool::generated_pool()->FindMessageTypeByName(is_short ? OptionsMessageName(name) : name);
  }
};

// Keeps the first error, and adds the near name that the parser does not know.
class FirstError : public google::protobuf::io::ErrorCollector {
 public:
  FirstError(std::string file_name, const Registry& registry) : file_name_(std::move(file_name)), registry_(registry) {}

  void AddError(int line, google::protobuf::io::ColumnNumber column, const std::string& message) override {
    if (!error_.empty()) return;
    error_ = absl::StrCat(file_name_, ":", line + 1, ":", column + 1, ": ", Explain(message));
  }
  const std::string& error() const { return error_; }

 private:
  std::string Explain(const std::string& message) const {
    std::string type, name;
    if (RE2::FullMatch(message, R"re(Message type "([^"]+)" has no field named "([^"]+)"\.?)re", &type, &name)) {
      std::vector<std::string> known;
      const Descriptor* descriptor = DescriptorPool::generated_pool()->FindMessageTypeByName(type);
      for (int i = 0; descriptor != nullptr && i < descriptor->field_count(); ++i) {
        known.push_back(descriptor->field(i)->name());
      }
      return absl::StrCat(type, " has no field \"", name, "\"", DidYouMean(name, known));
    }
    if (RE2::FullMatch(message, R"re(Could not find type "diarflow/([^"]+)" stored in google\.protobuf\.Any\.?)re",
                       &name)) {
      std::vector<std::string> known = registry_.NodeTypes();
      const std::vector<std::string> resources = registry_.ResourceTypes();
      known.insert(known.end(), resources.begin(), resources.end());
      return absl::StrCat("no node or resource takes options [diarflow/", name, "]", DidYouMean(name, known));
    }
    return message;
  }

  std::string file_name_;
  const Registry& registry_;
  std::string error_;
};

// [diarflow/Decode] is kept under the message's own name, so that the ordinary Any functions work.
void UseFullName(google::protobuf::Any* options) {
  absl::string_view url = options->type_url();
  if (absl::ConsumePrefix(&url, kShortPrefix)) {
    options->set_type_url(absl::StrCat(kLongPrefix, OptionsMessageName(url)));
  }
}

std::string FileStem(absl::string_view path) {
  const size_t slash = path.rfind('/');
  if (slash != absl::string_view::npos) path.remove_prefix(slash + 1);
  return std::string(path.substr(0, path.find('.')));
}

}  // namespace

struct Pipeline::Lines {
  TextFormat::ParseInfoTree tree;
};

Pipeline::Pipeline() : lines_(std::make_unique<Lines>()) {}
Pipeline::Pipeline(Pipeline&&) = default;
Pipeline& Pipeline::operator=(Pipeline&&) = default;
Pipeline::~Pipeline() = default;

absl::StatusOr<Pipeline> Pipeline::Parse(absl::string_view text, const std::string& file_name,
                                         const Registry& registry) {
  Pipeline pipeline;
  pipeline.file_name_ = file_name;
  OptionsFinder finder;
  FirstError error(file_name, registry);
  TextFormat::Parser parser;
  parser.SetFinder(&finder);
  parser.RecordErrorsTo(&error);
  parser.WriteLocationsTo(&pipeline.lines_->tree);
  if (!parser.ParseFromString(std::string(text), &pipeline.config_)) {
    return absl::InvalidArgumentError(error.error().empty() ? absl::StrCat(file_name, ": not a pipeline")
                                                            : error.error());
  }
  for (NodeConfig& node : *pipeline.config_.mutable_node()) {
    if (node.has_options()) UseFullName(node.mutable_options());
    if (!node.has_name()) node.set_name(node.type());
  }
  for (ResourceConfig& resource : *pipeline.config_.mutable_resource()) {
    if (resource.has_options()) UseFullName(resource.mutable_options());
    if (!resource.has_name()) resource.set_name(resource.type());
  }
  if (!pipeline.config_.has_name()) pipeline.config_.set_name(FileStem(file_name));
  return pipeline;
}

absl::StatusOr<Pipeline> Pipeline::Load(const std::string& path, const Registry& registry) {
  ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  return Parse(text, path, registry);
}

std::string Pipeline::Where(const std::string& list, int index, const std::string& field, int element) const {
  const auto* list_field = GraphConfig::descriptor()->FindFieldByName(list);
  int line = lines_->tree.GetLocation(list_field, index).line;
  if (!field.empty() && line >= 0) {
    const TextFormat::ParseInfoTree* inner = lines_->tree.GetTreeForNested(list_field, index);
    const auto* inner_field = list_field->message_type()->FindFieldByName(field);
    if (inner != nullptr && inner_field != nullptr) {
      const int inner_index = inner_field->is_repeated() ? std::max(element, 0) : -1;
      const int inner_line = inner->GetLocation(inner_field, inner_index).line;
      if (inner_line >= 0) line = inner_line;
    }
  }
  return absl::StrCat(file_name_, ":", std::max(line, 0) + 1);
}

std::string Pipeline::WhereNode(int index, const std::string& field, int element) const {
  return Where("node", index, field, element);
}
std::string Pipeline::WhereResource(int index, const std::string& field) const {
  return Where("resource", index, field, -1);
}
std::string Pipeline::WhereParam(int index) const { return Where("param", index, "target", -1); }
std::string Pipeline::WhereRun() const { return Where("run", -1, "", -1); }

std::string Pipeline::ToText() const {
  TextFormat::Printer printer;
  printer.SetExpandAny(true);
  printer.SetUseUtf8StringEscaping(true);
  std::string text;
  printer.PrintToString(config_, &text);
  RE2::GlobalReplace(&text, R"(\[type\.googleapis\.com/diarflow\.options\.(\w+)\])", R"([diarflow/\1])");
  return text;
}

}  // namespace diarflow
