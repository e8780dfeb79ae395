#include "metrics/session_order_error.h"

#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/status_macros.h"

namespace diarflow {
namespace {

absl::Status CheckLabels(absl::string_view whose, const ChannelLabels& labels) {
  if (labels.num_channels > 0 && labels.active.size() % static_cast<size_t>(labels.num_channels) == 0) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat("the ", whose, " has ", labels.active.size(), " labels for ",
                                                 labels.num_channels, " channels: this is no whole number of frames"));
}

}  // namespace

double SessionOrderCounts::rate() const {
  if (speech == 0) return 0;
  return static_cast<double>(2 * (missed + false_alarm) + confusion_halves) / (2 * static_cast<double>(speech));
}

SessionOrderCounts& SessionOrderCounts::operator+=(const SessionOrderCounts& other) {
  speech += other.speech;
  missed += other.missed;
  false_alarm += other.false_alarm;
  confusion_halves += other.confusion_halves;
  return *this;
}

absl::StatusOr<SessionOrderCounts> CountSessionOrderErrors(const ChannelLabels& reference,
                                                           const ChannelLabels& hypothesis) {
  RETURN_IF_ERROR(CheckLabels("reference", reference));
  RETURN_IF_ERROR(CheckLabels("hypothesis", hypothesis));
  const auto channels = static_cast<size_t>(reference.num_channels);
  if (hypothesis.num_channels != reference.num_channels || hypothesis.active.size() != reference.active.size()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the reference has ", reference.active.size() / channels, " frames of ", channels, " channels, the hypothesis ",
        hypothesis.active.size() / static_cast<size_t>(hypothesis.num_channels), " of ", hypothesis.num_channels));
  }
  SessionOrderCounts counts;
  for (size_t frame = 0; frame < reference.active.size(); frame += channels) {
    int64_t in_reference = 0;
    int64_t in_hypothesis = 0;
    int64_t in_one = 0;
    for (size_t channel = frame; channel < frame + channels; ++channel) {
      const bool r = reference.active[channel] != 0;
      const bool h = hypothesis.active[channel] != 0;
      in_reference += r;
      in_hypothesis += h;
      in_one += r != h;
    }
    counts.speech += in_reference > 0;
    counts.missed += in_reference > 0 && in_hypothesis == 0;
    counts.false_alarm += in_reference == 0 && in_hypothesis > 0;
    if (in_reference > 0 && in_hypothesis > 0) counts.confusion_halves += in_one;
  }
  return counts.speech == 0 ? SessionOrderCounts() : counts;
}

absl::StatusOr<SessionOrderError> AverageSessionOrderErrors(const std::vector<SessionOrderCounts>& crops) {
  SessionOrderError error;
  double sum = 0;
  for (const SessionOrderCounts& crop : crops) {
    if (crop.speech == 0) continue;
    ++error.num_crops;
    sum += crop.rate();
    error.counts += crop;
  }
  if (error.num_crops == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("none of ", crops.size(), " crops has speech in its reference: there is no rate"));
  }
  error.mean_of_rates = sum / error.num_crops;
  error.pooled = error.counts.rate();
  return error;
}

}  // namespace diarflow
