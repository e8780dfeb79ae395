// The option `device` of every resource that has a network: its name is looked at when a pipeline is checked, whether
// there is such a GPU when the resource is loaded. On the CPU, said or not, a network is the same.
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/float_array.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/text_format.h"
#include "graph/config_loader.h"
#include "graph/registry.h"
#include "graph/runtime.h"
#include "graph/validator.h"
#include "gtest/gtest.h"
#include "models/device/device.h"
#include "nodes/adapter_model.h"
#include "nodes/adapter_model.pb.h"
#include "nodes/campplus_model.h"
#include "nodes/campplus_model.pb.h"
#include "nodes/mimi_model.h"
#include "nodes/mimi_model.pb.h"
#include "nodes/payloads.h"
#include "nodes/segmentation_model.h"
#include "nodes/segmentation_model.pb.h"
#include "nodes/titanet_model.h"
#include "nodes/titanet_model.pb.h"
#include "nodes/trainer.h"
#include "nodes/voice_model.h"

namespace diarflow {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;

// A source without items, for a pipeline that uses a resource and does nothing else.
template <typename Resource>
class IdleNode : public SourceNode {
 public:
  static constexpr Uses<Resource> kModel{"MODEL"};
  static constexpr Out<Frames> kFrames{"FRAMES"};
  static void Contract(ContractBuilder& contract) { contract.Summary("Nothing.").Resource(kModel).Output(kFrames); }
  absl::StatusOr<bool> Next(SourceContext& item) override { return false; }
};

using IdleAdapter = IdleNode<AdapterModelResource>;
using IdleCampplus = IdleNode<CampplusModelResource>;
using IdleMimi = IdleNode<MimiModelResource>;
using IdleSegmentation = IdleNode<SegmentationModelResource>;
using IdleTitanet = IdleNode<TitanetModelResource>;
using IdleTrainer = IdleNode<TrainerResource>;
using IdleVoices = IdleNode<VoiceModelResource>;
DIARFLOW_REGISTER_NODE("IdleAdapterModel", IdleAdapter);
DIARFLOW_REGISTER_NODE("IdleCampplusModel", IdleCampplus);
DIARFLOW_REGISTER_NODE("IdleMimiModel", IdleMimi);
DIARFLOW_REGISTER_NODE("IdleSegmentationModel", IdleSegmentation);
DIARFLOW_REGISTER_NODE("IdleTitanetModel", IdleTitanet);
DIARFLOW_REGISTER_NODE("IdleTrainer", IdleTrainer);
DIARFLOW_REGISTER_NODE("IdleVoiceModel", IdleVoices);

// A resource and its options, in which DEVICE and FOLDER stand for those.
struct Case {
  std::string type;
  std::string options;
};

std::vector<Case> Cases() {
  return {{"AdapterModel", "device: 'DEVICE'"},
          {"CampplusModel", "device: 'DEVICE'"},
          {"MimiModel", "device: 'DEVICE'"},
          {"SegmentationModel", "device: 'DEVICE'"},
          {"TitanetModel", "device: 'DEVICE'"},
          {"Trainer", "device: 'DEVICE' folder: 'FOLDER/adapter'"},
          {"Trainer",
           "device: 'DEVICE' folder: 'FOLDER/front' adapter { config { input_width: 128 } unfrozen { layers: 1 } }"},
          {"Trainer", "device: 'DEVICE' folder: 'FOLDER/codec' codec {}"},
          {"VoiceModel", "campplus { device: 'DEVICE' }"},
          {"VoiceModel", "network: TITANET titanet { seed: 1 device: 'DEVICE' }"}};
}

class DevicesTest : public testing::TestWithParam<Case> {
 protected:
  static absl::StatusOr<Plan> Check(const std::string& device) {
    const std::string options =
        absl::StrReplaceAll(GetParam().options, {{"DEVICE", device}, {"FOLDER", testing::TempDir()}});
    const std::string text =
        absl::StrCat("name: 'devices' resource { name: 'model' type: '", GetParam().type, "' options { [diarflow/",
                     GetParam().type, "] { ", options, " } } } node { type: 'Idle", GetParam().type,
                     "' resource: 'MODEL:model' output: 'FRAMES:frames' }");
    ASSIGN_OR_RETURN(const Pipeline pipeline, Pipeline::Parse(text, "devices"));
    return Validate(pipeline);
  }
};

TEST_P(DevicesTest, AnUnknownNameIsFoundBeforeAnythingIsLoaded) {
  for (const char* device : {"gpu", "cuda:x", ""}) {
    EXPECT_THAT(Check(device),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         AllOf(HasSubstr("\"model\""), HasSubstr(absl::StrCat("device is \"", device, "\"")),
                               HasSubstr("it may be \"cpu\", \"cuda\""))));
  }
}

// A GPU that is not there is none when the pipeline is checked: it may run elsewhere.
TEST_P(DevicesTest, AMissingGpuIsFoundWhenTheResourceIsLoaded) {
  ASSERT_OK_AND_ASSIGN(const Plan plan, Check("cuda:127"));
  EXPECT_THAT(RunPlan(plan, {}), StatusIs(absl::StatusCode::kFailedPrecondition,
                                          AllOf(HasSubstr("model"), HasSubstr("device is \"cuda:127\", but "))));
}

TEST_P(DevicesTest, TheCpuIsAlwaysThere) {
  ASSERT_OK_AND_ASSIGN(const Plan plan, Check("cpu"));
  ASSERT_OK_AND_ASSIGN(const RunReport report, RunPlan(plan, {}));
  EXPECT_EQ(ExitCode(report), 0) << report.error();
}

TEST_P(DevicesTest, TheFirstGpuIsLoadedWhereThereIsOne) {
  if (!OpenDevice("cuda").ok()) GTEST_SKIP() << "no GPU here";
  ASSERT_OK_AND_ASSIGN(const Plan plan, Check("cuda"));
  ASSERT_OK_AND_ASSIGN(const RunReport report, RunPlan(plan, {}));
  EXPECT_EQ(ExitCode(report), 0) << report.error();
}

INSTANTIATE_TEST_SUITE_P(AllNetworks, DevicesTest, testing::ValuesIn(Cases()),
                         [](const auto& info) { return absl::StrCat(info.param.type, info.index); });

bool HasDevice(const google::protobuf::Descriptor& message) {
  for (int i = 0; i < message.field_count(); ++i) {
    const google::protobuf::FieldDescriptor& field = *message.field(i);
    if (field.name() == "device" || (field.message_type() != nullptr && HasDevice(*field.message_type()))) return true;
  }
  return false;
}

TEST(AllDevicesTest, NoResourceIsLeftOut) {
  std::set<std::string> tested, with_device;
  for (const Case& made : Cases()) tested.insert(made.type);
  for (const std::string& type : Registry::Global().ResourceTypes()) {
    const google::protobuf::Message* options = Registry::Global().FindResource(type)->contract().options.prototype;
    if (options != nullptr && HasDevice(*options->GetDescriptor())) with_device.insert(type);
  }
  EXPECT_THAT(with_device, ElementsAreArray(tested));
}

TEST(AllDevicesTest, MimiOfATrainerIsWhereTheTrainerIs) {
  ASSERT_OK_AND_ASSIGN(
      const Pipeline pipeline,
      Pipeline::Parse(
          "name: 'devices' resource { name: 'model' type: 'Trainer' options { [diarflow/Trainer] { adapter { "
          "config { input_width: 128 } unfrozen { mimi { device: 'cpu' } } } } } } "
          "node { type: 'IdleTrainer' resource: 'model' output: 'frames' }",
          "devices"));
  EXPECT_THAT(Validate(pipeline),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("unfrozen.mimi.device is set")));
}

// What a resource gives with the options, by a function of it.
template <typename Resource, typename Options, typename Function>
FloatArray Result(const std::string& text, Function function) {
  Options options;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &options));
  const auto resource = Resource::Load(ResourceContext(&options, /*model_threads=*/1));
  EXPECT_OK(resource);
  const absl::StatusOr<std::vector<FloatArray>> results = function(**resource);
  EXPECT_OK(results);
  return results->front();
}

FloatArray Noise(std::vector<int64_t> shape) {
  FloatArray noise = FloatArray::Zeros(shape);
  Random random(7);
  for (int64_t i = 0; i < noise.size(); ++i) noise.mutable_data()[i] = static_cast<float>(random.Uniform(-0.5, 0.5));
  return noise;
}

template <typename Resource, typename Options, typename Function>
void ExpectTheSame(const std::string& options, Function function) {
  const FloatArray unsaid = Result<Resource, Options>(options, function);
  const FloatArray said = Result<Resource, Options>(options + " device: 'cpu'", function);
  EXPECT_EQ(unsaid.shape(), said.shape());
  EXPECT_EQ(std::vector<float>(said.begin(), said.end()), std::vector<float>(unsaid.begin(), unsaid.end()));
}

TEST(AllDevicesTest, TheCpuSaidOrNotIsTheSame) {
  const FloatArray second = Noise({24000});
  ExpectTheSame<MimiModelResource, options::MimiModel>(
      "", [&](const auto& model) { return model.encoder->Encode({second}, MimiTap::kLatent12); });
  ExpectTheSame<TitanetModelResource, options::TitanetModel>(
      "", [&](const auto& model) { return model.encoder->Embed({second}); });
  ExpectTheSame<CampplusModelResource, options::CampplusModel>(
      "", [&](const auto& model) { return model.encoder->Embed({second}); });
  ExpectTheSame<SegmentationModelResource, options::SegmentationModel>(
      "", [&](const auto& model) { return model.model->Classify({second}); });
  ExpectTheSame<AdapterModelResource, options::AdapterModel>(
      "config { input_width: 8 }", [&](const auto& model) { return model.adapter->Logits({Noise({50, 8})}); });
}

}  // namespace
}  // namespace diarflow
