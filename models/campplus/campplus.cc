#include "models/campplus/campplus.h"

#include <algorithm>
#include <cmath>
#include <exception>
#include <iterator>
#include <map>
#include <new>
#include <utility>

#include "ATen/ops/from_blob.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "audio/fbank.h"
#include "base/sha256.h"
#include "base/status_macros.h"
#include "c10/core/InferenceMode.h"
#include "models/campplus/campplus_weights.h"
#include "models/campplus/network.h"
#include "models/weights/open_weights.h"

namespace diarflow {
namespace {

// Frames that one pass of the network takes, all utterances together: some 20 megabytes of work memory.
constexpr int64_t kMaxPassFrames = 2000;

// LibTorch and the standard library throw: out of memory, or a mistake here.
template <typename Function>
auto CatchExceptions(absl::string_view doing, Function function) -> decltype(function()) {
  try {
    c10::InferenceMode guard;
    return function();
  } catch (const std::bad_alloc&) {
    return absl::ResourceExhaustedError(absl::StrCat("CAM++: no memory left while ", doing));
  } catch (const std::exception& error) {
    const std::string what = error.what();
    return absl::InternalError(absl::StrCat("CAM++: ", doing, " failed: ", what.substr(0, what.find('\n'))));
  }
}

}  // namespace

absl::Status CheckCampplusAudio(const FloatArray& samples) {
  if (samples.shape().size() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("CAM++: the audio has the shape ", samples.ShapeString(), "; one channel [N] is needed"));
  }
  const double seconds = static_cast<double>(samples.size()) / kCampplusSampleRate;
  if (samples.size() < kCampplusMinSamples) {
    return absl::OutOfRangeError(absl::StrFormat("CAM++: the audio has %d samples (%.3f s), at least %d are needed",
                                                 samples.size(), seconds, kCampplusMinSamples));
  }
  if (samples.size() > kCampplusMaxSamples) {
    return absl::OutOfRangeError(absl::StrFormat(
        "CAM++: the audio is %.1f s long, an utterance may have %d s: cut it into pieces and average their embeddings",
        seconds, kCampplusMaxSamples / kCampplusSampleRate));
  }
  const auto bad = std::find_if(samples.begin(), samples.end(), [](float sample) { return !std::isfinite(sample); });
  if (bad == samples.end()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("CAM++: the audio is ", *bad, " at sample ", std::distance(samples.begin(), bad)));
}

static_assert(kCampplusDimension == kCampplusEmbedding, "one size, known to the weights and to the world");

struct CampplusEncoder::Impl {
  std::string digest;
  std::string fingerprint;
  std::string description;
  bool trained;
  int64_t parameters;
  Fbank fbank;
  CampplusNetwork network;

  static absl::StatusOr<Ptr> Make(const CampplusWeights& weights, std::string digest, std::string description,
                                  bool trained);
  // Audio of one length.
  absl::Status EmbedPass(const std::vector<const FloatArray*>& audio, const std::vector<FloatArray*>& results) const;
};

absl::StatusOr<CampplusEncoder::Ptr> CampplusEncoder::Impl::Make(const CampplusWeights& weights, std::string digest,
                                                                 std::string description, bool trained) {
  Sha256 sha;
  sha.UpdateField("CAM++").UpdateField(absl::StrCat(kCampplusCodeVersion)).UpdateField(digest);
  const std::string fingerprint = sha.HexDigest();
  return CatchExceptions("building the network", [&]() -> absl::StatusOr<Ptr> {
    ASSIGN_OR_RETURN(Fbank fbank, Fbank::Create());
    return Ptr(new CampplusEncoder(std::unique_ptr<Impl>(
        new Impl{std::move(digest), fingerprint, std::move(description), trained, CountCampplusParameters(weights),
                 std::move(fbank), CampplusNetwork(weights, BatchNormForm::kFolded)})));
  });
}

absl::Status CampplusEncoder::Impl::EmbedPass(const std::vector<const FloatArray*>& audio,
                                              const std::vector<FloatArray*>& results) const {
  std::vector<FloatArray> owners;
  std::vector<at::Tensor> features;
  for (const FloatArray* samples : audio) {
    ASSIGN_OR_RETURN(const FloatArray energies, fbank.Compute(*samples));
    ASSIGN_OR_RETURN(FloatArray centred, SubtractMeanOverFrames(energies));
    features.push_back(at::from_blob(centred.mutable_data(), centred.shape()));
    owners.push_back(std::move(centred));
  }
  const at::Tensor embeddings = network.Forward(features, nullptr).contiguous();
  const float* numbers = embeddings.const_data_ptr<float>();
  for (FloatArray* result : results) {
    *result = FloatArray::Zeros({kCampplusDimension});
    std::copy_n(numbers, kCampplusDimension, result->mutable_data());
    numbers += kCampplusDimension;
    if (!std::all_of(result->begin(), result->end(), [](float value) { return std::isfinite(value); })) {
      return absl::InternalError("CAM++: the embedding is not finite: the weights are too large");
    }
  }
  return absl::OkStatus();
}

CampplusEncoder::CampplusEncoder(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
CampplusEncoder::~CampplusEncoder() = default;

absl::StatusOr<CampplusEncoder::Ptr> CampplusEncoder::Load(const std::string& path) {
  ASSIGN_OR_RETURN(const TensorTable table, OpenWeights(path));
  return FromTensors(table, path.substr(path.rfind('/') + 1));
}

absl::StatusOr<CampplusEncoder::Ptr> CampplusEncoder::FromTensors(const TensorTable& tensors, const std::string& name) {
  ASSIGN_OR_RETURN(const CampplusWeights weights, TakeCampplusWeights(tensors));
  return Impl::Make(weights, tensors.Digest(), absl::StrCat("CAM++, weights ", name), /*trained=*/true);
}

absl::StatusOr<CampplusEncoder::Ptr> CampplusEncoder::Random(uint64_t seed) {
  const CampplusWeights weights = RandomCampplusWeights(seed);
  TensorTable table;
  for (const auto& [name, values] : weights) RETURN_IF_ERROR(table.AddFloats(name, values));
  return Impl::Make(weights, table.Digest(), absl::StrCat("untrained CAM++ (seed ", seed, ")"), /*trained=*/false);
}

absl::StatusOr<std::vector<FloatArray>> CampplusEncoder::Embed(absl::Span<const FloatArray> audio) const {
  for (size_t item = 0; item < audio.size(); ++item) {
    if (absl::Status status = CheckCampplusAudio(audio[item]); !status.ok()) {
      return absl::Status(status.code(), absl::StrCat("item ", item, ": ", status.message()));
    }
  }
  std::vector<FloatArray> results(audio.size());
  std::map<int64_t, std::vector<size_t>> by_length;
  for (size_t item = 0; item < audio.size(); ++item) by_length[audio[item].size()].push_back(item);
  for (const auto& [length, items] : by_length) {
    const int64_t frames = impl_->fbank.grid().NumWholeFrames(length);
    const size_t at_once = static_cast<size_t>(std::max<int64_t>(1, kMaxPassFrames / frames));
    for (size_t begin = 0; begin < items.size(); begin += at_once) {
      std::vector<const FloatArray*> inputs;
      std::vector<FloatArray*> outputs;
      for (size_t i = begin; i < std::min(begin + at_once, items.size()); ++i) {
        inputs.push_back(&audio[items[i]]);
        outputs.push_back(&results[items[i]]);
      }
      RETURN_IF_ERROR(CatchExceptions("embedding", [&] { return impl_->EmbedPass(inputs, outputs); }));
    }
  }
  return results;
}

const std::string& CampplusEncoder::weights_digest() const { return impl_->digest; }
const std::string& CampplusEncoder::Fingerprint() const { return impl_->fingerprint; }
int64_t CampplusEncoder::parameter_count() const { return impl_->parameters; }
bool CampplusEncoder::trained() const { return impl_->trained; }
const std::string& CampplusEncoder::Description() const { return impl_->description; }

}  // namespace diarflow
