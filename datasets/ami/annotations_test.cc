#include "datasets/ami/annotations.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/files.h"
#include "base/random.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;

constexpr char kLatin1[] = "<?xml version=\"1.0\" encoding=\"ISO-8859-1\" standalone=\"yes\"?>\n";

std::string Write(const std::string& text) {
  const std::string path = JoinPath(testing::TempDir(), "file.xml");
  EXPECT_OK(WriteFileAtomically(path, text));
  return path;
}

std::string Root(const std::string& content) {
  return absl::StrCat(kLatin1, "<nite:root nite:id=\"x\" xmlns:nite=\"http://nite.sourceforge.net/\">\n", content,
                      "</nite:root>\n");
}

TEST(AmiAnnotationsTest, MeetingsNameTheirSpeakers) {
  ASSERT_OK_AND_ASSIGN(const AmiMeetings meetings,
                       ReadAmiMeetings(Write(Root("<meeting observation=\"ES1\" duration=\"7\">\n"
                                                  "<speaker nxt_agent=\"B\" global_name=\"M\xc9O2\" role=\"PM\"/>\n"
                                                  "<speaker nxt_agent=\"A\" global_name=\"FEE1\"/></meeting>\n"
                                                  "<meeting observation=\"ES0\"/>\n"))));
  const AmiMeetings expected = {{"ES0", {}}, {"ES1", {{"A", "FEE1"}, {"B", "M\xc3\x89O2"}}}};
  EXPECT_EQ(meetings, expected);
}

TEST(AmiAnnotationsTest, BrokenMeetingsNameTheirLine) {
  const auto error = [](const std::string& content) {
    return std::string(ReadAmiMeetings(Write(Root(content))).status().message());
  };
  EXPECT_THAT(error("\n<meeting/>"), HasSubstr("file.xml:4: <meeting> has no observation"));
  EXPECT_THAT(error("<meeting observation=\"a\">\n<speaker nxt_agent=\"A\"/></meeting>"),
              HasSubstr("file.xml:4: <speaker> has no global_name"));
  EXPECT_THAT(error("<meeting observation=\"a\"/>\n<meeting observation=\"a\"/>"),
              HasSubstr("file.xml:4: the meeting a is there twice"));
  EXPECT_THAT(error("<meeting observation=\"a\">\n<speaker nxt_agent=\"A\" global_name=\"x\"/>\n"
                    "<speaker nxt_agent=\"A\" global_name=\"y\"/></meeting>"),
              HasSubstr("file.xml:5: the meeting a has two speakers A"));
  EXPECT_THAT(error("<w/>"), HasSubstr("file.xml:2: there is no <meeting>"));
  EXPECT_THAT(ReadAmiMeetings("/nowhere/meetings.xml"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("/nowhere/meetings.xml")));
}

constexpr char kWords[] =
    "<w starttime=\"1.5\" endtime=\"2\">caf\xe9</w>\n"
    "<w starttime=\"2\" endtime=\"2\" punc=\"true\">.</w>\n"
    "<vocalsound starttime=\"3\" endtime=\"4.25\" type=\"laugh\"/>\n"
    "<disfmarker starttime=\"5\" endtime=\"6\"/>\n"
    "<w starttime=\"7\" endtime=\"6.9\">\xe9\xe9\xe9</w>\n"
    "<w endtime=\"8\">so</w>\n"
    "<w starttime=\"9\" endtime=\"9\">m</w>\n"
    "<w starttime=\"10\" endtime=\"11\" punc=\"false\">well</w>\n"
    "<vocalsound type=\"cough\"/>\n";

TEST(AmiAnnotationsTest, WordsAreWhatHasADuration) {
  const std::string path = Write(Root(kWords));
  ASSERT_OK_AND_ASSIGN(const AmiSpans words, ReadAmiWords(path, false));
  EXPECT_THAT(words.spans, ElementsAre(TimeSpan{1500000, 2000000}, TimeSpan{10000000, 11000000}));
  // Letters with accents in front do not move the line.
  EXPECT_THAT(words.reversed, ElementsAre(EndsWith("file.xml:7")));
  EXPECT_THAT(words.without_times, ElementsAre(EndsWith("file.xml:8")));
  ASSERT_OK_AND_ASSIGN(const AmiSpans sounds, ReadAmiWords(path, true));
  EXPECT_THAT(sounds.spans,
              ElementsAre(TimeSpan{1500000, 2000000}, TimeSpan{3000000, 4250000}, TimeSpan{10000000, 11000000}));
  EXPECT_THAT(sounds.without_times, ElementsAre(EndsWith("file.xml:8"), EndsWith("file.xml:11")));
}

TEST(AmiAnnotationsTest, SegmentsStayAsTheyAre) {
  ASSERT_OK_AND_ASSIGN(const AmiSpans segments,
                       ReadAmiSegments(Write(Root("<segment transcriber_start=\"1\" transcriber_end=\"2.128\">\n"
                                                  "<nite:child href=\"a.words.xml#id(w0)..id(w9)\"/></segment>\n"
                                                  "<segment transcriber_start=\"2.128\" transcriber_end=\"3\"/>\n"
                                                  "<segment starttime=\"5\" endtime=\"6\"/>\n"
                                                  "<segment transcriber_start=\"9\" transcriber_end=\"8\"/>\n"))));
  EXPECT_THAT(segments.spans, ElementsAre(TimeSpan{1000000, 2128000}, TimeSpan{2128000, 3000000}));
  EXPECT_THAT(segments.without_times, ElementsAre(EndsWith(":6")));
  EXPECT_THAT(segments.reversed, ElementsAre(EndsWith(":7")));
}

TEST(AmiAnnotationsTest, BrokenFilesNameTheirLine) {
  const auto error = [](const std::string& text) {
    return std::string(ReadAmiWords(Write(text), false).status().message());
  };
  EXPECT_THAT(error(Root("<w starttime=\"1,5\" endtime=\"2\"/>")),
              AllOf(HasSubstr("file.xml:3: <w>: \"1,5\" is no time"), HasSubstr("2.5")));
  EXPECT_THAT(error(Root("<w starttime=\"-1\" endtime=\"2\"/>")), HasSubstr("file.xml:3: <w>: \"-1\""));
  EXPECT_THAT(error(Root("<w starttime=\"1\" endtime=\"1e3\"/>")), HasSubstr("\"1e3\""));
  EXPECT_THAT(error(Root("<w>\n<v>\n</w>\n")), HasSubstr("file.xml:5: this is no whole XML file"));
  EXPECT_THAT(error(""), HasSubstr("file.xml:1: this is no whole XML file"));
  EXPECT_THAT(error(std::string("<\0r\0>\0", 6)), HasSubstr("neither UTF-8 nor ISO-8859-1"));
}

// A file that is cut off anywhere is an error, and so is one with a byte changed, or its spans are still in order.
TEST(AmiAnnotationsTest, NoDamageGoesUnnoticedOrCrashes) {
  const std::string text = Root(kWords);
  for (size_t size = 0; size + 1 < text.size(); ++size) {
    EXPECT_THAT(ReadAmiWords(Write(text.substr(0, size)), true), StatusIs(absl::StatusCode::kInvalidArgument)) << size;
  }
  Random random(1);
  for (int i = 0; i < 2000; ++i) {
    std::string damaged = text;
    for (int64_t n = 1 + random.Below(3); n > 0; --n) {
      damaged[static_cast<size_t>(random.Below(static_cast<int64_t>(text.size())))] =
          static_cast<char>(random.Below(256));
    }
    const absl::StatusOr<AmiSpans> spans = ReadAmiWords(Write(damaged), true);
    if (!spans.ok()) {
      EXPECT_THAT(spans.status().message(), HasSubstr("file.xml:")) << damaged;
      continue;
    }
    for (const TimeSpan& span : spans->spans) EXPECT_LT(span.start, span.end);
  }
}

}  // namespace
}  // namespace diarflow
