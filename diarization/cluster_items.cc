#include "diarization/cluster_items.h"

#include <algorithm>
#include <set>
#include <utility>

namespace diarflow {
namespace {

// The bisection for a number of speakers.
constexpr int kSteps = 24;

// Items that were found to be one voice.
struct Group {
  std::vector<float> sum;
  double seconds = 0;
  // (window, local speaker) of every item.
  std::set<std::pair<int64_t, int>> tracks;
};

void Add(const std::vector<float>& vector, std::vector<float>* sum) {
  sum->resize(vector.size(), 0);
  for (size_t d = 0; d < vector.size(); ++d) (*sum)[d] += vector[d];
}

bool DifferentPeople(const Group& a, const Group& b) {
  auto x = a.tracks.begin();
  auto y = b.tracks.begin();
  while (x != a.tracks.end() && y != b.tracks.end()) {
    if (x->first == y->first) {
      // Some pair of this window differs unless both have the same one speaker there.
      const int64_t window = x->first;
      std::set<int> in_a, in_b;
      for (; x != a.tracks.end() && x->first == window; ++x) in_a.insert(x->second);
      for (; y != b.tracks.end() && y->first == window; ++y) in_b.insert(y->second);
      if (in_a.size() > 1 || in_b.size() > 1 || in_a != in_b) return true;
    } else if (x->first < y->first) {
      ++x;
    } else {
      ++y;
    }
  }
  return false;
}

std::vector<Group> Join(const std::vector<Group>& groups, double penalty, double least) {
  Vectors sums;
  for (const Group& group : groups) sums.push_back(group.sum);
  const auto cannot_link = [&groups](size_t i, size_t j) { return DifferentPeople(groups[i], groups[j]); };
  const std::vector<int> labels = DirectionLinkage(sums, cannot_link, penalty, least);
  std::vector<Group> joined;
  for (size_t i = 0; i < groups.size(); ++i) {
    const auto label = static_cast<size_t>(labels[i]);
    if (label >= joined.size()) joined.resize(label + 1);
    Add(groups[i].sum, &joined[label].sum);
    joined[label].seconds += groups[i].seconds;
    joined[label].tracks.insert(groups[i].tracks.begin(), groups[i].tracks.end());
  }
  return joined;
}

// Until few enough are left for one table of all pairs.
std::vector<Group> JoinBlocks(std::vector<Group> groups, const ClusterOptions& options) {
  const auto most = static_cast<size_t>(std::max(2, options.max_items));
  double least = options.block_similarity;
  while (groups.size() > most) {
    std::vector<Group> joined;
    for (size_t begin = 0; begin < groups.size(); begin += most) {
      const auto end = groups.begin() + static_cast<std::ptrdiff_t>(std::min(begin + most, groups.size()));
      const std::vector<Group> block(groups.begin() + static_cast<std::ptrdiff_t>(begin), end);
      for (Group& group : Join(block, options.cannot_link_penalty, least)) joined.push_back(std::move(group));
    }
    // What was not alike enough to become fewer is joined by less; with many voices a block gets fewer by little.
    if (20 * joined.size() > 19 * groups.size()) least -= 0.1;
    groups = std::move(joined);
  }
  return groups;
}

// Those large enough, the largest first; at least `kept` of them whatever their size.
std::vector<Group> WithoutSmall(std::vector<Group> groups, size_t kept, const ClusterOptions& options) {
  std::stable_sort(groups.begin(), groups.end(), [](const Group& a, const Group& b) { return a.seconds > b.seconds; });
  double all = 0;
  for (const Group& group : groups) all += group.seconds;
  const double least = std::min(options.least_seconds, options.least_share * all);
  while (groups.size() > kept && groups.back().seconds < least) groups.pop_back();
  return groups;
}

// The most alike go together until so many are left.
std::vector<Group> JoinDownTo(std::vector<Group> groups, size_t number, const ClusterOptions& options) {
  while (groups.size() > std::max<size_t>(1, number)) {
    size_t a = 0, b = 1;
    double best = -10;
    for (size_t i = 0; i < groups.size(); ++i) {
      for (size_t j = i + 1; j < groups.size(); ++j) {
        double similarity = Cosine(groups[i].sum, groups[j].sum);
        if (DifferentPeople(groups[i], groups[j])) similarity -= options.cannot_link_penalty;
        if (similarity <= best) continue;
        best = similarity;
        a = i;
        b = j;
      }
    }
    Add(groups[b].sum, &groups[a].sum);
    groups[a].seconds += groups[b].seconds;
    groups[a].tracks.insert(groups[b].tracks.begin(), groups[b].tracks.end());
    groups.erase(groups.begin() + static_cast<std::ptrdiff_t>(b));
  }
  return groups;
}

// At least as many as are wanted, joined by the least similarity that leaves them; fewer where there are not so many.
std::vector<Group> AtLeast(const std::vector<Group>& items, size_t wanted, size_t kept, const ClusterOptions& options) {
  const auto at = [&](double least) {
    return WithoutSmall(Join(items, options.cannot_link_penalty, least), kept, options);
  };
  std::vector<Group> groups = at(options.least_similarity);
  if (groups.size() >= wanted) return groups;
  double low = options.least_similarity, high = 1.01;
  for (int step = 0; step < kSteps && groups.size() != wanted; ++step) {
    const double middle = (low + high) / 2;
    std::vector<Group> tried = at(middle);
    const bool enough = tried.size() >= wanted;
    (enough ? high : low) = middle;
    if (enough || tried.size() > groups.size()) groups = std::move(tried);
  }
  return JoinDownTo(std::move(groups), wanted, options);
}

std::vector<Group> Speakers(const std::vector<Group>& items, const ClusterOptions& options) {
  const auto wanted = static_cast<size_t>(options.min_speakers);
  const auto most = static_cast<size_t>(options.max_speakers);
  std::vector<Group> groups = AtLeast(items, wanted, /*kept=*/1, options);
  // The more similar voices must be, the smaller are the groups, and in the end all go: then small ones have to do.
  if (groups.size() < wanted) groups = AtLeast(items, wanted, /*kept=*/wanted, options);
  return most > 0 ? JoinDownTo(std::move(groups), most, options) : groups;
}

}  // namespace

Vectors ClusterItems(const std::vector<ClusterItem>& items, const ClusterOptions& options) {
  std::vector<Group> groups;
  for (const ClusterItem& item : items) groups.push_back({item.embedding, item.seconds, {{item.window, item.speaker}}});
  if (groups.empty()) return {};
  groups = Speakers(JoinBlocks(std::move(groups), options), options);
  Vectors directions;
  for (Group& group : groups) {
    Normalize(&group.sum);
    directions.push_back(std::move(group.sum));
  }
  // One pass of k-means, of all items, also of those whose clusters went.
  std::vector<Group> moved(directions.size());
  for (const ClusterItem& item : items) {
    size_t nearest = 0;
    for (size_t c = 1; c < directions.size(); ++c) {
      if (Cosine(item.embedding, directions[c]) > Cosine(item.embedding, directions[nearest])) nearest = c;
    }
    Add(item.embedding, &moved[nearest].sum);
    moved[nearest].seconds += item.seconds;
  }
  for (size_t c = 0; c < directions.size(); ++c) {
    if (moved[c].sum.empty()) moved[c].sum = directions[c];
    Normalize(&moved[c].sum);
  }
  std::stable_sort(moved.begin(), moved.end(), [](const Group& a, const Group& b) { return a.seconds > b.seconds; });
  for (size_t c = 0; c < directions.size(); ++c) directions[c] = std::move(moved[c].sum);
  return directions;
}

}  // namespace diarflow
