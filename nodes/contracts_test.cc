// What every registered node and resource says of itself: a contract that is whole, and options under its name.
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "graph/registry.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;
using ::google::protobuf::Reflection;
using ::google::protobuf::TextFormat;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

class ContractsTest : public testing::TestWithParam<std::string> {
 protected:
  // Of the node or resource.
  Contract Read() const {
    if (const NodeEntry* node = Registry::Global().FindNode(GetParam())) return node->contract();
    return Registry::Global().FindResource(GetParam())->contract();
  }
};

std::vector<std::string> AllTypes() {
  std::vector<std::string> types = Registry::Global().NodeTypes();
  for (const std::string& type : Registry::Global().ResourceTypes()) types.push_back(type);
  return types;
}

// All that a contract says, as text.
std::string Describe(const Contract& contract) {
  std::vector<std::string> words = {contract.summary, contract.concurrent ? "concurrent" : "one by one"};
  for (const auto& ports : {contract.inputs, contract.outputs}) {
    words.push_back("ports");
    for (const PortContract& port : ports)
      words.push_back(absl::StrCat(port.name, ":", port.type->name, port.optional));
  }
  for (const ResourceUse& use : contract.resources)
    words.push_back(absl::StrCat(use.name, ":", use.type, use.optional));
  words.push_back(contract.options.prototype == nullptr ? "-" : contract.options.prototype->GetTypeName());
  return absl::StrJoin(words, " ");
}

TEST_P(ContractsTest, TheContractIsWholeAndStable) {
  const Contract contract = Read();
  EXPECT_EQ(Describe(contract), Describe(Read()));
  EXPECT_THAT(contract.summary, MatchesRegex("[A-Z].*[.]"));
  EXPECT_THAT(contract.summary, Not(HasSubstr("\n")));
  std::set<std::string> inputs, outputs, uses;
  for (const PortContract& port : contract.inputs) EXPECT_TRUE(inputs.insert(port.name).second) << port.name;
  for (const PortContract& port : contract.outputs) EXPECT_TRUE(outputs.insert(port.name).second) << port.name;
  for (const ResourceUse& use : contract.resources) {
    EXPECT_TRUE(uses.insert(use.name).second) << use.name;
    EXPECT_NE(Registry::Global().FindResource(use.type), nullptr) << use.type;
  }
  for (const auto& names : {inputs, outputs, uses}) {
    for (const std::string& name : names) EXPECT_THAT(name, MatchesRegex("[A-Z][A-Z0-9_]*"));
  }
}

// Sets every field of `message`, with values unlike the defaults.
void SetAllFields(Message* message) {
  const Reflection* reflection = message->GetReflection();
  for (int i = 0; i < message->GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = message->GetDescriptor()->field(i);
    if (field->is_repeated()) continue;
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32: reflection->SetInt32(message, field, -1234567 - i); break;
      case FieldDescriptor::CPPTYPE_INT64: reflection->SetInt64(message, field, -(int64_t{1} << 60) - i); break;
      case FieldDescriptor::CPPTYPE_UINT32: reflection->SetUInt32(message, field, 4000000000u + i); break;
      case FieldDescriptor::CPPTYPE_UINT64: reflection->SetUInt64(message, field, (uint64_t{1} << 63) + i); break;
      case FieldDescriptor::CPPTYPE_DOUBLE: reflection->SetDouble(message, field, 1 / 3.0 + i); break;
      case FieldDescriptor::CPPTYPE_FLOAT:
        reflection->SetFloat(message, field, 1 / 3.0f + static_cast<float>(i));
        break;
      case FieldDescriptor::CPPTYPE_BOOL: reflection->SetBool(message, field, !field->default_value_bool()); break;
      case FieldDescriptor::CPPTYPE_STRING: reflection->SetString(message, field, "a \"b\"\n\xc3\xa9\\"); break;
      case FieldDescriptor::CPPTYPE_ENUM:
        reflection->SetEnum(message, field, field->enum_type()->value(field->enum_type()->value_count() - 1));
        break;
      case FieldDescriptor::CPPTYPE_MESSAGE: SetAllFields(reflection->MutableMessage(message, field)); break;
    }
  }
}

TEST_P(ContractsTest, OptionsCarryItsNameAndSurviveTheirText) {
  const OptionsContract contract = Read().options;
  if (contract.prototype == nullptr) return;
  EXPECT_EQ(contract.prototype->GetTypeName(), "diarflow.options." + GetParam());
  const std::unique_ptr<Message> options(contract.prototype->New());
  SetAllFields(options.get());
  std::string text;
  ASSERT_TRUE(TextFormat::PrintToString(*options, &text));
  const std::unique_ptr<Message> read(contract.prototype->New());
  ASSERT_TRUE(TextFormat::ParseFromString(text, read.get())) << text;
  EXPECT_EQ(read->SerializeAsString(), options->SerializeAsString()) << text;
  if (!contract.check) return;
  EXPECT_OK(contract.check(*contract.prototype));
  // An answer of any kind: the values make no sense.
  contract.check(*options).IgnoreError();
}

INSTANTIATE_TEST_SUITE_P(All, ContractsTest, testing::ValuesIn(AllTypes()),
                         [](const testing::TestParamInfo<std::string>& info) { return info.param; });

}  // namespace
}  // namespace diarflow
