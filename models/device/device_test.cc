#include "models/device/device.h"

#include <string>
#include <tuple>

#include "ATen/Context.h"
#include "ATen/ops/arange.h"
#include "absl/strings/str_cat.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "models/device/torch_device.h"

namespace diarflow {
namespace {

using testing::HasSubstr;

TEST(DeviceTest, KnowsNames) {
  for (const auto& [name, gpu, whole] :
       {std::tuple("cpu", -1, "cpu"), std::tuple("cuda", 0, "cuda:0"), std::tuple("cuda:0", 0, "cuda:0"),
        std::tuple("cuda:1", 1, "cuda:1"), std::tuple("cuda:127", 127, "cuda:127")}) {
    ASSERT_OK_AND_ASSIGN(const ModelDevice device, ParseDevice(name));
    EXPECT_EQ(device.gpu, gpu) << name;
    EXPECT_EQ(device.is_cpu(), gpu < 0) << name;
    EXPECT_EQ(device.Name(), whole);
    EXPECT_OK(CheckDevice(name));
  }
}

TEST(DeviceTest, OtherNamesAreMistakes) {
  for (const char* name : {"", "gpu", "CPU", "cpu:0", "cuda:", "cuda:-1", "cuda:+1", "cuda: 1", "cuda:1x", "cuda:128",
                           "cuda:99999999999", "cuda1", " cuda"}) {
    EXPECT_THAT(ParseDevice(name),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("it may be \"cpu\", \"cuda\"")))
        << name;
    EXPECT_THAT(OpenDevice(name), StatusIs(absl::StatusCode::kInvalidArgument)) << name;
    EXPECT_THAT(CheckDevice(name), StatusIs(absl::StatusCode::kInvalidArgument)) << name;
  }
}

TEST(DeviceTest, TheCpuIsAlwaysThere) {
  ASSERT_OK_AND_ASSIGN(const ModelDevice device, OpenDevice("cpu"));
  EXPECT_TRUE(device.is_cpu());
  EXPECT_TRUE(TorchDevice(device).is_cpu());
}

// Where there are GPUs, the one behind the last is missing.
TEST(DeviceTest, SaysWhatIsMissingAndWhatToDo) {
  const std::string name = absl::StrCat("cuda:", at::getNumGPUs());
  EXPECT_THAT(OpenDevice(name),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       testing::AllOf(HasSubstr(absl::StrCat("device is \"", name, "\", but ")),
                                      testing::AnyOf(HasSubstr("set device: \"cpu\""), HasSubstr("cuda:0")))));
}

TEST(DeviceTest, GpusRoundNothing) {
  if (!OpenDevice("cuda").ok()) GTEST_SKIP() << "no GPU here";
  EXPECT_FALSE(at::globalContext().allowTF32CuBLAS());
  EXPECT_FALSE(at::globalContext().allowTF32CuDNN());
}

TEST(DeviceTest, TensorsThatAreThereAreNotCopied) {
  at::Tensor tensor = at::arange(6).view({2, 3}), undefined;
  const void* numbers = tensor.const_data_ptr();
  MoveTensors(at::kCPU, {&tensor, &undefined});
  EXPECT_EQ(tensor.const_data_ptr(), numbers);
  EXPECT_FALSE(undefined.defined());
  EXPECT_EQ(ToCpu(tensor).const_data_ptr(), numbers);
  EXPECT_TRUE(ToCpu(tensor.t()).is_contiguous());
}

TEST(DeviceTest, NumbersOfDevicesAreThoseOfLibTorch) {
  EXPECT_EQ(TorchDevice(ModelDevice{3}), at::Device("cuda:3"));
  EXPECT_EQ(TorchDevice(ModelDevice()), at::Device("cpu"));
}

}  // namespace
}  // namespace diarflow
