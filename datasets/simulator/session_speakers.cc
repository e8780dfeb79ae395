#include "datasets/simulator/session_speakers.h"

#include <algorithm>
#include <deque>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/random.h"

namespace diarflow {
namespace {

// Streams of the seed that no session has.
constexpr uint64_t kSpeakerStream = ~uint64_t{0};
constexpr uint64_t kGroupStream = ~uint64_t{1};

// Endless permutations of 0 .. count - 1, from which sessions take their rows.
class Rotation {
 public:
  Rotation(int count, Random random) : count_(count), random_(random) {}

  std::vector<int> Take(int number, bool may_repeat) {
    std::vector<int> row;
    for (size_t place = 0; static_cast<int>(row.size()) < number;) {
      if (place == queue_.size()) Refill();
      const int candidate = queue_[place];
      if (!may_repeat && std::count(row.begin(), row.end(), candidate) > 0) {
        ++place;
        continue;
      }
      row.push_back(candidate);
      queue_.erase(queue_.begin() + static_cast<std::ptrdiff_t>(place));
    }
    return row;
  }

 private:
  void Refill() {
    std::vector<int> permutation(static_cast<size_t>(count_));
    for (int i = 0; i < count_; ++i) permutation[static_cast<size_t>(i)] = i;
    random_.Shuffle(&permutation);
    queue_.insert(queue_.end(), permutation.begin(), permutation.end());
  }

  int count_;
  Random random_;
  std::deque<int> queue_;
};

// Speakers who may meet in a session.
using Group = std::vector<SessionSpeaker>;

std::vector<Group> GroupsOf(const SpeechSource& source, bool one_session) {
  // By the session's name; all in one where it does not matter.
  std::map<std::string, Group> groups;
  for (size_t s = 0; s < source.speakers().size(); ++s) {
    const std::vector<SourceUtterance>& utterances = source.speakers()[s].utterances;
    for (size_t u = 0; u < utterances.size(); ++u) {
      Group& group = groups[one_session ? utterances[u].session : ""];
      const int speaker = static_cast<int>(s);
      if (group.empty() || group.back().speaker != speaker) group.push_back({speaker, {}});
      group.back().utterances.push_back(static_cast<int>(u));
    }
  }
  std::vector<Group> list;
  for (auto& [name, group] : groups) list.push_back(std::move(group));
  return list;
}

}  // namespace

absl::StatusOr<std::vector<std::vector<SessionSpeaker>>> DrawSpeakers(const SpeechSource& source,
                                                                      const ConversationOptions& options, uint64_t seed,
                                                                      int64_t num_sessions) {
  const int wanted = options.num_speakers();
  const bool one_session = options.grouping() == ConversationOptions::ONE_SESSION;
  std::vector<Group> groups = GroupsOf(source, one_session);
  size_t most = 0;
  for (const Group& group : groups) most = std::max(most, group.size());
  groups.erase(std::remove_if(groups.begin(), groups.end(),
                              [wanted](const Group& group) { return static_cast<int>(group.size()) < wanted; }),
               groups.end());
  if (groups.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat("a conversation of ", wanted, " speakers was asked for, but ",
                     one_session ? "no session of the source has more than " : "the source has ", most));
  }
  Rotation group_rotation(static_cast<int>(groups.size()), Random(seed, kGroupStream));
  std::vector<Rotation> rotations;
  for (size_t i = 0; i < groups.size(); ++i) {
    rotations.emplace_back(static_cast<int>(groups[i].size()), Random(seed, kSpeakerStream - 2 * (i + 1)));
  }
  std::vector<std::vector<SessionSpeaker>> sessions(static_cast<size_t>(num_sessions));
  for (std::vector<SessionSpeaker>& session : sessions) {
    const auto group = static_cast<size_t>(group_rotation.Take(1, false)[0]);
    for (const int member : rotations[group].Take(wanted, options.quirks().repeat_speaker())) {
      session.push_back(groups[group][static_cast<size_t>(member)]);
    }
  }
  return sessions;
}

}  // namespace diarflow
