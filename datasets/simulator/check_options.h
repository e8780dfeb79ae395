// Whether a conversation or a mixture can be simulated as asked.
#ifndef DIARFLOW_DATASETS_SIMULATOR_CHECK_OPTIONS_H_
#define DIARFLOW_DATASETS_SIMULATOR_CHECK_OPTIONS_H_

#include "absl/status/status.h"
#include "datasets/simulator/conversation_options.pb.h"
#include "datasets/simulator/mixture_options.pb.h"

namespace diarflow {

// kInvalidArgument, naming the option and what it may be: a value out of its range, or options that contradict each
// other.
absl::Status CheckConversationOptions(const ConversationOptions& options);

// The same of a mixture.
absl::Status CheckMixtureOptions(const MixtureOptions& options);

// `options` with quirks.all spelt out: every quirk set.
ConversationOptions ExpandQuirks(ConversationOptions options);

}  // namespace diarflow

#endif  // DIARFLOW_DATASETS_SIMULATOR_CHECK_OPTIONS_H_
