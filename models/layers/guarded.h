// No exception leaves a network: LibTorch and the standard library throw when memory runs out, or at a mistake here.
#ifndef DIARFLOW_MODELS_LAYERS_GUARDED_H_
#define DIARFLOW_MODELS_LAYERS_GUARDED_H_

#include <exception>
#include <new>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "c10/core/InferenceMode.h"
#include "c10/util/Exception.h"

namespace diarflow {

// Calls `function`, which gives a Status or StatusOr, without gradients. What it throws becomes a status that names the
// network ("CAM++") and what it was doing ("embedding"): kResourceExhausted for memory, else kInternal.
template <typename Function>
auto Guarded(absl::string_view network, absl::string_view doing, Function function) -> decltype(function()) {
  try {
    c10::InferenceMode guard;
    return function();
  } catch (const std::bad_alloc&) {
    return absl::ResourceExhaustedError(absl::StrCat(network, ": no memory left while ", doing));
  } catch (const c10::OutOfMemoryError&) {
    return absl::ResourceExhaustedError(absl::StrCat(network, ": no memory left on the GPU while ", doing));
  } catch (const std::exception& error) {
    const std::string what = error.what();
    return absl::InternalError(absl::StrCat(network, ": ", doing, " failed: ", what.substr(0, what.find('\n'))));
  }
}

}  // namespace diarflow

#endif  // DIARFLOW_MODELS_LAYERS_GUARDED_H_
