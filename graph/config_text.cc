#include "graph/config_text.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/suggest.h"
#include "google/protobuf/io/tokenizer.h"
#include "re2/re2.h"

namespace diarflow {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::TextFormat;

// Messages within messages in a text; deeper ones would end on the stack.
constexpr int kMaxDepth = 50;

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

template <typename Parts>
void CompleteNames(Parts* parts) {
  for (auto& part : *parts) {
    if (part.has_options()) UseFullName(part.mutable_options());
    if (!part.has_name()) part.set_name(part.type());
  }
}

}  // namespace

absl::StatusOr<std::shared_ptr<const ParsedFile>> ParseFile(absl::string_view text, const std::string& file_name,
                                                            const Registry& registry) {
  if (text.size() > kMaxPipelineBytes) {
    return absl::InvalidArgumentError(absl::StrCat(file_name, ": ", text.size(),
                                                   " bytes are no pipeline; the longest that is read has ",
                                                   kMaxPipelineBytes, " bytes"));
  }
  auto file = std::make_shared<ParsedFile>();
  file->name = file_name;
  OptionsFinder finder;
  FirstError error(file_name, registry);
  TextFormat::Parser parser;
  parser.SetFinder(&finder);
  parser.SetRecursionLimit(kMaxDepth);
  parser.RecordErrorsTo(&error);
  parser.WriteLocationsTo(&file->lines);
  if (!parser.ParseFromString(std::string(text), &file->config)) {
    return absl::InvalidArgumentError(error.error().empty() ? absl::StrCat(file_name, ": not a pipeline")
                                                            : error.error());
  }
  CompleteNames(file->config.mutable_node());
  CompleteNames(file->config.mutable_resource());
  for (SubgraphConfig& subgraph : *file->config.mutable_subgraph()) CompleteNames(subgraph.mutable_node());
  return file;
}

std::string WriteText(const GraphConfig& config) {
  TextFormat::Printer printer;
  printer.SetExpandAny(true);
  printer.SetUseUtf8StringEscaping(true);
  std::string text;
  printer.PrintToString(config, &text);
  RE2::GlobalReplace(&text, R"(\[type\.googleapis\.com/diarflow\.options\.(\w+)\])", R"([diarflow/\1])");
  return text;
}

SourcePlace::SourcePlace(std::shared_ptr<const ParsedFile> file, const std::string& list, int index)
    : file_(std::move(file)) {
  Enter(&file_->lines, GraphConfig::descriptor(), list, index);
}

SourcePlace SourcePlace::Inside(const std::string& list, int index) const {
  SourcePlace place = *this;
  place.Enter(tree_, descriptor_, list, index);
  return place;
}

void SourcePlace::Enter(const Tree* tree, const Descriptor* descriptor, const std::string& list, int index) {
  const FieldDescriptor* field = descriptor->FindFieldByName(list);
  const bool known = tree != nullptr && field != nullptr;
  if (known) line_ = std::max(line_, tree->GetLocation(field, index).line);
  tree_ = known ? tree->GetTreeForNested(field, index) : nullptr;
  descriptor_ = field == nullptr ? descriptor : field->message_type();
}

std::string SourcePlace::Where(const std::string& field, int element) const {
  int line = line_;
  const FieldDescriptor* inner = field.empty() || tree_ == nullptr ? nullptr : descriptor_->FindFieldByName(field);
  if (inner != nullptr)
    line = std::max(line, tree_->GetLocation(inner, inner->is_repeated() ? std::max(element, 0) : -1).line);
  return absl::StrCat(file_ == nullptr ? "" : file_->name, ":", line + 1);
}

}  // namespace diarflow
