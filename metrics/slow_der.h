// Diarization scores the slow way, cell by cell and mapping by mapping: the oracle of the tests. Shares no code with
// what it checks.
#ifndef DIARFLOW_METRICS_SLOW_DER_H_
#define DIARFLOW_METRICS_SLOW_DER_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "diarization/turns.h"
#include "metrics/der.h"

namespace diarflow {

// Reference speaker -> hypothesis speaker; those without one are missing.
using SpeakerMap = std::map<std::string, std::string>;

// Every way to map some speakers of `reference` to different ones of `hypothesis`.
std::vector<SpeakerMap> AllMappings(const Recording& reference, const Recording& hypothesis);

// The same mapping by names.
SpeakerMap NamedMapping(const FileDer& file);

class SlowDer {
 public:
  // All times, the collar included, must be multiples of `cell` microseconds.
  SlowDer(const Recording& reference, const Recording& hypothesis, const std::optional<std::vector<TimeSpan>>& region,
          const DerOptions& options, int64_t cell);

  DerComponents Count(const SpeakerMap& mapping) const;
  // What the convention's mapping maximises.
  int64_t CommonTime(const SpeakerMap& mapping) const;
  // Of one reference speaker and the mapped one, in what is scored; 1 without a mapping, -1 for who says nothing there.
  double Jaccard(const std::string& speaker, const SpeakerMap& mapping) const;

 private:
  struct Cell {
    std::map<std::string, int64_t> reference;  // how many turns
    std::map<std::string, int64_t> hypothesis;
    bool scored = true;
  };

  const DerConvention convention_;
  const int64_t length_;
  std::vector<Cell> cells_;
};

}  // namespace diarflow

#endif  // DIARFLOW_METRICS_SLOW_DER_H_
