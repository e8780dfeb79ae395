#include "cli/node_manual.h"

#include <string>
#include <utility>

#include "base/files.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.pb.h"
#include "graph/graph.pb.h"
#include "graph/registry.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

struct Sound {
  static constexpr char kPayloadName[] = "Sound";
};

struct Recipe {
  static constexpr char kResourceName[] = "Recipe";
  static void Contract(ContractBuilder& contract) { contract.Summary("How it is cooked.").Options<BatchConfig>(); }
  static absl::StatusOr<std::shared_ptr<const Recipe>> Load(const ResourceContext& context) {
    return std::make_shared<const Recipe>();
  }
};

class Cook : public MapNode {
 public:
  static void Contract(ContractBuilder& contract) {
    contract.Summary("Cooks sounds.")
        .Input(In<Sound>{"RAW"})
        .Input(OptionalIn<Sound>{"SPICE"})
        .Output(Out<Sound>{"DISH"})
        .Resource(Uses<Recipe>{"RECIPE"})
        .Resource(OptionallyUses<Recipe>{"SECOND"})
        .Options<NodeConfig>()
        .Concurrent();
  }
  absl::Status Process(ItemContext& item) const override { return absl::OkStatus(); }
};

class Silence : public CollectNode {
 public:
  static void Contract(ContractBuilder& contract) { contract.Summary("Ends it.").Input(In<Sound>{"ANY"}); }
  absl::Status Add(ItemContext& item) override { return absl::OkStatus(); }
  absl::Status Finish(FinishContext& context) override { return absl::OkStatus(); }
};

// Its options contain themselves.
class Endless : public Silence {
 public:
  static void Contract(ContractBuilder& contract) {
    contract.Summary("Has options in options.").Input(In<Sound>{"ANY"}).Options<google::protobuf::DescriptorProto>();
  }
};

Registry SmallRegistry() {
  Registry registry;
  registry.AddNode(NodeEntryOf<Silence>("Silence"), __FILE__, __LINE__);
  registry.AddNode(NodeEntryOf<Cook>("Cook"), __FILE__, __LINE__);
  registry.AddResource(ResourceEntryOf<Recipe>("Recipe"), __FILE__, __LINE__);
  return registry;
}

TEST(NodeManualTest, PrintsText) {
  ASSERT_OK_AND_ASSIGN(const std::string cook, NodeManual({"Cook"}, ManualFormat::kText, SmallRegistry()));
  EXPECT_THAT(cook, HasSubstr("Cook (Map, several items at once)\n"
                              "  Cooks sounds.\n"
                              "  inputs     RAW: Sound\n"
                              "             SPICE: Sound (optional)\n"
                              "  outputs    DISH: Sound\n"
                              "  resources  RECIPE: Recipe\n"
                              "             SECOND: Recipe (optional)\n"
                              "  options    name: string\n"));
  EXPECT_THAT(cook, HasSubstr("             input: repeated string\n"));
  EXPECT_THAT(cook, HasSubstr("             concurrency: int32 = 0\n"));
  EXPECT_THAT(cook, HasSubstr("             batch: BatchConfig\n             batch.size: int32 = 8\n"));
  EXPECT_THAT(cook, HasSubstr("             on_error: SKIP_ITEM or FAIL_RUN = SKIP_ITEM\n"));
  ASSERT_OK_AND_ASSIGN(const std::string all, NodeManual({}, ManualFormat::kText, SmallRegistry()));
  EXPECT_THAT(all, HasSubstr("\n\nSilence (Collect)\n  Ends it.\n  inputs     ANY: Sound\n\n"
                             "Recipe (Resource)\n  How it is cooked.\n  options    size: int32 = 8\n"));
}

TEST(NodeManualTest, PrintsMarkdown) {
  ASSERT_OK_AND_ASSIGN(const std::string recipe, NodeManual({"Recipe"}, ManualFormat::kMarkdown, SmallRegistry()));
  EXPECT_EQ(recipe,
            "### Recipe\n\nHow it is cooked.\n\n"
            "| option | type | default |\n|---|---|---|\n| `size` | int32 | `8` |\n");
  ASSERT_OK_AND_ASSIGN(const std::string silence, NodeManual({"Silence"}, ManualFormat::kMarkdown, SmallRegistry()));
  EXPECT_EQ(silence, "### Silence\n\nEnds it.\n\n- kind: Collect\n- inputs: `ANY: Sound`\n");
}

TEST(NodeManualTest, OptionsThatContainThemselvesEnd) {
  Registry registry;
  registry.AddNode(NodeEntryOf<Endless>("Endless"), __FILE__, __LINE__);
  ASSERT_OK_AND_ASSIGN(const std::string text, NodeManual({"Endless"}, ManualFormat::kText, registry));
  EXPECT_THAT(text, HasSubstr(" nested_type: repeated DescriptorProto\n"));
  EXPECT_THAT(text, Not(HasSubstr("nested_type.nested_type")));
}

TEST(NodeManualTest, NamesTheNearestName) {
  EXPECT_THAT(NodeManual({"Coock"}, ManualFormat::kText, SmallRegistry()),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("\"Coock\"; did you mean \"Cook\"?")));
  EXPECT_THAT(NodeManual({"Recip"}, ManualFormat::kText, SmallRegistry()),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("did you mean \"Recipe\"?")));
}

TEST(NodeManualTest, ThePageIsUpToDate) {
  ASSERT_OK_AND_ASSIGN(const std::string manual, NodeManual({}, ManualFormat::kMarkdown));
  ASSERT_OK_AND_ASSIGN(const std::string path, ResolvePath("runfiles:docs/nodes.md"));
  ASSERT_OK_AND_ASSIGN(const std::string page, ReadFile(path));
  EXPECT_TRUE(page == manual) << "docs/nodes.md is not what the nodes say; write it anew:\n"
                                 "  ./bazelw run //cli:diarflow -- nodes --format=markdown > docs/nodes.md";
}

}  // namespace
}  // namespace diarflow
