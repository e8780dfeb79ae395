#include "pages/diarization_page.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "base/status_matchers.h"
#include "datasets/formats/rttm.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "metrics/der.h"
#include "metrics/jer.h"
#include "metrics/random_turns.h"
#include "nlohmann/json.hpp"

namespace diarflow {
namespace {

using ::nlohmann::json;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr int64_t kSecond = kMicrosecondsPerSecond;

// As Diarize() gives it: turns by start, speakers by their first turn.
Diarization ResultOf(std::vector<Turn> turns) {
  std::sort(turns.begin(), turns.end());
  Diarization result;
  for (size_t i = 0; i < turns.size(); ++i) {
    result.turns.push_back({turns[i], static_cast<double>(i % 1001) / 1000});
    const auto is_speaker = [&](const DiarizedSpeaker& speaker) { return speaker.name == turns[i].speaker; };
    if (std::none_of(result.speakers.begin(), result.speakers.end(), is_speaker)) {
      result.speakers.push_back({turns[i].speaker, {}, turns[i].duration});
    }
  }
  return result;
}

DiarizationPageInput Input(std::vector<Turn> turns) {
  DiarizationPageInput input;
  input.title = "meeting";
  input.duration = 60 * kSecond;
  input.result = ResultOf(std::move(turns));
  return input;
}

std::string DataText(const std::string& page) {
  const std::vector<std::string> parts = absl::StrSplit(page, "<script type=\"application/json\" id=\"data\">");
  EXPECT_THAT(parts, SizeIs(2));
  return std::string(absl::string_view(parts.at(1)).substr(0, parts.at(1).find("</script>")));
}

json DataOf(const std::string& page) { return json::parse(DataText(page)); }

std::vector<Turn> TurnsOf(const json& data) {
  std::vector<Turn> turns;
  for (const json& turn : data["turns"]) {
    turns.push_back({turn[0], turn[1], data["speakers"][turn[2].get<size_t>()]["name"]});
  }
  return turns;
}

std::vector<Turn> TurnsOf(const Diarization& result) {
  std::vector<Turn> turns;
  for (const DiarizedTurn& turn : result.turns) turns.push_back(turn.turn);
  return turns;
}

TEST(DiarizationPageTest, DataAreTheRttmOfTheResult) {
  std::mt19937_64 random(3);
  for (int round = 0; round < 50; ++round) {
    RandomTurnsOptions options;
    options.num_speakers = 1 + round % 15;
    options.length = 50 * kSecond;
    options.longest = 5 * kSecond;
    options.grid = round % 2 ? 1000 : 1;
    options.own_overlap = round % 3 == 0;
    DiarizationPageInput input = Input(RandomTurns(options, &random).turns);
    std::shuffle(input.result.turns.begin(), input.result.turns.end(), random);
    if (round % 5 == 1) input.result.speakers.clear();
    ASSERT_OK_AND_ASSIGN(const std::string page, DiarizationPageHtml(input));
    const json data = DataOf(page);
    std::vector<Turn> expected = TurnsOf(input.result);
    std::sort(expected.begin(), expected.end());
    EXPECT_EQ(TurnsOf(data), expected);
    ASSERT_OK_AND_ASSIGN(const std::string rttm, FormatRttm({{"meeting", TurnsOf(input.result)}}));
    ASSERT_OK_AND_ASSIGN(const std::string rttm_of_page, FormatRttm({{"meeting", TurnsOf(data)}}));
    EXPECT_EQ(rttm_of_page, rttm);
    // Confidences stay with their turns.
    std::vector<std::pair<Turn, int>> confidences, page_confidences;
    for (const DiarizedTurn& turn : input.result.turns) {
      confidences.emplace_back(turn.turn, static_cast<int>(turn.confidence * 1000 + .5));
    }
    for (size_t i = 0; i < expected.size(); ++i) page_confidences.emplace_back(expected[i], data["turns"][i][3]);
    std::sort(confidences.begin(), confidences.end());
    std::sort(page_confidences.begin(), page_confidences.end());
    EXPECT_EQ(page_confidences, confidences);
  }
}

TEST(DiarizationPageTest, StandsAloneAndIsDeterministic) {
  DiarizationPageInput input = Input({{0, kSecond, "A"}, {kSecond, kSecond, "B"}});
  input.settings = {{"threshold", "0.7"}};
  ASSERT_OK_AND_ASSIGN(const std::string page, DiarizationPageHtml(input));
  ASSERT_OK_AND_ASSIGN(const std::string again, DiarizationPageHtml(input));
  EXPECT_EQ(page, again);
  EXPECT_THAT(page, AllOf(StartsWith("<!doctype html>"), EndsWith("</html>\n"), HasSubstr("default-src 'none'"),
                          HasSubstr("Settings of the run"), HasSubstr(">threshold</th><td>0.7</td>"),
                          HasSubstr("2 speakers, 2 turns")));
  for (const char* address : {"http:", "https:", "//", "@import", "url("}) {
    // Comments of the script begin with "//", behind blanks.
    const std::string text = absl::StrReplaceAll(page, {{" // ", ""}, {"\n// ", ""}, {">// ", ""}});
    EXPECT_THAT(text, Not(HasSubstr(address)));
  }
  EXPECT_THAT(page, Not(HasSubstr("<audio")));
  EXPECT_THAT(page, Not(HasSubstr("id=\"play\"")));
}

TEST(DiarizationPageTest, NamesAreTextNeverMarkup) {
  const std::vector<std::string> names = {
      "</script><script>alert(1)</script>",        "<!--", "a\"b'c", "<img src=x onerror=alert(1)>", "&amp;", "\\u003c",
      "\xf0\x9f\x98\x80 \xe7\x94\xb0\xe4\xb8\xad", "%s%n"};
  std::vector<Turn> turns;
  for (const std::string& name : names) turns.push_back({static_cast<int64_t>(turns.size()) * kSecond, kSecond, name});
  DiarizationPageInput input = Input(turns);
  input.title = names[0];
  input.settings = {{names[0], names[3]}};
  input.reference = Recording{names[0], turns};
  ASSERT_OK_AND_ASSIGN(const std::string page, DiarizationPageHtml(input));
  EXPECT_EQ(TurnsOf(DataOf(page)), turns);
  const std::vector<std::string> scripts = absl::StrSplit(page, "<script");
  EXPECT_THAT(scripts, SizeIs(3));  // the data and the script
  EXPECT_THAT(std::vector<std::string>(absl::StrSplit(page, "</script")), SizeIs(3));
  EXPECT_THAT(page, AllOf(Not(HasSubstr("<img")), Not(HasSubstr("<!--"))));
  EXPECT_THAT(DataText(page), Not(HasSubstr("<")));
}

TEST(DiarizationPageTest, BytesThatAreNoUtf8) {
  const DiarizationPageInput input = Input({{0, kSecond, "a\xff"}, {kSecond, kSecond, "a\xfe"}, {9, 1, "\xc3"}});
  ASSERT_OK_AND_ASSIGN(const std::string page, DiarizationPageHtml(input));
  const json data = DataOf(page);
  // Two speakers whose names look alike stay two.
  EXPECT_THAT(data["speakers"], SizeIs(3));
  EXPECT_EQ(data["speakers"][0]["name"], "a\xef\xbf\xbd");
  EXPECT_EQ(data["turns"], json::parse("[[0,1000000,0,0],[9,1,1,1],[1000000,1000000,2,2]]"));
  EXPECT_THAT(page, Not(HasSubstr("\xff")));
}

TEST(DiarizationPageTest, NothingSaid) {
  DiarizationPageInput input;
  ASSERT_OK_AND_ASSIGN(const std::string page, DiarizationPageHtml(input));
  const json data = DataOf(page);
  EXPECT_EQ(data["duration"], 1);
  EXPECT_THAT(data["turns"], IsEmpty());
  EXPECT_THAT(page, HasSubstr("0 speakers, 0 turns; speech 0:00.0 (0.0\u2009%)"));
  input.reference = Recording{"", {{0, kSecond, "A"}}};
  input.duration = 5 * kSecond;
  ASSERT_OK_AND_ASSIGN(const std::string missed, DiarizationPageHtml(input));
  EXPECT_THAT(missed, HasSubstr("DER 100.00\u2009%: missed 100.00\u2009%"));
  input.reference->turns.clear();
  EXPECT_OK(DiarizationPageHtml(input));
}

TEST(DiarizationPageTest, Totals) {
  ASSERT_OK_AND_ASSIGN(
      const std::string page,
      DiarizationPageHtml(
          Input({{0, 30 * kSecond, "A"}, {25 * kSecond, 10 * kSecond, "B"}, {50 * kSecond, 5 * kSecond, "B"}})));
  EXPECT_THAT(page, HasSubstr("1:00.0 long; 2 speakers, 3 turns; speech 0:40.0 (66.7\u2009%), two or more at once "
                              "0:05.0 (12.5\u2009% of the speech)"));
  EXPECT_THAT(page, HasSubstr("<bdi>B</bdi></label></th><td>0:15.0</td><td>33.3\u2009%</td><td>2</td>"
                              "<td>7.50\u2009s</td>"));
  EXPECT_EQ(DataOf(page)["overlap"], json::parse("[[25000000,30000000]]"));
}

// Against a count at every instant of a coarse grid.
TEST(DiarizationPageTest, OverlapIsWhereTwoSpeakersSpeak) {
  std::mt19937_64 random(5);
  for (int round = 0; round < 100; ++round) {
    RandomTurnsOptions options;
    options.num_speakers = 3;
    options.num_turns = 8;
    options.length = 40;
    options.longest = 12;
    options.grid = 1;
    options.own_overlap = true;
    const std::vector<Turn> turns = RandomTurns(options, &random).turns;
    ASSERT_OK_AND_ASSIGN(const std::string page, DiarizationPageHtml(Input(turns)));
    std::vector<TimeSpan> expected;
    for (int64_t time = 0; time < 60; ++time) {
      std::vector<std::string> speakers;
      for (const Turn& turn : turns) {
        if (turn.start <= time && time < turn.end()) speakers.push_back(turn.speaker);
      }
      std::sort(speakers.begin(), speakers.end());
      speakers.erase(std::unique(speakers.begin(), speakers.end()), speakers.end());
      if (speakers.size() < 2) continue;
      if (expected.empty() || expected.back().end != time) expected.push_back({time, time});
      expected.back().end = time + 1;
    }
    std::vector<TimeSpan> spans;
    const json data = DataOf(page);
    for (const json& span : data["overlap"]) spans.push_back({span[0], span[1]});
    EXPECT_EQ(spans, expected);
  }
}

TEST(DiarizationPageTest, ReferenceGivesColoursErrorsAndFigures) {
  std::mt19937_64 random(11);
  for (int round = 0; round < 20; ++round) {
    DiarizationPageInput input;
    input.duration = 120 * kSecond;
    input.reference = RandomConversation("meeting", 110 * kSecond, &random);
    input.result = ResultOf(RandomHypothesis(*input.reference, 300000, &random).turns);
    if (round % 2) input.region = {{{10 * kSecond, 40 * kSecond}, {50 * kSecond, 100 * kSecond}}};
    ASSERT_OK_AND_ASSIGN(const std::string page, DiarizationPageHtml(input));
    const json data = DataOf(page);
    ASSERT_OK_AND_ASSIGN(const FileDer der,
                         ScoreDer(*input.reference, {"meeting", TurnsOf(input.result)}, input.region));
    ASSERT_OK_AND_ASSIGN(const FileJer jer,
                         ScoreJer(*input.reference, {"meeting", TurnsOf(input.result)}, input.region));
    const auto time_of = [](const json& spans) {
      int64_t time = 0;
      for (const json& span : spans) time += span[1].get<int64_t>() - span[0].get<int64_t>();
      return time;
    };
    EXPECT_EQ(time_of(data["reference"]["missed"]), der.components.missed);
    EXPECT_EQ(time_of(data["reference"]["false alarm"]), der.components.false_alarm);
    EXPECT_EQ(time_of(data["reference"]["confusion"]), der.components.confusion);
    EXPECT_THAT(page, HasSubstr(absl::StrFormat("DER %.2f\u2009%%: missed", 100 * der.components.rate())));
    EXPECT_THAT(page, HasSubstr(absl::StrFormat("JER %.2f\u2009%%", 100 * jer.rate)));
    for (size_t r = 0; r < der.reference_speakers.size(); ++r) {
      EXPECT_EQ(data["reference"]["speakers"][r]["name"], der.reference_speakers[r]);
      EXPECT_EQ(data["reference"]["speakers"][r]["colour"], absl::StrCat("speaker", r));
    }
    std::vector<Turn> turns = TurnsOf(data["reference"]), expected = input.reference->turns;
    std::sort(expected.begin(), expected.end());
    EXPECT_EQ(turns, expected);
    for (const json& speaker : data["speakers"]) {
      for (size_t r = 0; r < der.mapping.size(); ++r) {
        const bool is_mapped = der.mapping[r] >= 0 && der.hypothesis_speakers[static_cast<size_t>(der.mapping[r])] ==
                                                          speaker["name"].get<std::string>();
        EXPECT_EQ(is_mapped, speaker["colour"] == absl::StrCat("speaker", r));
      }
    }
  }
}

TEST(DiarizationPageTest, Sound) {
  DiarizationPageInput input = Input({{0, kSecond, "A"}});
  input.sound = SoundBeside{"../b\"c d/\xc3\xa9:1.wav"};
  ASSERT_OK_AND_ASSIGN(const std::string beside, DiarizationPageHtml(input));
  EXPECT_THAT(beside, AllOf(HasSubstr(" src=\"../b%22c%20d/%C3%A9%3A1.wav\""), HasSubstr("id=\"play\"")));
  input.sound = SoundWithin{std::string("RIFF\0\xff", 6), "audio/wav"};
  ASSERT_OK_AND_ASSIGN(const std::string within, DiarizationPageHtml(input));
  EXPECT_THAT(within, HasSubstr(" src=\"data:audio/wav;base64,UklGRgD/\""));
  for (const char* path : {"", "/etc/x.wav", "a\\b.wav"}) {
    input.sound = SoundBeside{path};
    EXPECT_THAT(DiarizationPageHtml(input).status(),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("must be relative")));
  }
  for (const char* type : {"", "audio/", "text/html", "audio/wav;x", "audio/w\"v"}) {
    input.sound = SoundWithin{"", type};
    EXPECT_THAT(DiarizationPageHtml(input).status(),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("MIME type")));
  }
}

TEST(DiarizationPageTest, Peaks) {
  DiarizationPageInput input = Input({});
  const float nan = std::numeric_limits<float>::quiet_NaN();
  input.peaks = {{-.5f, 1.0f}, {nan, 7.0f}, {-.125f, 1.0f}};
  ASSERT_OK_AND_ASSIGN(const std::string page, DiarizationPageHtml(input));
  EXPECT_EQ(DataOf(page)["peaks"], json::parse("[-64,127,0,127,-16,127]"));
  // One loud column in a hundred is cut.
  input.peaks.assign(300, {-.25f, .125f});
  input.peaks[7] = {-1.0f, 1.0f};
  ASSERT_OK_AND_ASSIGN(const std::string quiet, DiarizationPageHtml(input));
  EXPECT_EQ(DataOf(quiet)["peaks"][12], -127);
  EXPECT_EQ(DataOf(quiet)["peaks"][13], 64);
  EXPECT_EQ(DataOf(quiet)["peaks"][15], 127);
}

TEST(DiarizationPageTest, WrongInputIsAStatus) {
  const auto status = [](const DiarizationPageInput& input) { return DiarizationPageHtml(input).status(); };
  DiarizationPageInput input = Input({{0, kSecond, "A"}});
  input.duration = -1;
  EXPECT_THAT(status(input), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("duration of \"meeting\"")));
  input = Input({{0, 0, "A"}});
  EXPECT_THAT(status(input), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("meeting")));
  input = Input({{0, kSecond, "A"}});
  for (const double confidence : {-.1, 1.1, std::numeric_limits<double>::quiet_NaN()}) {
    input.result.turns[0].confidence = confidence;
    EXPECT_THAT(status(input), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("confidence")));
  }
  input = Input(std::vector<Turn>(10000, {0, kMaxMicroseconds, "A"}));
  EXPECT_THAT(status(input), StatusIs(absl::StatusCode::kOutOfRange, HasSubstr("added up")));
  input = Input({});
  input.region.emplace();
  EXPECT_THAT(status(input), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("no reference")));
  input = Input({});
  input.reference = Recording{"meeting", {{-1, 1, "A"}}};
  EXPECT_THAT(status(input), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("meeting")));
}

TEST(DiarizationPageTest, TenHoursWithTwentyThousandTurnsStaySmall) {
  std::vector<Turn> turns;
  for (int64_t i = 0; i < 20000; ++i) {
    turns.push_back({i * 1800000 + i % 7, 2000000 + i % 13, absl::StrCat("speaker", i % 8)});
  }
  DiarizationPageInput input = Input(turns);
  input.duration = 10 * 3600 * kSecond;
  input.peaks.assign(6000, {-1.0f, 1.0f});
  ASSERT_OK_AND_ASSIGN(const std::string page, DiarizationPageHtml(input));
  EXPECT_LT(page.size(), 2000000);
  EXPECT_THAT(DataOf(page)["turns"], SizeIs(20000));
}

}  // namespace
}  // namespace diarflow
