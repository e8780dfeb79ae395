#include "datasets/simulator/check_options.h"

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "audio/time_grid.h"
#include "base/status_macros.h"

namespace diarflow {
namespace {

constexpr int kMaxSpeakers = 1000;
// 28 hours at 16 kHz are 1.6 10^9 samples.
constexpr double kMaxSessionSeconds = 100000;
constexpr double kLeastUtteranceSeconds = 0.5;

struct Range {
  const char* name;
  double value, low, high;
};

absl::Status CheckRanges(absl::Span<const Range> ranges) {
  for (const Range& range : ranges) {
    if (range.value >= range.low && range.value <= range.high) continue;
    return absl::InvalidArgumentError(
        absl::StrCat(range.name, " is ", range.value, "; it must lie between ", range.low, " and ", range.high));
  }
  return absl::OkStatus();
}

// A beta distribution of this mean has less variance than this.
absl::Status CheckShare(const char* what, double mean, double variance) {
  if (variance == 0 || mean == 0 || variance < mean * (1 - mean)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(what, "_variance is ", variance, "; with mean_", what, " ", mean,
                                                 " it must be below mean (1 - mean) = ", mean * (1 - mean)));
}

}  // namespace

absl::Status CheckConversationOptions(const ConversationOptions& options) {
  const Range kRanges[] = {
      {"num_speakers", static_cast<double>(options.num_speakers()), 1, kMaxSpeakers},
      {"session_length", options.session_length(), 0.1, kMaxSessionSeconds},
      {"sample_rate", static_cast<double>(options.sample_rate()), 1000, kMaxSampleRate},
      {"dominance_sd", options.dominance_sd(), 0, 100},
      {"min_dominance", options.min_dominance(), 0, 1},
      {"turn_probability", options.turn_probability(), 0, 1},
      {"sentence_length_r", options.sentence_length_r(), 1e-3, 1e4},
      {"sentence_length_p", options.sentence_length_p(), 1e-3, 1},
      {"mean_silence", options.mean_silence(), 0, 0.95},
      {"silence_variance", options.silence_variance(), 0, 1},
      {"mean_overlap", options.mean_overlap(), 0, 0.95},
      {"overlap_variance", options.overlap_variance(), 0, 1},
      {"gap_variation", options.gap_variation(), 0, 10},
      {"share_tolerance", options.share_tolerance(), 0, 1},
      {"min_single_silence", options.min_single_silence(), 0, kMaxSessionSeconds},
      {"max_single_silence", options.max_single_silence(), 0, kMaxSessionSeconds},
      {"min_single_overlap", options.min_single_overlap(), 0, kMaxSessionSeconds},
      {"max_single_overlap", options.max_single_overlap(), 0, kMaxSessionSeconds},
      {"enforce_from", options.enforce_from(), 0, 1},
      {"enforce_to", options.enforce_to(), 0, 1},
      {"end_buffer", options.end_buffer(), 0, kMaxSessionSeconds},
      {"lead", options.lead(), 0, 10},
      {"release", options.release(), 0, 10},
      {"window", options.window(), 0, 10},
      {"bridged_pause", options.bridged_pause(), 0, 10},
      {"volume_sd", options.volume_sd(), 0, 10},
      {"max_source_seconds", options.max_source_seconds(), 2.5, kMaxSessionSeconds},
  };
  RETURN_IF_ERROR(CheckRanges(kRanges));
  if (options.min_dominance() * options.num_speakers() > 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("min_dominance is ", options.min_dominance(), ", which ", options.num_speakers(),
                     " speakers cannot all have; it must be at most ", 1.0 / options.num_speakers()));
  }
  if (options.enforce_from() > options.enforce_to()) {
    return absl::InvalidArgumentError("enforce_from lies behind enforce_to");
  }
  const Range kPairs[] = {
      {"single_silence", options.min_single_silence(), 0, options.max_single_silence()},
      {"single_overlap", options.min_single_overlap(), 0, options.max_single_overlap()},
  };
  for (const Range& pair : kPairs) {
    if (pair.value > options.session_length()) {
      return absl::InvalidArgumentError(absl::StrCat("min_", pair.name, " is ", pair.value,
                                                     ", more than the session_length ", options.session_length()));
    }
    if (pair.high > 0 && pair.value > pair.high) {
      return absl::InvalidArgumentError(absl::StrCat("min_", pair.name, " is greater than max_", pair.name));
    }
  }
  RETURN_IF_ERROR(CheckShare("silence", options.mean_silence(), options.silence_variance()));
  return CheckShare("overlap", options.mean_overlap(), options.overlap_variance());
}

absl::Status CheckMixtureOptions(const MixtureOptions& options) {
  const Range kRanges[] = {
      {"min_overlap", options.min_overlap(), 0, 1},
      {"max_overlap", options.max_overlap(), 0, 1},
      {"max_utterance", options.max_utterance(), 0, kMaxSessionSeconds},
      {"min_utterance", options.min_utterance(), 0, kMaxSessionSeconds},
  };
  RETURN_IF_ERROR(CheckRanges(kRanges));
  if (options.min_overlap() > options.max_overlap()) {
    return absl::InvalidArgumentError(absl::StrCat("min_overlap is ", options.min_overlap(),
                                                   ", greater than max_overlap, which is ", options.max_overlap()));
  }
  if (options.max_utterance() == 0) return absl::OkStatus();
  if (options.max_utterance() < kLeastUtteranceSeconds) {
    return absl::InvalidArgumentError(absl::StrCat("max_utterance is ", options.max_utterance(),
                                                   "; it must be 0 (none) or at least ", kLeastUtteranceSeconds));
  }
  if (options.min_utterance() > options.max_utterance()) {
    return absl::InvalidArgumentError(absl::StrCat("min_utterance is ", options.min_utterance(),
                                                   ", more than max_utterance, which is ", options.max_utterance()));
  }
  return absl::OkStatus();
}

ConversationOptions ExpandQuirks(ConversationOptions options) {
  if (!options.quirks().all()) return options;
  ConversationOptions::Quirks* quirks = options.mutable_quirks();
  const google::protobuf::Descriptor* descriptor = quirks->GetDescriptor();
  for (int i = 0; i < descriptor->field_count(); ++i) {
    quirks->GetReflection()->SetBool(quirks, descriptor->field(i), true);
  }
  return options;
}

}  // namespace diarflow
