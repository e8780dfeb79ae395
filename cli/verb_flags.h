// Flags of a verb that takes no pipeline. They are the verb's own: absl's flags are shared by the whole program, where
// another verb's --format means something else.
#ifndef DIARFLOW_CLI_VERB_FLAGS_H_
#define DIARFLOW_CLI_VERB_FLAGS_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace diarflow {

struct VerbFlag {
  std::string name;
  // What stands behind the name in --help: "PATH"; empty for a switch.
  std::string value;
  std::string help;
};

struct VerbArguments {
  // By flag, in the order given; "true" or "false" for a switch.
  std::map<std::string, std::vector<std::string>> values;
  std::vector<std::string> positional;
  bool help = false;

  // The last value given, else `otherwise`.
  std::string Get(const std::string& name, absl::string_view otherwise) const;
  bool IsOn(const std::string& name) const { return Get(name, "false") == "true"; }
  bool Has(const std::string& name) const { return values.count(name) > 0; }
};

// --NAME=VALUE, --NAME VALUE, --SWITCH, --noSWITCH, --SWITCH=true, all also with one dash; what follows "--" is no
// flag.
// --help and -h set `help` wherever they stand. `arguments` begins with the program. kInvalidArgument for a flag that
// is not among `flags`, with the nearest name; for a missing or empty value; for a switch that is neither true nor
// false.
absl::StatusOr<VerbArguments> ParseVerbFlags(const std::vector<VerbFlag>& flags,
                                             const std::vector<std::string>& arguments);

// The place of the flag's value among `names`, the first by default. kInvalidArgument for another, with the nearest.
absl::StatusOr<int> Choice(const VerbArguments& arguments, const std::string& flag,
                           const std::vector<std::string>& names);

// An error says which flag it belongs to: the same kind of file is read for several.
absl::Status InFlag(const std::string& flag, const absl::Status& status);

// What a verb ends with: an error is printed, and it never started.
int ExitCodeOf(const absl::StatusOr<int>& code);

// A paragraph for each flag, broken into lines of at most 100 characters.
std::string VerbFlagsHelp(const std::vector<VerbFlag>& flags);

}  // namespace diarflow

#endif  // DIARFLOW_CLI_VERB_FLAGS_H_
