#include "cli/node_manual.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "base/suggest.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/text_format.h"
#include "graph/runtime.h"

namespace diarflow {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

struct Option {
  std::string name;
  std::string type;
  std::string value;  // the default; empty: none
};

struct Entry {
  std::string type;
  // "Source", "Batch", ... or "Resource".
  std::string kind;
  Contract contract;
};

std::string TypeOf(const FieldDescriptor& field) {
  std::string type = field.cpp_type_name();
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
    std::vector<std::string> names;
    for (int i = 0; i < field.enum_type()->value_count(); ++i) names.push_back(field.enum_type()->value(i)->name());
    type = absl::StrJoin(names, " or ");
  } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
    type = field.message_type()->name();
  }
  return field.is_repeated() ? absl::StrCat("repeated ", type) : type;
}

// `path`: the messages that we are in, so that one which contains itself ends.
void AddOptions(const Message& prototype, const std::string& prefix, std::vector<const Descriptor*> path,
                std::vector<Option>* options) {
  const Descriptor* descriptor = prototype.GetDescriptor();
  path.push_back(descriptor);
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const FieldDescriptor* field = descriptor->field(i);
    Option option{prefix + field->name(), TypeOf(*field), ""};
    if (field->has_default_value()) {
      google::protobuf::TextFormat::PrintFieldValueToString(prototype, field, -1, &option.value);
    }
    options->push_back(std::move(option));
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (std::find(path.begin(), path.end(), field->message_type()) != path.end()) continue;
    const Message* inner = google::protobuf::MessageFactory::generated_factory()->GetPrototype(field->message_type());
    AddOptions(*inner, absl::StrCat(prefix, field->name(), "."), path, options);
  }
}

std::vector<Option> OptionsOf(const Contract& contract) {
  std::vector<Option> options;
  if (contract.options.prototype != nullptr) AddOptions(*contract.options.prototype, "", {}, &options);
  return options;
}

template <typename Port>
std::vector<std::string> PortLines(const std::vector<Port>& ports) {
  std::vector<std::string> lines;
  for (const PortContract& port : ports) {
    lines.push_back(absl::StrCat(port.name, ": ", port.type->name, port.optional ? " (optional)" : ""));
  }
  return lines;
}

std::vector<std::string> ResourceLines(const std::vector<ResourceUse>& resources) {
  std::vector<std::string> lines;
  for (const ResourceUse& use : resources) {
    lines.push_back(absl::StrCat(use.name, ": ", use.type, use.optional ? " (optional)" : ""));
  }
  return lines;
}

std::string Text(const Entry& entry) {
  const Contract& contract = entry.contract;
  std::string text = absl::StrCat(entry.type, " (", entry.kind, contract.concurrent ? ", several items at once" : "",
                                  ")\n  ", contract.summary, "\n");
  const auto add = [&text](const std::string& what, const std::vector<std::string>& lines) {
    for (size_t i = 0; i < lines.size(); ++i) {
      absl::StrAppend(&text, "  ", i == 0 ? what + std::string(11 - what.size(), ' ') : std::string(11, ' '), lines[i],
                      "\n");
    }
  };
  add("inputs", PortLines(contract.inputs));
  add("outputs", PortLines(contract.outputs));
  add("resources", ResourceLines(contract.resources));
  std::vector<std::string> options;
  for (const Option& option : OptionsOf(contract)) {
    options.push_back(absl::StrCat(option.name, ": ", option.type, option.value.empty() ? "" : " = ", option.value));
  }
  add("options", options);
  return text;
}

std::string Markdown(const Entry& entry) {
  const Contract& contract = entry.contract;
  std::string text = absl::StrCat("### ", entry.type, "\n\n", contract.summary, "\n\n");
  const auto add = [&text](const std::string& what, const std::vector<std::string>& lines) {
    if (!lines.empty()) absl::StrAppend(&text, "- ", what, ": `", absl::StrJoin(lines, "`, `"), "`\n");
  };
  if (entry.kind != "Resource") {
    absl::StrAppend(&text, "- kind: ", entry.kind, contract.concurrent ? ", several items at once" : "", "\n");
  }
  add("inputs", PortLines(contract.inputs));
  add("outputs", PortLines(contract.outputs));
  add("resources", ResourceLines(contract.resources));
  const std::vector<Option> options = OptionsOf(contract);
  if (!absl::EndsWith(text, "\n\n")) absl::StrAppend(&text, "\n");
  if (options.empty()) return text;
  absl::StrAppend(&text, "| option | type | default |\n|---|---|---|\n");
  for (const Option& option : options) {
    absl::StrAppend(&text, "| `", option.name, "` | ", option.type, " | ",
                    option.value.empty() ? "" : absl::StrCat("`", option.value, "`"), " |\n");
  }
  return absl::StrCat(text, "\n");
}

Entry EntryOf(const NodeEntry& node) { return {node.type, NodeKindName(node.kind), node.contract()}; }

Entry EntryOf(const ResourceEntry& resource) { return {resource.type, "Resource", resource.contract()}; }

constexpr char kMarkdownHead[] =
    "# Nodes and resources\n\n"
    "What a pipeline (docs/pipelines.md) may name as `type`, with ports, resources and options. `PORT: Type` says what "
    "travels through a port. The comments in `nodes/*.proto` explain the options; `diarflow nodes TYPE` prints one "
    "entry. This page is what `diarflow nodes --format=markdown` prints.\n\n";

}  // namespace

absl::StatusOr<std::string> NodeManual(const std::vector<std::string>& types, ManualFormat format,
                                       const Registry& registry) {
  const bool markdown = format == ManualFormat::kMarkdown;
  const auto print = [&](const Entry& entry) { return markdown ? Markdown(entry) : absl::StrCat(Text(entry), "\n"); };
  std::string text;
  if (types.empty()) {
    absl::StrAppend(&text, markdown ? kMarkdownHead : "", markdown ? "## Nodes\n\n" : "");
    for (const std::string& type : registry.NodeTypes()) text += print(EntryOf(*registry.FindNode(type)));
    if (markdown) text += "## Resources\n\n";
    for (const std::string& type : registry.ResourceTypes()) text += print(EntryOf(*registry.FindResource(type)));
  }
  for (const std::string& type : types) {
    const NodeEntry* node = registry.FindNode(type);
    const ResourceEntry* resource = registry.FindResource(type);
    if (node == nullptr && resource == nullptr) {
      std::vector<std::string> known = registry.NodeTypes();
      const std::vector<std::string> resources = registry.ResourceTypes();
      known.insert(known.end(), resources.begin(), resources.end());
      return absl::NotFoundError(absl::StrCat("there is no node or resource \"", type, "\"", DidYouMean(type, known)));
    }
    if (node != nullptr) text += print(EntryOf(*node));
    if (resource != nullptr) text += print(EntryOf(*resource));
  }
  // One newline at the end.
  return std::string(absl::StripSuffix(text, "\n"));
}

int NodesMain(const std::vector<std::string>& arguments) {
  std::vector<std::string> types;
  std::string format = "text";
  for (size_t i = 1; i < arguments.size(); ++i) {
    absl::string_view argument = arguments[i];
    if (absl::ConsumePrefix(&argument, "--format=")) {
      format = std::string(argument);
    } else if (argument == "--format" && i + 1 < arguments.size()) {
      format = arguments[++i];
    } else if (absl::StartsWith(argument, "-")) {
      std::fprintf(stderr, "diarflow nodes [TYPE...] [--format=text|markdown]: there is no flag %s\n",
                   arguments[i].c_str());
      return kExitBadConfiguration;
    } else {
      types.push_back(arguments[i]);
    }
  }
  if (format != "text" && format != "markdown") {
    std::fprintf(stderr, "--format is \"%s\", must be text or markdown\n", format.c_str());
    return kExitBadConfiguration;
  }
  const absl::StatusOr<std::string> manual =
      NodeManual(types, format == "text" ? ManualFormat::kText : ManualFormat::kMarkdown);
  if (!manual.ok()) {
    std::fprintf(stderr, "%s\n", std::string(manual.status().message()).c_str());
    return kExitBadConfiguration;
  }
  std::fwrite(manual->data(), 1, manual->size(), stdout);
  return 0;
}

}  // namespace diarflow
