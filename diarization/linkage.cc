#include "diarization/linkage.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

namespace diarflow {
namespace {

constexpr double kNever = -std::numeric_limits<double>::infinity();

double Dot(const std::vector<float>& a, const std::vector<float>& b) {
  double sum = 0;
  for (size_t d = 0; d < a.size(); ++d) sum += static_cast<double>(a[d]) * b[d];
  return sum;
}

// Group of each vector from the group that each was joined to: numbered by first members.
std::vector<int> Numbered(const std::vector<size_t>& joined_to) {
  std::vector<int> numbers(joined_to.size(), -1), groups;
  int next = 0;
  for (size_t i = 0; i < joined_to.size(); ++i) {
    size_t root = i;
    while (joined_to[root] != root) root = joined_to[root];
    if (numbers[root] < 0) numbers[root] = next++;
    groups.push_back(numbers[root]);
  }
  return groups;
}

// The pairwise similarities of groups that are joined: the better of each row is kept, so that the best pair is found
// without looking at all.
class DirectionGroups {
 public:
  DirectionGroups(const Vectors& vectors, const CannotLink& cannot_link, double penalty)
      : count_(vectors.size()),
        penalty_(penalty),
        sums_(vectors),
        similar_(count_ * count_, 0),
        apart_(count_ * count_, 0),
        alive_(count_, true),
        best_(count_, 0),
        joined_to_(count_) {
    for (size_t i = 0; i < count_; ++i) {
      joined_to_[i] = i;
      lengths_.push_back(std::sqrt(Dot(sums_[i], sums_[i])));
      for (size_t j = 0; j < i; ++j) {
        const bool apart = cannot_link != nullptr && cannot_link(i, j);
        apart_[i * count_ + j] = apart_[j * count_ + i] = apart;
        SetSimilarity(i, j);
      }
    }
    for (size_t i = 0; i < count_; ++i) FindBest(i);
  }

  // Joins the most similar pair; false when it is not similar enough.
  bool JoinBest(double least) {
    size_t a = count_;
    for (size_t i = 0; i < count_; ++i) {
      if (alive_[i] && best_[i] < count_ && (a == count_ || Best(i) > Best(a))) a = i;
    }
    if (a == count_ || Best(a) < least) return false;
    Join(std::min(a, best_[a]), std::max(a, best_[a]));
    return true;
  }

  std::vector<int> Groups() const { return Numbered(joined_to_); }

 private:
  double Best(size_t i) const { return similar_[i * count_ + best_[i]]; }

  void SetSimilarity(size_t i, size_t j) {
    const double lengths = lengths_[i] * lengths_[j];
    double similarity = lengths > 0 ? Dot(sums_[i], sums_[j]) / lengths : 0;
    if (apart_[i * count_ + j] != 0) similarity -= penalty_;
    similar_[i * count_ + j] = similar_[j * count_ + i] = static_cast<float>(similarity);
  }

  void FindBest(size_t i) {
    best_[i] = count_;
    for (size_t j = 0; j < count_; ++j) {
      if (j == i || !alive_[j]) continue;
      if (best_[i] == count_ || similar_[i * count_ + j] > similar_[i * count_ + best_[i]]) best_[i] = j;
    }
  }

  void Join(size_t a, size_t b) {
    alive_[b] = false;
    joined_to_[b] = a;
    for (size_t d = 0; d < sums_[a].size(); ++d) sums_[a][d] += sums_[b][d];
    lengths_[a] = std::sqrt(Dot(sums_[a], sums_[a]));
    for (size_t j = 0; j < count_; ++j) {
      if (j == a || !alive_[j]) continue;
      const uint8_t apart = apart_[a * count_ + j] | apart_[b * count_ + j];
      apart_[a * count_ + j] = apart_[j * count_ + a] = apart;
      SetSimilarity(a, j);
    }
    FindBest(a);
    for (size_t j = 0; j < count_; ++j) {
      if (j == a || !alive_[j]) continue;
      if (best_[j] == a || best_[j] == b) {
        FindBest(j);
      } else if (similar_[j * count_ + a] > Best(j)) {
        best_[j] = a;
      }
    }
  }

  size_t count_;
  double penalty_;
  Vectors sums_;
  std::vector<double> lengths_;
  std::vector<float> similar_;  // [n, n]
  std::vector<uint8_t> apart_;  // [n, n]
  std::vector<bool> alive_;     // not joined to another
  std::vector<size_t> best_;    // the most similar of the others; count_ when there is none
  std::vector<size_t> joined_to_;
};

}  // namespace

bool Normalize(std::vector<float>* vector) {
  const double length = std::sqrt(Dot(*vector, *vector));
  if (!(length > 0) || !std::isfinite(length)) return false;
  for (float& value : *vector) value = static_cast<float>(value / length);
  return true;
}

double Cosine(const std::vector<float>& a, const std::vector<float>& b) {
  const double lengths = std::sqrt(Dot(a, a)) * std::sqrt(Dot(b, b));
  return lengths > 0 ? Dot(a, b) / lengths : 0;
}

std::vector<int> AverageLinkage(const Vectors& vectors, double least) {
  const size_t count = vectors.size();
  std::vector<std::vector<double>> similar(count, std::vector<double>(count, 0));
  std::vector<size_t> joined_to(count), members(count, 1);
  for (size_t i = 0; i < count; ++i) {
    joined_to[i] = i;
    for (size_t j = 0; j < i; ++j) similar[i][j] = similar[j][i] = Cosine(vectors[i], vectors[j]);
  }
  while (true) {
    double best = kNever;
    size_t a = 0, b = 0;
    for (size_t i = 0; i < count; ++i) {
      for (size_t j = i + 1; j < count; ++j) {
        if (joined_to[i] != i || joined_to[j] != j || similar[i][j] <= best) continue;
        best = similar[i][j];
        a = i;
        b = j;
      }
    }
    if (best == kNever || best < least) return Numbered(joined_to);
    joined_to[b] = a;
    for (size_t j = 0; j < count; ++j) {
      const auto weight_a = static_cast<double>(members[a]);
      const auto weight_b = static_cast<double>(members[b]);
      similar[a][j] = similar[j][a] = (weight_a * similar[a][j] + weight_b * similar[b][j]) / (weight_a + weight_b);
    }
    members[a] += members[b];
  }
}

std::vector<int> DirectionLinkage(const Vectors& vectors, const CannotLink& cannot_link, double penalty, double least) {
  DirectionGroups groups(vectors, cannot_link, penalty);
  while (groups.JoinBest(least)) {
  }
  return groups.Groups();
}

}  // namespace diarflow
