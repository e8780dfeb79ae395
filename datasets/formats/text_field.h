// What may be written as a field of a format whose fields are separated by blanks.
#ifndef DIARFLOW_DATASETS_FORMATS_TEXT_FIELD_H_
#define DIARFLOW_DATASETS_FORMATS_TEXT_FIELD_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace diarflow {

// kInvalidArgument when `text` is empty, holds ASCII white space, or begins with ";;" (a comment); `what` says in the
// message what the field is: "the speaker".
absl::Status CheckTextField(absl::string_view what, absl::string_view text);

}  // namespace diarflow

#endif  // DIARFLOW_DATASETS_FORMATS_TEXT_FIELD_H_
