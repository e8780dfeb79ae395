// The files that a pipeline includes. Internal to graph/.
#ifndef DIARFLOW_GRAPH_INCLUDES_H_
#define DIARFLOW_GRAPH_INCLUDES_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "graph/config_text.h"
#include "graph/registry.h"

namespace diarflow {

// `main` and all that it includes, each file once, in the order of reading. A relative path is relative to the file
// that includes it; "runfiles:..." is a file that the build brought along.
// Errors, "FILE:LINE: ...": those of ReadFile and ParseFile; kInvalidArgument for files that include each other in a
// circle, and for an included file that holds more than sub-graphs and includes.
absl::StatusOr<std::vector<std::shared_ptr<const ParsedFile>>> LoadIncludes(std::shared_ptr<const ParsedFile> main,
                                                                            const Registry& registry);

}  // namespace diarflow

#endif  // DIARFLOW_GRAPH_INCLUDES_H_
