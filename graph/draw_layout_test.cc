#include "graph/draw_layout.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <random>
#include <set>
#include <vector>

#include "gtest/gtest.h"

namespace diarflow {
namespace {

constexpr double kSlack = 1e-6;

bool Overlap(const LayoutRect& a, const LayoutRect& b) {
  return a.left < b.right - kSlack && b.left < a.right - kSlack && a.top < b.bottom - kSlack &&
         b.top < a.bottom - kSlack;
}

bool Inside(const LayoutRect& inner, const LayoutRect& outer) {
  return inner.left >= outer.left - kSlack && inner.right <= outer.right + kSlack && inner.top >= outer.top - kSlack &&
         inner.bottom <= outer.bottom + kSlack;
}

bool Contains(const LayoutRect& rect, double x, double y) {
  return x > rect.left + kSlack && x < rect.right - kSlack && y > rect.top + kSlack && y < rect.bottom - kSlack;
}

// Edges lead from lower to higher numbers only.
LayoutGraph RandomGraph(std::mt19937& random) {
  const auto below = [&random](size_t n) { return static_cast<size_t>(random() % n); };
  LayoutGraph graph;
  const size_t n = 1 + below(40), groups = below(4);
  graph.to.resize(n);
  for (size_t v = 0; v < n; ++v) {
    LayoutVertex vertex;
    vertex.width = 10.0 + static_cast<double>(below(150));
    vertex.height = 10.0 + static_cast<double>(below(50));
    if (groups > 0 && below(2) == 0) vertex.group = static_cast<int>(below(groups));
    graph.vertices.push_back(vertex);
    std::set<int> to;
    for (size_t k = below(4); k > 0 && v + 1 < n; --k) to.insert(static_cast<int>(v + 1 + below(n - v - 1)));
    graph.to[v].assign(to.begin(), to.end());
  }
  for (size_t v = 0; v < n; ++v) {
    bool is_source = true;
    for (const auto& to : graph.to) is_source = is_source && std::count(to.begin(), to.end(), static_cast<int>(v)) == 0;
    graph.vertices[v].low = is_source && below(3) == 0;
  }
  for (size_t g = 0; g < groups; ++g) graph.group_widths.push_back(static_cast<double>(below(200)));
  return graph;
}

void ExpectBoxesApart(const LayoutGraph& graph, const Layout& layout) {
  ASSERT_EQ(layout.vertices.size(), graph.vertices.size());
  const LayoutRect page{0, 0, layout.width, layout.height};
  for (size_t a = 0; a < layout.vertices.size(); ++a) {
    EXPECT_NEAR(layout.vertices[a].right - layout.vertices[a].left, graph.vertices[a].width, kSlack);
    EXPECT_NEAR(layout.vertices[a].bottom - layout.vertices[a].top, graph.vertices[a].height, kSlack);
    EXPECT_TRUE(Inside(layout.vertices[a], page));
    for (size_t b = a + 1; b < layout.vertices.size(); ++b) {
      EXPECT_FALSE(Overlap(layout.vertices[a], layout.vertices[b])) << a << " and " << b;
    }
  }
}

void ExpectGroupsHoldTheirMembers(const LayoutGraph& graph, const Layout& layout) {
  std::set<int> used;
  for (const LayoutVertex& vertex : graph.vertices) used.insert(vertex.group);
  for (int g = 0; g < static_cast<int>(graph.group_widths.size()); ++g) {
    if (used.count(g) == 0) continue;
    const LayoutRect& box = layout.groups[g];
    EXPECT_GE(box.right - box.left, graph.group_widths[g] - kSlack);
    EXPECT_TRUE(Inside(box, {0, 0, layout.width, layout.height}));
    LayoutRect title = box;
    title.bottom = title.top + kLayoutTitleHeight;
    for (size_t v = 0; v < graph.vertices.size(); ++v) {
      EXPECT_FALSE(Overlap(layout.vertices[v], title)) << v;
      if (graph.vertices[v].group == g) {
        EXPECT_TRUE(Inside(layout.vertices[v], box)) << v;
      } else {
        EXPECT_FALSE(Overlap(layout.vertices[v], box)) << v;
      }
    }
    for (int other = 0; other < g; ++other) {
      EXPECT_FALSE(used.count(other) != 0 && Overlap(layout.groups[other], box)) << other << " and " << g;
    }
  }
}

// As the drawings do it: straight, a curve between the ranks, straight.
void ExpectLinesMissBoxes(const Layout& layout) {
  for (const LayoutLine& line : layout.lines) {
    EXPECT_LE(line.y1, line.turn1 + kSlack);
    EXPECT_LT(line.turn1, line.turn2);
    EXPECT_LE(line.turn2, line.y2 + kSlack);
    for (const LayoutRect& rect : layout.vertices) {
      for (int i = 0; i <= 20; ++i) {
        const double t = i / 20.0, s = t * t * (3 - 2 * t);
        EXPECT_FALSE(Contains(rect, line.x1, line.y1 + t * (line.turn1 - line.y1)));
        EXPECT_FALSE(Contains(rect, line.x1 + s * (line.x2 - line.x1), line.turn1 + t * (line.turn2 - line.turn1)));
        EXPECT_FALSE(Contains(rect, line.x2, line.turn2 + t * (line.y2 - line.turn2)));
      }
    }
  }
}

// From each vertex its lines reach all that it leads to, and nothing else.
void ExpectLinesReachTheirEnds(const LayoutGraph& graph, const Layout& layout) {
  std::vector<std::set<int>> reached(graph.vertices.size());
  for (const LayoutLine& line : layout.lines) {
    if (line.to < 0) continue;
    reached[line.from].insert(line.to);
    EXPECT_NEAR(line.x2, layout.vertices[line.to].center(), kSlack);
    EXPECT_NEAR(line.y2, layout.vertices[line.to].top, kSlack);
  }
  for (size_t v = 0; v < graph.to.size(); ++v) {
    EXPECT_EQ(reached[v], std::set<int>(graph.to[v].begin(), graph.to[v].end())) << v;
    for (const int to : graph.to[v]) EXPECT_LT(layout.vertices[v].bottom, layout.vertices[to].top);
  }
}

TEST(DrawLayoutTest, KeepsEverythingApartInRandomGraphs) {
  std::mt19937 random(1);
  for (int trial = 0; trial < 300; ++trial) {
    const LayoutGraph graph = RandomGraph(random);
    const Layout layout = LayOut(graph);
    ExpectBoxesApart(graph, layout);
    ExpectGroupsHoldTheirMembers(graph, layout);
    ExpectLinesMissBoxes(layout);
    ExpectLinesReachTheirEnds(graph, layout);
    ASSERT_FALSE(HasFailure()) << "trial " << trial;
  }
}

TEST(DrawLayoutTest, AChainIsAStraightLine) {
  LayoutGraph graph;
  for (int i = 0; i < 6; ++i) {
    graph.vertices.push_back({20.0 + 30 * (i % 3), 20, -1, false});
    graph.to.push_back(i < 5 ? std::vector<int>{i + 1} : std::vector<int>{});
  }
  const Layout layout = LayOut(graph);
  for (const LayoutRect& rect : layout.vertices) EXPECT_NEAR(rect.center(), layout.vertices[0].center(), kSlack);
}

// 0 leads to 3 and 1 to 2, which would cross in the order given.
TEST(DrawLayoutTest, UncrossesLines) {
  LayoutGraph graph;
  graph.vertices.assign(4, {40, 20, -1, false});
  graph.to = {{3}, {2}, {}, {}};
  const Layout layout = LayOut(graph);
  EXPECT_EQ(layout.vertices[0].left < layout.vertices[1].left, layout.vertices[3].left < layout.vertices[2].left);
}

TEST(DrawLayoutTest, LowVerticesStandAboveTheirReaders) {
  LayoutGraph graph;
  graph.vertices.assign(4, {40, 20, -1, false});
  graph.vertices[3].low = true;
  graph.to = {{1}, {2}, {}, {2}};
  const Layout layout = LayOut(graph);
  EXPECT_EQ(layout.vertices[3].top, layout.vertices[1].top);
}

TEST(DrawLayoutTest, TakesNothingAndMuch) {
  EXPECT_EQ(LayOut({}).width, 0);
  LayoutGraph wide, deep;
  wide.vertices.assign(2000, {40, 20, -1, false});
  wide.to.resize(2000);
  deep = wide;
  for (int i = 1; i < 2000; ++i) {
    wide.to[0].push_back(i);
    deep.to[i - 1].push_back(i);
  }
  EXPECT_GT(LayOut(wide).width, 2000 * 40);
  EXPECT_GT(LayOut(deep).height, 2000 * 20);
}

}  // namespace
}  // namespace diarflow
