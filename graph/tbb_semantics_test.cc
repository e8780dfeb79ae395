// What the engine takes for granted about TBB flow graphs, rule by rule (docs/design/graph.md). A TBB that behaves
// otherwise fails here and not in an experiment.
#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <numeric>
#include <set>
#include <stdexcept>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "oneapi/tbb/concurrent_queue.h"
#include "oneapi/tbb/flow_graph.h"
#include "oneapi/tbb/global_control.h"
#include "oneapi/tbb/task_arena.h"

namespace diarflow {
namespace {

namespace flow = oneapi::tbb::flow;
using oneapi::tbb::flow_control;
using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

// How many there are, and how many there were at most.
class Gauge {
 public:
  void Enter() {
    const int now = ++current_;
    int peak = peak_;
    while (now > peak && !peak_.compare_exchange_weak(peak, now)) {
    }
  }
  void Leave() { --current_; }
  int peak() const { return peak_; }
  int current() const { return current_; }

 private:
  std::atomic<int> current_{0};
  std::atomic<int> peak_{0};
};

std::vector<int> Range(int count) {
  std::vector<int> values(count);
  std::iota(values.begin(), values.end(), 0);
  return values;
}

// Makes 0, 1, ... count - 1.
std::function<int(flow_control&)> Counter(int count) {
  return [next = 0, count](flow_control& control) mutable {
    if (next < count) return next++;
    control.stop();
    return 0;
  };
}

// Keeps a thread busy for a while that differs from value to value.
void Dawdle(int value) {
  volatile int spun = 0;
  for (int i = 0; i < 500 * (value % 7); ++i) spun = spun + i;
}

// Up to four threads, also where there are fewer cores.
class TbbTest : public testing::Test {
 protected:
  // Runs `body` inside of an arena of `threads`, with a graph made there.
  static void InArena(int threads, const std::function<void(flow::graph&)>& body) {
    oneapi::tbb::task_arena arena(threads);
    arena.execute([&] {
      flow::graph graph;
      body(graph);
    });
  }

 private:
  oneapi::tbb::global_control parallelism_{oneapi::tbb::global_control::max_allowed_parallelism, 4};
};

TEST_F(TbbTest, ALimiterBehindAnInputNodeBoundsWhatIsMade) {
  constexpr int kTokens = 4;
  for (int round = 0; round < 20; ++round) {
    Gauge live;
    std::atomic<int> arrived{0};
    InArena(4, [&](flow::graph& graph) {
      flow::input_node<int> source(graph, [&live, next = 0](flow_control& control) mutable {
        if (next == 500) {
          control.stop();
          return 0;
        }
        live.Enter();
        return next++;
      });
      flow::limiter_node<int, int> limiter(graph, kTokens);
      flow::function_node<int, int> work(graph, flow::unlimited, [&](int value) {
        Dawdle(value);
        ++arrived;
        live.Leave();
        return 1;
      });
      flow::make_edge(source, limiter);
      flow::make_edge(limiter, work);
      flow::make_edge(work, limiter.decrementer());
      source.activate();
      graph.wait_for_all();
    });
    EXPECT_EQ(arrived, 500);
    // One is made ahead and waits in the input node.
    EXPECT_LE(live.peak(), kTokens + 1);
    EXPECT_EQ(live.current(), 0);
  }
}

TEST_F(TbbTest, AFullLimiterDropsWhatANodeWithoutABufferSends) {
  flow::graph graph;
  flow::function_node<int, int> sender(graph, flow::serial, [](int value) { return value; });
  flow::limiter_node<int, int> limiter(graph, 2);
  std::set<int> arrived;
  flow::function_node<int> sink(graph, flow::serial, [&](int value) {
    arrived.insert(value);
    return flow::continue_msg();
  });
  flow::make_edge(sender, limiter);
  flow::make_edge(limiter, sink);
  for (int i = 0; i < 100; ++i) sender.try_put(i);
  graph.wait_for_all();
  EXPECT_EQ(arrived.size(), 2u);
  // The other 98 are lost, not waiting.
  limiter.decrementer().try_put(2);
  graph.wait_for_all();
  EXPECT_EQ(arrived.size(), 2u);
}

TEST_F(TbbTest, AQueueBeforeTheLimiterKeepsThem) {
  flow::graph graph;
  flow::function_node<int, int> sender(graph, flow::serial, [](int value) { return value; });
  flow::queue_node<int> queue(graph);
  flow::limiter_node<int, int> limiter(graph, 2);
  std::set<int> arrived;
  flow::function_node<int> sink(graph, flow::serial, [&](int value) {
    arrived.insert(value);
    return flow::continue_msg();
  });
  flow::make_edge(sender, queue);
  flow::make_edge(queue, limiter);
  flow::make_edge(limiter, sink);
  for (int i = 0; i < 100; ++i) sender.try_put(i);
  graph.wait_for_all();
  EXPECT_EQ(arrived.size(), 2u);
  // An int gives back as many tokens as it says.
  limiter.decrementer().try_put(2);
  graph.wait_for_all();
  EXPECT_EQ(arrived.size(), 4u);
}

// Runs 100 values through a limiter whose tokens come back from two places in turn. Answers how many arrived.
template <typename Token>
int ThroughLimiterWithTwoWaysHome(Token token) {
  flow::graph graph;
  int arrived = 0;
  flow::input_node<int> source(graph, Counter(100));
  flow::limiter_node<int, Token> limiter(graph, 2);
  using Fork = flow::multifunction_node<int, std::tuple<Token, Token>>;
  Fork fork(graph, flow::serial, [&](int value, typename Fork::output_ports_type& ports) {
    ++arrived;
    if (value % 2 == 0)
      std::get<0>(ports).try_put(token);
    else
      std::get<1>(ports).try_put(token);
  });
  flow::make_edge(source, limiter);
  flow::make_edge(limiter, fork);
  flow::make_edge(flow::output_port<0>(fork), limiter.decrementer());
  flow::make_edge(flow::output_port<1>(fork), limiter.decrementer());
  source.activate();
  graph.wait_for_all();
  return arrived;
}

TEST_F(TbbTest, OnlyIntDecrementersAddUp) {
  EXPECT_EQ(ThroughLimiterWithTwoWaysHome<int>(1), 100);
  // Waits for a message from each of its predecessors.
  EXPECT_LT(ThroughLimiterWithTwoWaysHome<flow::continue_msg>({}), 100);
}

TEST_F(TbbTest, ALostTokenStallsInSilence) {
  flow::graph graph;
  int arrived = 0;
  flow::input_node<int> source(graph, Counter(100));
  flow::limiter_node<int, int> limiter(graph, 4);
  flow::function_node<int, int> forgets(graph, flow::serial, [&](int value) {
    ++arrived;
    return value % 10 == 0 ? 0 : 1;
  });
  flow::make_edge(source, limiter);
  flow::make_edge(limiter, forgets);
  flow::make_edge(forgets, limiter.decrementer());
  source.activate();
  graph.wait_for_all();
  EXPECT_EQ(arrived, 31);
}

// Why a token is attached behind the limiter: were it part of what the input node makes, it would not come home.
TEST_F(TbbTest, TheInputNodeKeepsACopyOfItsLastMessage) {
  using Message = std::shared_ptr<const int>;
  flow::graph graph;
  flow::input_node<Message> source(graph, [next = 0](flow_control&) mutable { return std::make_shared<int>(next++); });
  flow::limiter_node<Message, int> limiter(graph, 1);
  flow::queue_node<Message> queue(graph);
  flow::make_edge(source, limiter);
  flow::make_edge(limiter, queue);
  source.activate();
  graph.wait_for_all();
  Message message;
  ASSERT_TRUE(queue.try_get(message));
  EXPECT_EQ(*message, 0);
  // Message 1 has been made and waits for the token.
  EXPECT_EQ(message.use_count(), 1);
  limiter.decrementer().try_put(1);
  graph.wait_for_all();
  ASSERT_TRUE(queue.try_get(message));
  EXPECT_EQ(*message, 1);
  // Consumed, and no other message has taken its place.
  EXPECT_EQ(message.use_count(), 2);
  ASSERT_FALSE(queue.try_get(message));
}

TEST_F(TbbTest, ASequencerKeepsWhatWaitsForAMissingNumber) {
  flow::graph graph;
  flow::sequencer_node<int> sequencer(graph, [](int value) -> size_t { return value; });
  std::vector<int> arrived;
  flow::function_node<int> sink(graph, flow::serial, [&](int value) {
    arrived.push_back(value);
    return flow::continue_msg();
  });
  flow::make_edge(sequencer, sink);
  for (const int value : {5, 0, 2, 1, 4, 6}) EXPECT_TRUE(sequencer.try_put(value));
  graph.wait_for_all();
  EXPECT_THAT(arrived, ElementsAre(0, 1, 2));
  EXPECT_FALSE(sequencer.try_put(1));
  EXPECT_TRUE(sequencer.try_put(3));
  graph.wait_for_all();
  EXPECT_EQ(arrived, Range(7));
}

using Pair = std::tuple<int, int>;
using KeyJoin = flow::join_node<Pair, flow::key_matching<int>>;

TEST_F(TbbTest, AJoinPairsByKeyAndWaitsInSilenceForAPartner) {
  flow::graph graph;
  KeyJoin join(
      graph, [](int value) { return value % 100; }, [](int value) { return value % 100; });
  std::vector<Pair> pairs;
  flow::function_node<Pair> sink(graph, flow::serial, [&](const Pair& pair) {
    pairs.push_back(pair);
    return flow::continue_msg();
  });
  flow::make_edge(join, sink);
  for (const int key : {3, 1, 2, 0}) flow::input_port<0>(join).try_put(100 + key);
  for (const int key : {0, 1, 3}) flow::input_port<1>(join).try_put(200 + key);
  graph.wait_for_all();
  EXPECT_THAT(pairs, UnorderedElementsAre(Pair(100, 200), Pair(101, 201), Pair(103, 203)));
  flow::input_port<1>(join).try_put(202);
  graph.wait_for_all();
  EXPECT_EQ(pairs.back(), Pair(102, 202));
}

TEST_F(TbbTest, AJoinRefusesAKeyThatWaitsAlready) {
  flow::graph graph;
  KeyJoin join(
      graph, [](int value) { return value; }, [](int value) { return value; });
  flow::queue_node<Pair> pairs(graph);
  flow::make_edge(join, pairs);
  EXPECT_TRUE(flow::input_port<0>(join).try_put(7));
  EXPECT_FALSE(flow::input_port<0>(join).try_put(7));
}

TEST_F(TbbTest, AnExceptionEndsTheGraphUntilItIsReset) {
  flow::graph graph;
  int done = 0;
  flow::function_node<int> body(graph, flow::serial, [&](int value) {
    if (value == 5) throw std::runtime_error("thrown by the body");
    ++done;
    return flow::continue_msg();
  });
  for (int i = 0; i < 100; ++i) body.try_put(i);
  EXPECT_THROW(graph.wait_for_all(), std::runtime_error);
  // What waited behind it is lost.
  EXPECT_EQ(done, 5);
  body.try_put(1000);
  graph.wait_for_all();
  EXPECT_EQ(done, 5);
  graph.reset();
  body.try_put(1000);
  graph.wait_for_all();
  EXPECT_EQ(done, 6);
}

TEST_F(TbbTest, CancelDropsWhatWaits) {
  flow::graph graph;
  std::atomic<int> done{0};
  flow::function_node<int> body(graph, flow::serial, [&](int value) {
    ++done;
    if (value == 10) graph.cancel();
    return flow::continue_msg();
  });
  for (int i = 0; i < 1000; ++i) body.try_put(i);
  graph.wait_for_all();
  EXPECT_TRUE(graph.is_cancelled());
  EXPECT_EQ(done, 11);
}

TEST_F(TbbTest, AGraphUsesTheThreadsOfItsArena) {
  std::mutex mutex;
  std::set<std::thread::id> threads;
  InArena(1, [&](flow::graph& graph) {
    flow::function_node<int> body(graph, flow::unlimited, [&](int value) {
      Dawdle(value);
      const std::lock_guard<std::mutex> lock(mutex);
      threads.insert(std::this_thread::get_id());
      return flow::continue_msg();
    });
    for (int i = 0; i < 2000; ++i) body.try_put(i);
    graph.wait_for_all();
  });
  EXPECT_THAT(threads, ElementsAre(std::this_thread::get_id()));
}

// Values become parts: 3 has parts 0, 1, 2, and so on.
TEST_F(TbbTest, AReactivatedInputNodeTakesAQueueApart) {
  constexpr int kTokens = 3, kValues = 60, kMostParts = 7;
  for (int round = 0; round < 100; ++round) {
    Gauge live;
    std::vector<std::atomic<int>> seen(kValues * kMostParts);
    oneapi::tbb::concurrent_queue<int> waiting;
    InArena(1 + round % 4, [&](flow::graph& graph) {
      int value = -1, part = 0;
      flow::input_node<int> parts(graph, [&](flow_control& control) {
        while (value < 0 || part == value % kMostParts) {
          part = 0;
          if (waiting.try_pop(value)) continue;
          value = -1;
          control.stop();
          return 0;
        }
        live.Enter();
        return kMostParts * value + part++;
      });
      flow::limiter_node<int, int> limiter(graph, kTokens);
      flow::function_node<int, int> work(graph, flow::unlimited, [&](int index) {
        Dawdle(index);
        ++seen[index];
        live.Leave();
        return 1;
      });
      flow::input_node<int> values(graph, Counter(kValues));
      flow::function_node<int> feed(graph, flow::serial, [&](int fed) {
        Dawdle(fed / 5);
        waiting.push(fed);
        parts.activate();
        return flow::continue_msg();
      });
      flow::make_edge(parts, limiter);
      flow::make_edge(limiter, work);
      flow::make_edge(work, limiter.decrementer());
      flow::make_edge(values, feed);
      values.activate();
      graph.wait_for_all();
    });
    for (int index = 0; index < kValues * kMostParts; ++index) {
      const bool is_part = index % kMostParts < index / kMostParts % kMostParts;
      ASSERT_EQ(seen[index], is_part ? 1 : 0) << "round " << round << ", part " << index;
    }
    ASSERT_LE(live.peak(), kTokens + 1);
  }
}

// Serial nodes alone do not: a serial node lets its next body start before it has sent what the last one made.
TEST_F(TbbTest, ASequencerBeforeASerialNodeRestoresOrder) {
  for (int round = 0; round < 5; ++round) {
    std::vector<int> arrived;
    InArena(4, [&](flow::graph& graph) {
      flow::input_node<int> source(graph, Counter(2000));
      flow::limiter_node<int, int> limiter(graph, 8);
      flow::function_node<int, int> work(graph, flow::unlimited, [](int value) {
        Dawdle(value);
        return value;
      });
      flow::sequencer_node<int> sequencer(graph, [](int value) -> size_t { return value; });
      flow::function_node<int, int> sink(graph, flow::serial, [&](int value) {
        arrived.push_back(value);
        return 1;
      });
      flow::make_edge(source, limiter);
      flow::make_edge(limiter, work);
      flow::make_edge(work, sequencer);
      flow::make_edge(sequencer, sink);
      flow::make_edge(sink, limiter.decrementer());
      source.activate();
      graph.wait_for_all();
    });
    EXPECT_EQ(arrived, Range(2000));
  }
}

TEST_F(TbbTest, ConcurrencyBoundsBodies) {
  for (const size_t concurrency : {size_t{1}, size_t{2}, size_t{3}}) {
    Gauge inside;
    std::atomic<int> done{0};
    InArena(4, [&](flow::graph& graph) {
      flow::function_node<int> body(graph, concurrency, [&](int value) {
        inside.Enter();
        Dawdle(value);
        inside.Leave();
        ++done;
        return flow::continue_msg();
      });
      for (int i = 0; i < 2000; ++i) body.try_put(i);
      graph.wait_for_all();
    });
    EXPECT_EQ(done, 2000);
    EXPECT_LE(inside.peak(), static_cast<int>(concurrency));
  }
}

}  // namespace
}  // namespace diarflow
