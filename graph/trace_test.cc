#include "graph/trace.h"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace diarflow {
namespace {

using nlohmann::json;

std::shared_ptr<const std::string> Item(const std::string& name) { return std::make_shared<const std::string>(name); }

TEST(TraceTest, WritesExactJson) {
  int64_t now = 1000000;
  Trace trace(100, [&now] { return now; });
  trace.Counter("items in flight", 1);
  now += 1500;
  // Recorded when it ends, written where it begins.
  trace.Instant({"decode", "Map", Item("a\"\\\n.wav"), 3, "read", 0, now + 250, 0}, "not audio: \x01 caf\xc3\xa9");
  trace.Complete({"decode", "Map", Item("b.wav"), 4, "read", 0, now, now + 2000001});
  trace.Complete({"encode", "Batch", Item("c.wav"), 8, "read", 8, now, now + 5000000});
  trace.Complete({"read", "Source", nullptr, 0, "read", 0, now + 250, now + 250});
  EXPECT_EQ(trace.ToJson("baseline"), R"({"displayTimeUnit":"ms","traceEvents":[
{"name":"process_name","ph":"M","pid":1,"tid":0,"args":{"name":"baseline"}},
{"name":"thread_name","ph":"M","pid":1,"tid":0,"args":{"name":"worker 0"}},
{"name":"items in flight","ph":"C","pid":1,"tid":0,"ts":0.000,"args":{"value":1}},
{"name":"encode","ph":"X","pid":1,"tid":0,"ts":1.500,"cat":"Batch","dur":5000.000,"args":{"item":"c.wav","sequence":8,"scope":"read","batch":8}},
{"name":"decode","ph":"X","pid":1,"tid":0,"ts":1.500,"cat":"Map","dur":2000.001,"args":{"item":"b.wav","sequence":4,"scope":"read"}},
{"name":"read","ph":"X","pid":1,"tid":0,"ts":1.750,"cat":"Source","dur":0.000,"args":{"sequence":0,"scope":"read"}},
{"name":"decode","ph":"i","pid":1,"tid":0,"ts":1.750,"cat":"Map","s":"t","args":{"item":"a\"\\\n.wav","sequence":3,"scope":"read","message":"not audio: \u0001 café"}}
],"otherData":{"events_dropped":0}}
)");
}

TEST(TraceTest, AnEmptyTraceIsValid) {
  const Trace trace(10);
  const json parsed = json::parse(trace.ToJson("\xff no UTF-8"), nullptr, false);
  ASSERT_FALSE(parsed.is_discarded());
  EXPECT_EQ(parsed["traceEvents"].size(), 1u);
}

TEST(TraceTest, CountsWhatItHasNoRoomFor) {
  Trace trace(3, [] { return 0; });
  for (uint64_t i = 0; i < 10; ++i) trace.Complete({"n", "Map", nullptr, i, "s", 0, 0, 1});
  EXPECT_EQ(trace.dropped(), 7);
  const json parsed = json::parse(trace.ToJson("p"), nullptr, false);
  ASSERT_FALSE(parsed.is_discarded());
  EXPECT_EQ(parsed["otherData"]["events_dropped"], 7);
  // Two lines of names in front.
  EXPECT_EQ(parsed["traceEvents"].size(), 2u + 3u);
}

TEST(TraceTest, SeveralThreadsKeepTheirOwnRow) {
  constexpr int kThreads = 4, kEach = 2000;
  Trace trace(kThreads * kEach * 2);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([t, &trace] {
      for (int i = 0; i < kEach; ++i) {
        const int64_t start = trace.Now();
        trace.Counter("items in flight", i);
        trace.Complete(
            {"node", "Map", Item(absl::StrCat("thread ", t)), static_cast<uint64_t>(i), "s", 0, start, trace.Now()});
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(trace.dropped(), 0);
  const json parsed = json::parse(trace.ToJson("p"), nullptr, false);
  ASSERT_FALSE(parsed.is_discarded());
  std::map<int, std::set<std::string>> items_of_row;
  double last = 0;
  int complete = 0;
  for (const json& event : parsed["traceEvents"]) {
    if (event["ph"] == "M") continue;
    EXPECT_GE(event["ts"], last);
    last = event["ts"];
    if (event["ph"] != "X") continue;
    ++complete;
    items_of_row[event["tid"]].insert(event["args"]["item"].get<std::string>());
  }
  EXPECT_EQ(complete, kThreads * kEach);
  ASSERT_EQ(items_of_row.size(), static_cast<size_t>(kThreads));
  EXPECT_EQ(items_of_row.begin()->first, 0);
  EXPECT_EQ(items_of_row.rbegin()->first, kThreads - 1);
  for (const auto& [row, items] : items_of_row) EXPECT_EQ(items.size(), 1u) << "row " << row;
}

}  // namespace
}  // namespace diarflow
