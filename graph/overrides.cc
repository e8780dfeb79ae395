#include "graph/overrides.h"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/types/span.h"
#include "base/status_macros.h"
#include "base/suggest.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/message.h"
#include "google/protobuf/text_format.h"
#include "re2/re2.h"

namespace diarflow {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::TextFormat;

std::vector<std::string> FieldNames(const Message& message) {
  std::vector<std::string> names;
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    names.push_back(message.GetDescriptor()->field(i)->name());
  }
  return names;
}

class LastError : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, google::protobuf::io::ColumnNumber column, const std::string& message) override {
    error_ = message;
  }
  const std::string& error() const { return error_; }

 private:
  std::string error_;
};

// A string is taken as it stands when it is `verbatim` or has no quotes.
absl::Status SetValue(const FieldDescriptor* field, absl::string_view value, bool verbatim, Message* message) {
  const bool unquoted = verbatim || value.empty() || (value.front() != '"' && value.front() != '\'');
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING && unquoted) {
    if (field->is_repeated())
      message->GetReflection()->AddString(message, field, std::string(value));
    else
      message->GetReflection()->SetString(message, field, std::string(value));
    return absl::OkStatus();
  }
  LastError error;
  TextFormat::Parser parser;
  parser.RecordErrorsTo(&error);
  if (parser.ParseFieldValueFromString(std::string(value), field, message)) return absl::OkStatus();
  std::string wanted = field->cpp_type_name();
  if (field->enum_type() != nullptr) {
    std::vector<std::string> values;
    for (int i = 0; i < field->enum_type()->value_count(); ++i) values.push_back(field->enum_type()->value(i)->name());
    wanted = absl::StrCat("one of ", absl::StrJoin(values, ", "), DidYouMean(value, values));
  }
  return absl::InvalidArgumentError(
      absl::StrCat("\"", value, "\" is no value for ", field->name(), ", which takes ", wanted));
}

// What a field is set to.
struct NewValue {
  // One, or all of a repeated field.
  std::vector<std::string> values;
  // They are as typed for themselves: without quotes, and without commas between several.
  bool verbatim = false;
  // Of several values for a field that is not repeated the last one counts; else they are an error.
  bool last_wins = false;
};

// Sets a path a.b.c below `message`, or only looks whether there is such a field when `value` is null; false when
// the first name is none of its fields.
absl::StatusOr<bool> SetPath(absl::Span<const std::string> path, const NewValue* value, Message* message) {
  const FieldDescriptor* field = message->GetDescriptor()->FindFieldByName(path[0]);
  if (field == nullptr) return false;
  if (path.size() > 1) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || field->is_repeated()) {
      return absl::InvalidArgumentError(absl::StrCat(field->name(), " has no fields of its own"));
    }
    Message* inner = message->GetReflection()->MutableMessage(message, field);
    ASSIGN_OR_RETURN(const bool found, SetPath(path.subspan(1), value, inner));
    if (!found) {
      return absl::InvalidArgumentError(
          absl::StrCat(field->name(), " has no field \"", path[1], "\"", DidYouMean(path[1], FieldNames(*inner))));
    }
    return true;
  }
  if (value == nullptr) return true;
  message->GetReflection()->ClearField(message, field);
  std::vector<std::string> values = value->values;
  if (field->is_repeated() && !value->verbatim) values = absl::StrSplit(value->values[0], ',');
  if (!field->is_repeated() && value->last_wins) values = {values.back()};
  if (!field->is_repeated() && values.size() != 1) {
    return absl::InvalidArgumentError(absl::StrCat(field->name(), " takes one value, these are ", values.size()));
  }
  const bool verbatim = value->verbatim && (field->is_repeated() || !value->last_wins);
  for (const std::string& part : values) RETURN_IF_ERROR(SetValue(field, part, verbatim, message));
  return true;
}

// Sets a path in the options of a node or resource. `own` holds its other settings and may be null.
absl::Status SetInPart(absl::string_view name, const OptionsContract& contract, absl::Span<const std::string> path,
                       const NewValue* value, google::protobuf::Any* options, Message* own) {
  std::vector<std::string> known;
  if (contract.prototype != nullptr) {
    std::unique_ptr<Message> message(contract.prototype->New());
    if (options->type_url().empty() || !options->UnpackTo(message.get())) message->Clear();
    ASSIGN_OR_RETURN(const bool found, SetPath(path, value, message.get()));
    if (found) {
      if (value != nullptr) options->PackFrom(*message);
      return absl::OkStatus();
    }
    known = FieldNames(*message);
  }
  if (own != nullptr) {
    // Of a node only what does not change the wiring.
    const bool is_node = own->GetDescriptor() == NodeConfig::descriptor();
    const std::vector<std::string> settings =
        is_node ? std::vector<std::string>{"batch", "concurrency", "enabled", "max_in_flight", "on_error"}
                : FieldNames(*own);
    known.insert(known.end(), settings.begin(), settings.end());
    if (std::find(settings.begin(), settings.end(), path[0]) != settings.end()) {
      return SetPath(path, value, own).status();
    }
  }
  return absl::InvalidArgumentError(
      absl::StrCat("\"", name, "\" has no field \"", path[0], "\"", DidYouMean(path[0], known)));
}

// SetField, or only the look-up when `value` is null.
absl::Status FindAndSet(absl::string_view target, const NewValue* value, Pipeline& pipeline, const Registry& registry) {
  const std::vector<std::string> path = absl::StrSplit(target, '.');
  if (path.size() < 2) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", target, "\" names no field: write NODE.FIELD, RESOURCE.FIELD or run.FIELD"));
  }
  const absl::Span<const std::string> field_path = absl::MakeConstSpan(path).subspan(1);
  GraphConfig& config = pipeline.mutable_config();
  std::vector<std::string> known = {"run"};
  if (path[0] == "run") {
    return SetInPart("run", OptionsContract(), field_path, value, nullptr, config.mutable_run());
  }
  for (NodeConfig& node : *config.mutable_node()) {
    known.push_back(node.name());
    if (node.name() != path[0]) continue;
    const NodeEntry* entry = registry.FindNode(node.type());
    const OptionsContract options = entry == nullptr ? OptionsContract() : entry->contract().options;
    google::protobuf::Any any = node.options();
    RETURN_IF_ERROR(SetInPart(path[0], options, field_path, value, &any, &node));
    if (!any.type_url().empty()) *node.mutable_options() = any;
    return absl::OkStatus();
  }
  for (SubgraphUse& use : pipeline.mutable_uses()) {
    known.push_back(use.config.name());
    if (use.config.name() != path[0]) continue;
    if (path[1] == "enabled") return SetPath(field_path, value, &use.config).status();
    return absl::InvalidArgumentError(
        absl::StrCat("\"", path[0], "\" is a sub-graph, of which only enabled can be set: ", "write NODE.", path[1],
                     " with one of the nodes ", absl::StrJoin(use.inside, ", ")));
  }
  for (ResourceConfig& resource : *config.mutable_resource()) {
    known.push_back(resource.name());
    if (resource.name() != path[0]) continue;
    const ResourceEntry* entry = registry.FindResource(resource.type());
    const OptionsContract options = entry == nullptr ? OptionsContract() : entry->contract().options;
    google::protobuf::Any any = resource.options();
    RETURN_IF_ERROR(SetInPart(path[0], options, field_path, value, &any, nullptr));
    if (!any.type_url().empty()) *resource.mutable_options() = any;
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat(pipeline.file_name(), " has no node or resource \"", path[0], "\"", DidYouMean(path[0], known)));
}

// Whether SetField would find the field.
absl::Status CheckTarget(absl::string_view target, const Pipeline& pipeline, const Registry& registry) {
  // Nothing is written without a value.
  return FindAndSet(target, nullptr, const_cast<Pipeline&>(pipeline), registry);
}

// "NODE.FIELD=VALUE".
absl::Status Assign(absl::string_view assignment, Pipeline& pipeline, const Registry& registry) {
  std::string target, value;
  // (?s): a value may hold newlines.
  if (!RE2::FullMatch(re2::StringPiece(assignment.data(), assignment.size()), R"((?s)([^=\s]+)=(.*))", &target,
                      &value)) {
    return absl::InvalidArgumentError(absl::StrCat(assignment, ": write NODE.FIELD=VALUE"));
  }
  const absl::Status status = SetField(target, value, pipeline, registry);
  if (status.ok()) return status;
  return absl::Status(status.code(), absl::StrCat(assignment, ": ", status.message()));
}

// Switches on the choices that `value` lists and off the others.
absl::Status SetChoices(const ParamConfig& param, absl::string_view value, Pipeline& pipeline,
                        const Registry& registry) {
  std::vector<std::string> known;
  for (const ParamChoice& choice : param.choice()) known.push_back(choice.name());
  const std::vector<std::string> listed = absl::StrSplit(value, ',', absl::SkipWhitespace());
  for (const std::string& name : listed) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    return absl::InvalidArgumentError(absl::StrCat("there is no \"", name, "\"", DidYouMean(name, known),
                                                   " (a list of: ", absl::StrJoin(known, ", "), ")"));
  }
  for (const ParamChoice& choice : param.choice()) {
    const bool on = std::find(listed.begin(), listed.end(), choice.name()) != listed.end();
    for (const std::string& target : choice.target()) {
      RETURN_IF_ERROR(SetField(target, on ? "true" : "false", pipeline, registry));
    }
    for (const std::string& assignment : choice.set()) {
      if (on) RETURN_IF_ERROR(Assign(assignment, pipeline, registry));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status SetField(absl::string_view target, absl::string_view value, Pipeline& pipeline, const Registry& registry) {
  const NewValue one = {{std::string(value)}};
  return FindAndSet(target, &one, pipeline, registry);
}

absl::Status SetFromAssignment(absl::string_view assignment, Pipeline& pipeline, const Registry& registry) {
  const absl::Status status = Assign(assignment, pipeline, registry);
  if (status.ok()) return status;
  return absl::Status(status.code(), absl::StrCat("--set ", status.message()));
}

absl::Status SetParams(const std::multimap<std::string, std::string>& flags, const std::vector<std::string>& arguments,
                       Pipeline& pipeline, const Registry& registry) {
  const auto params = pipeline.config().param();
  std::vector<std::string> known;
  bool arguments_taken = arguments.empty();
  for (int i = 0; i < params.size(); ++i) {
    const ParamConfig& param = params[i];
    known.push_back(param.name());
    const auto [given, given_end] = flags.equal_range(param.name());
    if (param.positional() && !arguments.empty()) {
      if (given != given_end) {
        return absl::InvalidArgumentError(
            absl::StrCat("\"", arguments[0], "\" and --", param.name(), " mean the same: give one of them"));
      }
      const NewValue values = {arguments, /*verbatim=*/true};
      RETURN_IF_ERROR(FindAndSet(param.target(), &values, pipeline, registry));
      arguments_taken = true;
      continue;
    }
    const char* environment = param.env().empty() ? nullptr : std::getenv(param.env().c_str());
    const bool from_environment = given == given_end && environment != nullptr && *environment != '\0';
    if (given == given_end && !from_environment) continue;
    NewValue values;
    for (auto it = given; it != given_end; ++it) values.values.push_back(it->second);
    if (from_environment) values.values.push_back(environment);
    values.verbatim = values.last_wins = values.values.size() > 1;
    const std::string& value = values.values.back();
    const absl::Status status = param.choice().empty() ? FindAndSet(param.target(), &values, pipeline, registry)
                                                       : SetChoices(param, value, pipeline, registry);
    if (status.ok()) continue;
    return absl::Status(
        status.code(), absl::StrCat(pipeline.WhereParam(i), ": ", from_environment ? "$" : "--",
                                    from_environment ? param.env() : param.name(), "=", value, ": ", status.message()));
  }
  for (const auto& [name, value] : flags) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      return absl::InvalidArgumentError(
          absl::StrCat(pipeline.file_name(), " declares no flag --", name, DidYouMean(name, known)));
    }
  }
  if (arguments_taken) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("\"", arguments[0], "\" is no flag: flags begin with --"));
}

absl::Status CheckParam(const ParamConfig& param, const Pipeline& pipeline, const Registry& registry) {
  if (param.choice().empty()) return CheckTarget(param.target(), pipeline, registry);
  if (param.has_target() || param.positional()) {
    return absl::InvalidArgumentError("a param with choices has no target and is not positional");
  }
  std::vector<std::string> names;
  for (const ParamChoice& choice : param.choice()) {
    if (std::find(names.begin(), names.end(), choice.name()) != names.end()) {
      return absl::InvalidArgumentError(absl::StrCat("there are two choices \"", choice.name(), "\""));
    }
    names.push_back(choice.name());
    if (choice.target().empty() && choice.set().empty()) {
      return absl::InvalidArgumentError(absl::StrCat("choice \"", choice.name(), "\" has neither target nor set"));
    }
    for (const std::string& target : choice.target()) RETURN_IF_ERROR(CheckTarget(target, pipeline, registry));
    for (const std::string& assignment : choice.set()) {
      // On a copy: the value is checked too.
      Pipeline changed = pipeline;
      RETURN_IF_ERROR(Assign(assignment, changed, registry));
    }
  }
  return absl::OkStatus();
}

}  // namespace diarflow
