#include "models/mimi/mimi.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <mutex>
#include <utility>

#include "ATen/ops/from_blob.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/sha256.h"
#include "base/status_macros.h"
#include "models/kernels/packed_matrix.h"
#include "models/layers/guarded.h"
#include "models/mimi/fast/fast_mimi_encoder.h"
#include "models/mimi/mimi_engine.h"
#include "models/mimi/mimi_weights.h"
#include "models/mimi/plain_engine.h"
#include "models/mimi/quantizer.h"
#include "models/mimi/stream_state.h"
#include "models/weights/safetensors.h"

namespace diarflow {
namespace {

// Audio that one pass of the network takes: bounds its work memory (some 50 megabytes at the released size), and long
// enough that weights are read seldom.
constexpr int64_t kSamplesPerPass = 24 * kMimiSampleRate;
constexpr int64_t kMaxPassFrames = 125;

absl::Status CheckAudio(const FloatArray& samples, size_t item) {
  if (samples.shape().size() != 1) {
    return absl::InvalidArgumentError(absl::StrCat("Mimi: the audio of item ", item, " has the shape ",
                                                   samples.ShapeString(), "; one channel [N] is needed"));
  }
  if (samples.empty())
    return absl::InvalidArgumentError(absl::StrCat("Mimi: the audio of item ", item, " has no samples"));
  const int64_t bad = samples.FirstNotFinite();
  if (bad < 0) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("Mimi: the audio of item ", item, " is ", samples[bad], " at sample ", bad));
}

// Encodes the items that a mask (empty: all) names, whose streams go on, into one array each.
std::vector<FloatArray> RunPasses(const MimiEngine& engine, int64_t width, absl::Span<const FloatArray> audio,
                                  const std::vector<bool>& exec_mask, MimiTap tap, StreamState& state,
                                  MimiEngine::Workspace* workspace, std::vector<MimiPiece>* pieces) {
  int64_t longest = 0, items = 0;
  std::vector<FloatArray> results(audio.size());
  for (size_t i = 0; i < audio.size(); ++i) {
    if (!exec_mask.empty() && !exec_mask[i]) continue;
    ++items;
    longest = std::max(longest, audio[i].size());
    results[i] = FloatArray::Zeros({MimiTapFrames(tap, audio[i].size()), width});
  }
  if (items == 0) return results;
  const int64_t total = MimiTapFrames(MimiTap::kLatent12, longest) * kMimiFrameSamples;
  const int64_t frames = kSamplesPerPass / kMimiFrameSamples / items;
  const int64_t pass = std::clamp<int64_t>(frames, 1, kMaxPassFrames) * kMimiFrameSamples;
  for (int64_t begin = 0; begin < total; begin += pass) {
    const int64_t count = std::min(pass, total - begin);
    const int64_t first = MimiTapFrames(tap, begin);
    pieces->clear();
    for (size_t i = 0; i < audio.size(); ++i) {
      // What has ended takes no part: its later frames are nobody's.
      if (results[i].empty() || results[i].dim(0) <= first) continue;
      pieces->push_back({audio[i].data() + begin, audio[i].size() - begin, static_cast<int64_t>(i)});
    }
    const float* source = engine.Forward(*pieces, count, tap, state, workspace);
    for (const MimiPiece& piece : *pieces) {
      FloatArray& result = results[static_cast<size_t>(piece.stream)];
      const int64_t wanted = std::min(result.dim(0) - first, MimiTapFrames(tap, count));
      std::copy_n(source, wanted * width, result.mutable_data() + first * width);
      source += MimiTapFrames(tap, count) * width;
    }
  }
  return results;
}

}  // namespace

MimiPrecision FastestMimiPrecision() { return HasFastBfloat16() ? MimiPrecision::kBfloat16 : MimiPrecision::kFloat32; }

struct MimiState::Impl {
  std::string fingerprint;  // of the encoder that made it
  MimiTap tap;
  StreamState state;
  // Kept between steps, so that they allocate little.
  std::unique_ptr<MimiEngine::Workspace> workspace;
  std::vector<MimiPiece> pieces;

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
int64_t MimiState::position(int64_t stream) const { return impl_->state.position(stream); }
void MimiState::Reset() { impl_->state.Reset(); }
void MimiState::Reset(int64_t stream) { impl_->state.Reset(stream); }
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
  MimiPrecision precision;
  std::unique_ptr<MimiEngine> engine;
  Quantizer quantizer;
  // Workspaces that no call of Encode() uses at the moment.
  mutable std::mutex mutex;
  mutable std::vector<std::unique_ptr<MimiEngine::Workspace>> idle;

  std::unique_ptr<MimiEngine::Workspace> TakeWorkspace() const;
  void GiveBack(std::unique_ptr<MimiEngine::Workspace> workspace) const;

  static absl::StatusOr<Ptr> Make(const MimiConfig& config, const MimiWeights& weights, std::string digest,
                                  std::string description, bool trained, MimiPrecision precision,
                                  const ModelDevice& device);
};

std::unique_ptr<MimiEngine::Workspace> MimiEncoder::Impl::TakeWorkspace() const {
  const std::lock_guard<std::mutex> lock(mutex);
  if (idle.empty()) return engine->NewWorkspace();
  std::unique_ptr<MimiEngine::Workspace> workspace = std::move(idle.back());
  idle.pop_back();
  return workspace;
}

void MimiEncoder::Impl::GiveBack(std::unique_ptr<MimiEngine::Workspace> workspace) const {
  const std::lock_guard<std::mutex> lock(mutex);
  idle.push_back(std::move(workspace));
}

absl::StatusOr<MimiEncoder::Ptr> MimiEncoder::Impl::Make(const MimiConfig& config, const MimiWeights& weights,
                                                         std::string digest, std::string description, bool trained,
                                                         MimiPrecision precision, const ModelDevice& device) {
  if (precision == MimiPrecision::kBfloat16 && !(device.is_cpu() && HasFastBfloat16())) {
    return absl::FailedPreconditionError(
        device.is_cpu()
            ? "Mimi: this CPU has no fast bfloat16 products (AVX512-BF16 or AMX); encode with the precision FLOAT32"
            : "Mimi: bfloat16 is for the CPU; on a GPU encode with the precision FLOAT32");
  }
  int64_t parameters = 0;
  for (const auto& [name, values] : weights) parameters += absl::StartsWith(name, "quantizer.") ? 0 : values.size();
  Sha256 sha;
  sha.UpdateField("Mimi")
      .UpdateField(absl::StrCat(kMimiCodeVersion))
      .UpdateField(config.ShortDebugString())
      .UpdateField(digest);
  if (!device.is_cpu()) sha.UpdateField("cuda");
  if (precision == MimiPrecision::kBfloat16) {
    sha.UpdateField("bfloat16");
    absl::StrAppend(&description, ", bfloat16");
  }
  return Guarded("Mimi", "building the network", [&]() -> absl::StatusOr<Ptr> {
    auto impl = std::unique_ptr<Impl>(new Impl{config,
                                               std::move(digest),
                                               sha.HexDigest(),
                                               std::move(description),
                                               trained,
                                               parameters,
                                               precision,
                                               device.is_cpu() ? MakeFastMimiEncoder(config, weights, precision)
                                                               : MakePlainMimiEngine(config, weights, device),
                                               Quantizer(config, weights),
                                               {},
                                               {}});
    return Ptr(new MimiEncoder(std::move(impl)));
  });
}

MimiEncoder::MimiEncoder(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
MimiEncoder::~MimiEncoder() = default;

absl::StatusOr<MimiEncoder::Ptr> MimiEncoder::Load(const std::string& path, const MimiConfig& config,
                                                   MimiPrecision precision) {
  RETURN_IF_ERROR(CheckMimiConfig(config));
  ASSIGN_OR_RETURN(const TensorTable table, ReadSafetensors(path));
  return FromTensors(table, config, path.substr(path.rfind('/') + 1), precision);
}

absl::StatusOr<MimiEncoder::Ptr> MimiEncoder::FromTensors(const TensorTable& tensors, const MimiConfig& config,
                                                          const std::string& name, MimiPrecision precision,
                                                          const ModelDevice& device) {
  RETURN_IF_ERROR(CheckMimiConfig(config));
  const MimiConfig filled = FillMimiConfig(config);
  ASSIGN_OR_RETURN(const MimiWeights weights, TakeMimiWeights(tensors, filled));
  return Impl::Make(filled, weights, tensors.Digest(), absl::StrCat("Mimi, ", MimiSizeName(filled), ", weights ", name),
                    /*trained=*/true, precision, device);
}

absl::StatusOr<MimiEncoder::Ptr> MimiEncoder::Random(const MimiConfig& config, uint64_t seed, MimiPrecision precision,
                                                     const ModelDevice& device) {
  RETURN_IF_ERROR(CheckMimiConfig(config));
  const MimiConfig filled = FillMimiConfig(config);
  const MimiWeights weights = RandomMimiWeights(filled, seed);
  TensorTable table;
  for (const auto& [name, values] : weights) RETURN_IF_ERROR(table.AddFloats(name, values));
  const std::string size = MimiSizeName(filled);
  return Impl::Make(filled, weights, table.Digest(),
                    size == "small" ? absl::StrCat("untrained small Mimi (seed ", seed, ")")
                                    : absl::StrCat("untrained Mimi, ", size, " (seed ", seed, ")"),
                    /*trained=*/false, precision, device);
}

absl::StatusOr<std::vector<FloatArray>> MimiEncoder::Encode(absl::Span<const FloatArray> audio, MimiTap tap) const {
  for (size_t item = 0; item < audio.size(); ++item) RETURN_IF_ERROR(CheckAudio(audio[item], item));
  if (audio.empty()) return std::vector<FloatArray>();
  return Guarded("Mimi", "encoding", [&]() -> absl::StatusOr<std::vector<FloatArray>> {
    StreamState state = impl_->engine->NewState(static_cast<int64_t>(audio.size()), tap);
    std::unique_ptr<MimiEngine::Workspace> workspace = impl_->TakeWorkspace();
    std::vector<MimiPiece> pieces;
    std::vector<FloatArray> results =
        RunPasses(*impl_->engine, config().dimension(), audio, {}, tap, state, workspace.get(), &pieces);
    impl_->GiveBack(std::move(workspace));
    return results;
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
  const int all = impl_->quantizer.codebooks();
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
    codes.values = impl_->quantizer.Encode(frames, static_cast<int>(codes.codebooks)).codes;
    return codes;
  });
}

absl::StatusOr<MimiState> MimiEncoder::NewState(int64_t batch, MimiTap tap) const {
  if (batch < 1) return absl::InvalidArgumentError(absl::StrCat("Mimi: a state of ", batch, " streams is asked for"));
  return Guarded("Mimi", "making a state", [&]() -> absl::StatusOr<MimiState> {
    return MimiState(std::make_unique<MimiState::Impl>(MimiState::Impl{
        impl_->fingerprint, tap, impl_->engine->NewState(batch, tap), impl_->engine->NewWorkspace(), {}}));
  });
}

absl::StatusOr<std::vector<FloatArray>> MimiEncoder::Step(MimiState& state, absl::Span<const FloatArray> audio,
                                                          const std::vector<bool>& exec_mask) const {
  MimiState::Impl& impl = *state.impl_;
  if (impl.fingerprint != impl_->fingerprint) {
    return absl::InvalidArgumentError(
        "Mimi: the state was made by another encoder; make it with NewState() of this one");
  }
  if (static_cast<int64_t>(audio.size()) != impl.state.batch()) {
    return absl::InvalidArgumentError(absl::StrCat("Mimi: the state is of ", impl.state.batch(),
                                                   " streams, but the step has the audio of ", audio.size()));
  }
  if (!exec_mask.empty() && exec_mask.size() != audio.size()) {
    return absl::InvalidArgumentError(absl::StrCat("Mimi: the mask of a step is for ", exec_mask.size(),
                                                   " streams, but the state is of ", audio.size()));
  }
  int64_t common = 0;
  for (size_t item = 0; item < audio.size(); ++item) {
    if (!exec_mask.empty() && !exec_mask[item]) continue;
    RETURN_IF_ERROR(CheckAudio(audio[item], item));
    const int64_t size = audio[item].size();
    if (common == 0) common = size;
    if (size % kMimiFrameSamples == 0 && size == common) continue;
    return absl::InvalidArgumentError(absl::StrCat("Mimi: item ", item, " of a step has ", size,
                                                   " samples; all items need the same multiple of ", kMimiFrameSamples,
                                                   ": continue the last piece of a stream with zeros"));
  }
  return Guarded("Mimi", "encoding a step", [&]() -> absl::StatusOr<std::vector<FloatArray>> {
    return RunPasses(*impl_->engine, config().dimension(), audio, exec_mask, impl.tap, impl.state, impl.workspace.get(),
                     &impl.pieces);
  });
}

const MimiConfig& MimiEncoder::config() const { return impl_->config; }
const std::string& MimiEncoder::weights_digest() const { return impl_->digest; }
const std::string& MimiEncoder::Fingerprint() const { return impl_->fingerprint; }
int64_t MimiEncoder::parameter_count() const { return impl_->parameters; }
bool MimiEncoder::trained() const { return impl_->trained; }
MimiPrecision MimiEncoder::precision() const { return impl_->precision; }
const std::string& MimiEncoder::Description() const { return impl_->description; }

}  // namespace diarflow
