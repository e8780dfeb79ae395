#include "models/mimi/mimi.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "ATen/ops/empty.h"
#include "ATen/ops/from_blob.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/sha256.h"
#include "base/status_macros.h"
#include "models/layers/guarded.h"
#include "models/mimi/mimi_weights.h"
#include "models/mimi/network.h"
#include "models/mimi/stream_state.h"
#include "models/weights/safetensors.h"

namespace diarflow {
namespace {

// Audio that one pass of the network takes: bounds its work memory (some 200 megabytes at the released size), and long
// enough that weights are read seldom.
constexpr int64_t kSamplesPerPass = 24 * kMimiSampleRate;
constexpr int64_t kMaxPassFrames = 125;

absl::Status CheckAudio(absl::Span<const FloatArray> audio) {
  for (size_t item = 0; item < audio.size(); ++item) {
    const FloatArray& samples = audio[item];
    if (samples.shape().size() != 1) {
      return absl::InvalidArgumentError(absl::StrCat("Mimi: the audio of item ", item, " has the shape ",
                                                     samples.ShapeString(), "; one channel [N] is needed"));
    }
    if (samples.empty())
      return absl::InvalidArgumentError(absl::StrCat("Mimi: the audio of item ", item, " has no samples"));
    const auto bad = std::find_if(samples.begin(), samples.end(), [](float sample) { return !std::isfinite(sample); });
    if (bad != samples.end()) {
      return absl::InvalidArgumentError(absl::StrCat("Mimi: the audio of item ", item, " is ", *bad, " at sample ",
                                                     std::distance(samples.begin(), bad)));
    }
  }
  return absl::OkStatus();
}

// Samples [begin, begin + count) of every item, continued with zeros: [B, count].
at::Tensor CutPiece(absl::Span<const FloatArray> audio, int64_t begin, int64_t count) {
  at::Tensor piece = at::empty({static_cast<int64_t>(audio.size()), count});
  float* out = piece.mutable_data_ptr<float>();
  for (const FloatArray& samples : audio) {
    const int64_t copied = std::clamp<int64_t>(samples.size() - begin, 0, count);
    std::copy_n(samples.data() + (copied > 0 ? begin : 0), copied, out);
    std::fill_n(out + copied, count - copied, 0.0f);
    out += count;
  }
  return piece;
}

// Takes all items through the network, a pass at a time.
std::vector<FloatArray> RunPasses(const MimiNetwork& network, int64_t width, absl::Span<const FloatArray> audio,
                                  MimiTap tap, StreamState& state) {
  int64_t longest = 0;
  std::vector<FloatArray> results;
  for (const FloatArray& samples : audio) {
    longest = std::max(longest, samples.size());
    results.push_back(FloatArray::Zeros({MimiTapFrames(tap, samples.size()), width}));
  }
  const int64_t total = MimiTapFrames(MimiTap::kLatent12, longest) * kMimiFrameSamples;
  const int64_t frames = kSamplesPerPass / kMimiFrameSamples / static_cast<int64_t>(audio.size());
  const int64_t pass = std::clamp<int64_t>(frames, 1, kMaxPassFrames) * kMimiFrameSamples;
  for (int64_t begin = 0; begin < total; begin += pass) {
    const int64_t count = std::min(pass, total - begin);
    const at::Tensor frames_of_pass = network.Forward(CutPiece(audio, begin, count), tap, state, nullptr).contiguous();
    const float* source = frames_of_pass.const_data_ptr<float>();
    const int64_t first = MimiTapFrames(tap, begin);
    for (FloatArray& result : results) {
      const int64_t wanted = std::clamp<int64_t>(result.dim(0) - first, 0, frames_of_pass.size(1));
      if (wanted > 0) std::copy_n(source, wanted * width, result.mutable_data() + first * width);
      source += frames_of_pass.size(1) * width;
    }
  }
  return results;
}

}  // namespace

struct MimiState::Impl {
  std::string fingerprint;  // of the encoder that made it
  MimiTap tap;
  StreamState state;

  // What a snapshot must share with the state that it is put into.
  std::string Identity() const {
    return absl::StrCat("Mimi ", fingerprint, ", tap ", static_cast<int>(tap), ", ", state.batch(), " streams");
  }
};

MimiState::MimiState(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
MimiState::~MimiState() = default;
MimiState::MimiState(MimiState&&) noexcept = default;
MimiState& MimiState::operator=(MimiState&&) noexcept = default;

int64_t MimiState::batch() const { return impl_->state.batch(); }
MimiTap MimiState::tap() const { return impl_->tap; }
int64_t MimiState::position() const { return impl_->state.position; }
void MimiState::Reset() { impl_->state.Reset(); }
std::string MimiState::Snapshot() const { return impl_->state.Snapshot(impl_->Identity()); }
absl::Status MimiState::Restore(absl::string_view snapshot) {
  return impl_->state.Restore(snapshot, impl_->Identity());
}
size_t MimiState::ByteSize() const { return impl_->state.ByteSize(); }

struct MimiEncoder::Impl {
  MimiConfig config;
  std::string digest;
  std::string fingerprint;
  std::string description;
  bool trained;
  int64_t parameters;
  MimiNetwork network;

  static absl::StatusOr<Ptr> Make(const MimiConfig& config, const MimiWeights& weights, std::string digest,
                                  std::string description, bool trained);
};

absl::StatusOr<MimiEncoder::Ptr> MimiEncoder::Impl::Make(const MimiConfig& config, const MimiWeights& weights,
                                                         std::string digest, std::string description, bool trained) {
  int64_t parameters = 0;
  for (const auto& [name, values] : weights) parameters += absl::StartsWith(name, "quantizer.") ? 0 : values.size();
  Sha256 sha;
  sha.UpdateField("Mimi")
      .UpdateField(absl::StrCat(kMimiCodeVersion))
      .UpdateField(config.ShortDebugString())
      .UpdateField(digest);
  const std::string fingerprint = sha.HexDigest();
  return Guarded("Mimi", "building the network", [&]() -> absl::StatusOr<Ptr> {
    return Ptr(
        new MimiEncoder(std::unique_ptr<Impl>(new Impl{config, std::move(digest), fingerprint, std::move(description),
                                                       trained, parameters, MimiNetwork(config, weights)})));
  });
}

MimiEncoder::MimiEncoder(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
MimiEncoder::~MimiEncoder() = default;

absl::StatusOr<MimiEncoder::Ptr> MimiEncoder::Load(const std::string& path, const MimiConfig& config) {
  RETURN_IF_ERROR(CheckMimiConfig(config));
  ASSIGN_OR_RETURN(const TensorTable table, ReadSafetensors(path));
  return FromTensors(table, config, path.substr(path.rfind('/') + 1));
}

absl::StatusOr<MimiEncoder::Ptr> MimiEncoder::FromTensors(const TensorTable& tensors, const MimiConfig& config,
                                                          const std::string& name) {
  RETURN_IF_ERROR(CheckMimiConfig(config));
  const MimiConfig filled = FillMimiConfig(config);
  ASSIGN_OR_RETURN(const MimiWeights weights, TakeMimiWeights(tensors, filled));
  return Impl::Make(filled, weights, tensors.Digest(), absl::StrCat("Mimi, ", MimiSizeName(filled), ", weights ", name),
                    /*trained=*/true);
}

absl::StatusOr<MimiEncoder::Ptr> MimiEncoder::Random(const MimiConfig& config, uint64_t seed) {
  RETURN_IF_ERROR(CheckMimiConfig(config));
  const MimiConfig filled = FillMimiConfig(config);
  const MimiWeights weights = RandomMimiWeights(filled, seed);
  TensorTable table;
  for (const auto& [name, values] : weights) RETURN_IF_ERROR(table.AddFloats(name, values));
  const std::string size = MimiSizeName(filled);
  return Impl::Make(filled, weights, table.Digest(),
                    size == "small" ? absl::StrCat("untrained small Mimi (seed ", seed, ")")
                                    : absl::StrCat("untrained Mimi, ", size, " (seed ", seed, ")"),
                    /*trained=*/false);
}

absl::StatusOr<std::vector<FloatArray>> MimiEncoder::Encode(absl::Span<const FloatArray> audio, MimiTap tap) const {
  RETURN_IF_ERROR(CheckAudio(audio));
  if (audio.empty()) return std::vector<FloatArray>();
  return Guarded("Mimi", "encoding", [&]() -> absl::StatusOr<std::vector<FloatArray>> {
    StreamState state = impl_->network.NewState(static_cast<int64_t>(audio.size()), tap);
    return RunPasses(impl_->network, config().dimension(), audio, tap, state);
  });
}

absl::StatusOr<std::vector<MimiCodes>> MimiEncoder::EncodeCodes(absl::Span<const FloatArray> audio,
                                                                int codebooks) const {
  ASSIGN_OR_RETURN(const std::vector<FloatArray> latents, Encode(audio, MimiTap::kLatent12));
  std::vector<MimiCodes> results;
  for (const FloatArray& latent : latents) {
    ASSIGN_OR_RETURN(MimiCodes codes, Quantize(latent, codebooks));
    results.push_back(std::move(codes));
  }
  return results;
}

absl::StatusOr<MimiCodes> MimiEncoder::Quantize(const FloatArray& latent, int codebooks) const {
  const int all = impl_->network.quantizer().codebooks();
  if (codebooks < 0 || codebooks > all) {
    return absl::InvalidArgumentError(
        absl::StrCat("Mimi: ", codebooks, " codebooks are asked for, but there are ", all));
  }
  if (latent.shape().size() != 2 || latent.dim(1) != config().dimension()) {
    return absl::InvalidArgumentError(
        absl::StrCat("Mimi: latents must be [T, ", config().dimension(), "], not ", latent.ShapeString()));
  }
  const auto bad = std::find_if(latent.begin(), latent.end(), [](float value) { return !std::isfinite(value); });
  if (bad != latent.end()) {
    return absl::InvalidArgumentError(
        absl::StrCat("Mimi: the latent is ", *bad, " in frame ", std::distance(latent.begin(), bad) / latent.dim(1)));
  }
  return Guarded("Mimi", "quantising", [&]() -> absl::StatusOr<MimiCodes> {
    MimiCodes codes;
    codes.codebooks = codebooks == 0 ? all : codebooks;
    codes.frames = latent.dim(0);
    if (latent.empty()) return codes;
    // from_blob takes a mutable pointer; the quantiser only reads.
    const at::Tensor frames = at::from_blob(const_cast<float*>(latent.data()), latent.shape());
    codes.values = impl_->network.quantizer().Encode(frames, static_cast<int>(codes.codebooks)).codes;
    return codes;
  });
}

absl::StatusOr<MimiState> MimiEncoder::NewState(int64_t batch, MimiTap tap) const {
  if (batch < 1) return absl::InvalidArgumentError(absl::StrCat("Mimi: a state of ", batch, " streams is asked for"));
  return Guarded("Mimi", "making a state", [&]() -> absl::StatusOr<MimiState> {
    return MimiState(std::make_unique<MimiState::Impl>(
        MimiState::Impl{impl_->fingerprint, tap, impl_->network.NewState(batch, tap)}));
  });
}

absl::StatusOr<std::vector<FloatArray>> MimiEncoder::Step(MimiState& state, absl::Span<const FloatArray> audio) const {
  MimiState::Impl& impl = *state.impl_;
  if (impl.fingerprint != impl_->fingerprint) {
    return absl::InvalidArgumentError(
        "Mimi: the state was made by another encoder; make it with NewState() of this one");
  }
  if (static_cast<int64_t>(audio.size()) != impl.state.batch()) {
    return absl::InvalidArgumentError(absl::StrCat("Mimi: the state is of ", impl.state.batch(),
                                                   " streams, but the step has the audio of ", audio.size()));
  }
  RETURN_IF_ERROR(CheckAudio(audio));
  for (size_t item = 0; item < audio.size(); ++item) {
    const int64_t size = audio[item].size();
    if (size % kMimiFrameSamples == 0 && size == audio[0].size()) continue;
    return absl::InvalidArgumentError(absl::StrCat("Mimi: item ", item, " of a step has ", size,
                                                   " samples; all items need the same multiple of ", kMimiFrameSamples,
                                                   ": continue the last piece of a stream with zeros"));
  }
  return Guarded("Mimi", "encoding a step", [&]() -> absl::StatusOr<std::vector<FloatArray>> {
    return RunPasses(impl_->network, config().dimension(), audio, impl.tap, impl.state);
  });
}

const MimiConfig& MimiEncoder::config() const { return impl_->config; }
const std::string& MimiEncoder::weights_digest() const { return impl_->digest; }
const std::string& MimiEncoder::Fingerprint() const { return impl_->fingerprint; }
int64_t MimiEncoder::parameter_count() const { return impl_->parameters; }
bool MimiEncoder::trained() const { return impl_->trained; }
const std::string& MimiEncoder::Description() const { return impl_->description; }

}  // namespace diarflow
