// The version of the program and its libraries: MAJOR.MINOR.PATCH.
#ifndef DIARFLOW_BASE_VERSION_H_
#define DIARFLOW_BASE_VERSION_H_

namespace diarflow {

inline constexpr char kVersion[] = "0.1.0";

}  // namespace diarflow

#endif  // DIARFLOW_BASE_VERSION_H_
