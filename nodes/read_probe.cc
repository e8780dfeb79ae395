// ReadProbe: the utterances of a trial list, then those of other speakers for the training of a probe.
//
// The trials' come once each, in the order of their first mention, under the names that the list gives them; the others
// by speaker, in the order of their manifest. Nobody may be among both: a probe that is tested on people whom it was
// trained on shows what it has learned by heart.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "audio/time_grid.h"
#include "base/status_macros.h"
#include "diarization/turns.h"
#include "graph/registry.h"
#include "nodes/payloads.h"
#include "nodes/probe.h"
#include "nodes/read_probe.pb.h"
#include "nodes/speech_source.h"
#include "nodes/trial_list.h"

namespace diarflow {
namespace {

constexpr double kMostSeconds = 3600;

absl::Status CheckReadProbe(const options::ReadProbe& options) {
  for (const auto& [name, seconds] :
       {std::pair("least_seconds", options.least_seconds()), std::pair("piece_seconds", options.piece_seconds())}) {
    if (!(seconds >= 0 && seconds <= kMostSeconds)) {
      return absl::InvalidArgumentError(absl::StrCat(name, " is ", seconds, "; it may be 0 to ", kMostSeconds));
    }
  }
  if (options.piece_seconds() > 0 && options.piece_seconds() < options.least_seconds()) {
    return absl::InvalidArgumentError(absl::StrCat("piece_seconds is ", options.piece_seconds(),
                                                   ", less than least_seconds, ", options.least_seconds(),
                                                   ": every piece would be left out"));
  }
  return absl::OkStatus();
}

int64_t ToMicroseconds(double seconds) { return std::llround(seconds * kMicrosecondsPerSecond); }

class ReadProbeNode : public SourceNode {
 public:
  static constexpr Out<Utterance> kUtterance{"UTTERANCE"};
  static constexpr Out<ProbeRole> kRole{"ROLE"};
  static constexpr Uses<TrialListResource> kTrials{"TRIALS"};
  static constexpr OptionallyUses<SpeechSourceResource> kOthers{"OTHERS"};

  static void Contract(ContractBuilder& contract) {
    contract
        .Summary(
            "Every utterance of a trial list, once, then those of other speakers, for the training of a probe: nobody "
            "may be among both.")
        .Resource(kTrials)
        .Resource(kOthers)
        .Output(kUtterance)
        .Output(kRole)
        .Options<options::ReadProbe>(&CheckReadProbe);
  }

  absl::Status Open(OpenContext& context) override {
    const auto& options = context.options<options::ReadProbe>();
    trials_ = context.Get(kTrials);
    others_ = context.Get(kOthers);
    if (!options.others() || others_ == nullptr) return absl::OkStatus();
    RETURN_IF_ERROR(CheckDisjoint());
    least_ = ToMicroseconds(options.least_seconds());
    piece_ = ToMicroseconds(options.piece_seconds());
    for (const SourceSpeaker& speaker : others_->source->speakers()) {
      for (const SourceUtterance& utterance : speaker.utterances) RETURN_IF_ERROR(AddPieces(speaker, utterance));
    }
    if (!pieces_.empty()) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrCat("no utterance of OTHERS is as long as least_seconds, ",
                                                   options.least_seconds(), ": a smaller one takes more"));
  }

  absl::StatusOr<bool> Next(SourceContext& item) override {
    const std::vector<ListedUtterance>& listed = trials_->list.utterances;
    const size_t number = next_++;
    if (number < listed.size()) {
      const ListedUtterance& utterance = listed[number];
      item.SetItem(utterance.id);
      item.Set(kUtterance, Utterance{utterance.id, trials_->audio_paths[number], utterance.start, utterance.length});
      item.Set(kRole, ProbeRole{true, utterance.speaker});
      return true;
    }
    if (number - listed.size() >= pieces_.size()) return false;
    const Piece& piece = pieces_[number - listed.size()];
    // An utterance of a manifest may be called as one of the list is.
    const std::string name = absl::StrCat("to train on: ", piece.utterance.id);
    item.SetItem(name);
    item.Set(kUtterance, piece.utterance);
    item.Set(kRole, ProbeRole{false, *piece.speaker});
    return true;
  }

  int64_t ItemCount() const override { return static_cast<int64_t>(trials_->list.utterances.size() + pieces_.size()); }

 private:
  struct Piece {
    Utterance utterance;
    const std::string* speaker;
  };

  absl::Status CheckDisjoint() const {
    std::set<std::string> listed, both;
    for (const ListedUtterance& utterance : trials_->list.utterances) listed.insert(utterance.speaker);
    for (const SourceSpeaker& speaker : others_->source->speakers()) {
      if (listed.count(speaker.name) != 0) both.insert(speaker.name);
    }
    if (both.empty()) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrCat("OTHERS has speakers of the trials (", trials_->description,
                                                   "): ", absl::StrJoin(both, ", "),
                                                   "; leave them out of its manifest, or name them in its option "
                                                   "without_speaker"));
  }

  absl::Status AddPieces(const SourceSpeaker& speaker, const SourceUtterance& whole) {
    const int64_t length = piece_ > 0 ? piece_ : whole.duration;
    for (int64_t begin = 0; begin < whole.duration; begin += length) {
      const int64_t end = std::min(whole.duration, begin + length);
      if (end - begin < least_) break;
      Utterance utterance;
      utterance.id = whole.name;
      if (end - begin < whole.duration) {
        absl::StrAppend(&utterance.id, "#t=", FormatExactSeconds(begin), ",", FormatExactSeconds(end));
      }
      utterance.path = whole.audio;
      ASSIGN_OR_RETURN(utterance.start, Rational::Create(whole.offset + begin, kMicrosecondsPerSecond));
      ASSIGN_OR_RETURN(utterance.length, Rational::Create(end - begin, kMicrosecondsPerSecond));
      pieces_.push_back({std::move(utterance), &speaker.name});
    }
    return absl::OkStatus();
  }

  std::shared_ptr<const TrialListResource> trials_;
  std::shared_ptr<const SpeechSourceResource> others_;
  int64_t least_ = 0, piece_ = 0;  // microseconds
  std::vector<Piece> pieces_;      // of OTHERS
  size_t next_ = 0;
};

DIARFLOW_REGISTER_NODE("ReadProbe", ReadProbeNode);

}  // namespace
}  // namespace diarflow
