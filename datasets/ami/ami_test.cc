#include "datasets/ami/ami.h"

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "audio/decode.h"
#include "audio/write_wav.h"
#include "base/files.h"
#include "base/float_array.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class AmiTest : public testing::Test {
 protected:
  // A train meeting of two, and a test meeting of one.
  void SetUp() override {
    root_ = JoinPath(testing::TempDir(), "ami");
    std::filesystem::remove_all(root_);
    Write("annotations/corpusResources/meetings.xml",
          "<meeting observation=\"ES2002a\"><speaker nxt_agent=\"A\" global_name=\"MEE006\"/>"
          "<speaker nxt_agent=\"B\" global_name=\"FEE005\"/></meeting>\n"
          "<meeting observation=\"ES2004a\"><speaker nxt_agent=\"A\" global_name=\"MEO015\"/></meeting>\n"
          "<meeting observation=\"IB4005\"><speaker nxt_agent=\"A\" global_name=\"MEO099\"/></meeting>\n");
    Write("annotations/words/ES2002a.A.words.xml",
          "<w starttime=\"0.1\" endtime=\"0.2\">caf\xe9</w><w starttime=\"0.2\" endtime=\"0.25\">no</w>\n"
          "<w starttime=\"0.26\" endtime=\"0.3\">yes</w><w starttime=\"2\" endtime=\"1\">late</w>\n"
          "<vocalsound starttime=\"0.3\" endtime=\"0.4\" type=\"laugh\"/>\n");
    Write("annotations/words/ES2002a.B.words.xml", "<w starttime=\"0.15\" endtime=\"0.22\">hm</w>\n");
    Write("annotations/words/ES2004a.A.words.xml", "<w starttime=\"0\" endtime=\"0.5\">hm</w><w>?</w>\n");
    Write("annotations/segments/ES2002a.A.segments.xml",
          "<segment transcriber_start=\"0.1\" transcriber_end=\"0.3\"/>"
          "<segment transcriber_start=\"0.3\" transcriber_end=\"0.4\"/>\n");
    Write("annotations/segments/ES2002a.B.segments.xml", "");
    Write("annotations/segments/ES2004a.A.segments.xml", "");
    for (const char* meeting : {"ES2002a", "ES2004a"})
      ASSERT_OK(WriteWav(Audio(meeting), FloatArray::Zeros({16001}), 16000));
  }

  std::string Audio(const std::string& meeting) const {
    return absl::StrCat(root_, "/deep/amicorpus/", meeting, "/audio/", meeting, ".Mix-Headset.wav");
  }

  void Write(const std::string& name, const std::string& content) {
    ASSERT_OK(WriteFileAtomically(JoinPath(root_, name),
                                  absl::StrCat("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n"
                                               "<nite:root xmlns:nite=\"http://nite.sourceforge.net/\">\n",
                                               content, "</nite:root>\n")));
  }

  std::string root_;
};

TEST_F(AmiTest, OnlyWords) {
  ASSERT_OK_AND_ASSIGN(const Corpus corpus, AmiCorpus(root_, AmiLabels::kOnlyWords));
  EXPECT_EQ(corpus.name, "AMI");
  ASSERT_THAT(corpus.labels, SizeIs(2));
  EXPECT_EQ(corpus.labels[0].uri, "ES2002a");
  EXPECT_THAT(corpus.labels[0].turns, ElementsAre(Turn{100000, 150000, "MEE006"}, Turn{150000, 70000, "FEE005"},
                                                  Turn{260000, 40000, "MEE006"}));
  EXPECT_THAT(corpus.labels[1].turns, ElementsAre(Turn{0, 500000, "MEO015"}));
  ASSERT_THAT(corpus.entries, SizeIs(2));
  EXPECT_EQ(corpus.entries[0].audio, Audio("ES2002a"));
  EXPECT_EQ(corpus.entries[0].utterance, "ES2002a");
  EXPECT_EQ(corpus.entries[0].session, "ES2002a");
  EXPECT_EQ(corpus.entries[0].split, "train");
  EXPECT_EQ(corpus.entries[0].duration, 1000063);
  EXPECT_EQ(corpus.entries[0].num_speakers, 2);
  EXPECT_EQ(corpus.entries[1].split, "test");
  EXPECT_THAT(corpus.regions,
              ElementsAre(EvaluationRegion{"ES2002a", {{0, 1000063}}}, EvaluationRegion{"ES2004a", {{0, 1000063}}}));
  EXPECT_THAT(corpus.problems,
              ElementsAre(AllOf(HasSubstr("published"), HasSubstr("train 1 / 136, dev 0 / 18, test 1 / 16"))));
  EXPECT_THAT(corpus.notes, ElementsAre(HasSubstr("end before they start, left out: " + root_ +
                                                  "/annotations/words/ES2002a.A.words.xml:4"),
                                        HasSubstr("ES2004a.A.words.xml:3")));
}

TEST_F(AmiTest, OtherLabels) {
  ASSERT_OK_AND_ASSIGN(const Corpus sounds, AmiCorpus(root_, AmiLabels::kWordAndVocalSounds));
  EXPECT_THAT(sounds.labels[0].turns, Contains(Turn{260000, 140000, "MEE006"}));
  ASSERT_OK_AND_ASSIGN(const Corpus segments, AmiCorpus(root_, AmiLabels::kSegments));
  EXPECT_THAT(segments.labels[0].turns, ElementsAre(Turn{100000, 200000, "MEE006"}, Turn{300000, 100000, "MEE006"}));
  EXPECT_THAT(segments.labels[1].turns, IsEmpty());
  EXPECT_EQ(segments.entries[0].num_speakers, 1);
  EXPECT_THAT(segments.notes, IsEmpty());
}

TEST_F(AmiTest, AFaultCostsItsMeeting) {
  std::filesystem::remove(JoinPath(root_, "annotations/words/ES2002a.B.words.xml"));
  std::filesystem::remove(Audio("ES2004a"));
  ASSERT_OK_AND_ASSIGN(const Corpus missing, AmiCorpus(root_, AmiLabels::kOnlyWords));
  EXPECT_THAT(missing.entries, IsEmpty());
  EXPECT_THAT(missing.regions, IsEmpty());
  ASSERT_THAT(missing.labels, SizeIs(1));
  EXPECT_EQ(missing.labels[0].uri, "ES2004a");
  EXPECT_THAT(missing.problems, Contains(HasSubstr("words/ES2002a.B.words.xml")));
  EXPECT_THAT(missing.problems, Contains(AllOf(HasSubstr("without audio"), HasSubstr("ES2004a"))));

  ASSERT_OK(WriteFileAtomically(JoinPath(root_, "annotations/words/ES2002a.B.words.xml"), "<root>\n<w>\n</root>"));
  ASSERT_OK(WriteFileAtomically(Audio("ES2004a"), "no sound"));
  ASSERT_OK_AND_ASSIGN(const Corpus broken, AmiCorpus(root_, AmiLabels::kOnlyWords));
  EXPECT_THAT(broken.entries, IsEmpty());
  EXPECT_THAT(broken.problems, Contains(HasSubstr("ES2002a.B.words.xml:3: ")));
  EXPECT_THAT(broken.problems, Contains(AllOf(HasSubstr("cannot be read"), HasSubstr(Audio("ES2004a")))));
}

TEST_F(AmiTest, SaysWhatIsNotThere) {
  EXPECT_THAT(AmiCorpus("/nowhere", AmiLabels::kOnlyWords),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("ami_public_manual")));
  std::filesystem::copy(JoinPath(root_, "annotations"), JoinPath(root_, "again"),
                        std::filesystem::copy_options::recursive);
  EXPECT_THAT(AmiCorpus(root_, AmiLabels::kOnlyWords),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr("annotations lie in " + root_ + "/again and in " + root_ + "/annotations")));
  std::filesystem::remove_all(JoinPath(root_, "again"));
  Write("annotations/corpusResources/meetings.xml", "<meeting/>");
  EXPECT_THAT(AmiCorpus(root_, AmiLabels::kOnlyWords), StatusIs(absl::StatusCode::kInvalidArgument));
}

// Links in a circle end, and a meeting without speakers is named.
TEST_F(AmiTest, OddTrees) {
  std::filesystem::create_directory_symlink(root_, JoinPath(root_, "deep/circle"));
  ASSERT_OK_AND_ASSIGN(const Corpus round, AmiCorpus(root_, AmiLabels::kOnlyWords));
  EXPECT_THAT(round.entries, SizeIs(2));
  std::filesystem::remove(JoinPath(root_, "deep/circle"));
  Write("annotations/corpusResources/meetings.xml", "<meeting observation=\"ES2004a\"/>");
  ASSERT_OK_AND_ASSIGN(const Corpus corpus, AmiCorpus(root_, AmiLabels::kOnlyWords));
  EXPECT_THAT(corpus.labels, IsEmpty());
  EXPECT_THAT(corpus.problems, Contains(AllOf(HasSubstr("no speakers"), HasSubstr("ES2004a"))));
}

std::string Chunk(const std::string& name, const std::string& bytes) {
  std::string chunk = name;
  for (int shift = 0; shift < 32; shift += 8) chunk += static_cast<char>(bytes.size() >> shift & 0xff);
  return chunk + bytes + (bytes.size() % 2 == 1 ? std::string(1, '\0') : "");
}

// Some of AMI's files (IS100x) have chunks that no program knows, before and after the samples.
TEST_F(AmiTest, UnknownChunksAroundTheSamples) {
  FloatArray sound = FloatArray::Zeros({1000});
  for (int i = 0; i < 1000; ++i) sound.mutable_data()[i] = static_cast<float>(i) / 32768;
  ASSERT_OK(WriteWav(Audio("ES2004a"), sound, 16000));
  ASSERT_OK_AND_ASSIGN(const std::string plain, ReadFile(Audio("ES2004a")));
  const std::string before = Chunk("bext", std::string(603, 'x')) + Chunk("qqqq", "abc");
  const std::string after = Chunk("LIST", "INFOno list at all") + Chunk("\x01\x02zz", std::string(77, '\xff'));
  for (const std::string& tail : {after, std::string("odd"), std::string("")}) {
    // "fmt " ends at 36; the size in the header is left as it was, which is wrong.
    ASSERT_OK(WriteFileAtomically(Audio("ES2004a"), plain.substr(0, 36) + before + plain.substr(36) + tail));
    ASSERT_OK_AND_ASSIGN(const AudioInfo info, ReadAudioInfo(Audio("ES2004a")));
    EXPECT_EQ(info.num_samples, 1000);
    ASSERT_OK_AND_ASSIGN(const Waveform waveform, DecodeAudio(Audio("ES2004a")));
    ASSERT_EQ(waveform.samples.size(), 1000);
    for (int i = 0; i < 1000; ++i) ASSERT_EQ(waveform.samples.data()[i], sound.data()[i]);
    ASSERT_OK_AND_ASSIGN(const Corpus corpus, AmiCorpus(root_, AmiLabels::kOnlyWords));
    EXPECT_EQ(corpus.entries[1].duration, 62500);
  }
}

TEST(AmiSplitTest, IsTheFullCorpusPartition) {
  std::map<std::string, std::set<std::string>> series;
  const auto add = [&](const std::string& group, const std::string& letters) {
    for (const char letter : letters)
      series[AmiSplit(absl::StrCat(group, std::string(1, letter)))].insert(group + letter);
  };
  for (int group = 2002; group <= 2016; ++group) add(absl::StrCat("ES", group), "abcd");
  for (int group = 1000; group <= 1009; ++group)
    add(absl::StrCat("IS", group), group == 1002 ? "bcd" : group == 1005 ? "abc" : "abcd");
  for (int group = 3003; group <= 3012; ++group) add(absl::StrCat("TS", group), "abcd");
  add("EN2001", "abde");
  add("EN2002", "abcd");
  for (const char* group : {"EN2003", "EN2004", "EN2005"}) add(group, "a");
  add("EN2006", "ab");
  add("EN2009", "bcd");
  for (const char* meeting : {"IB4001", "IB4002", "IB4003", "IB4004", "IB4005", "IB4010", "IB4011", "IN1001", "IN1002",
                              "IN1005", "IN1007", "IN1008", "IN1009", "IN1012", "IN1013", "IN1014", "IN1016"}) {
    series[AmiSplit(meeting)].insert(meeting);
  }
  EXPECT_THAT(series["train"], SizeIs(136));
  EXPECT_THAT(series["dev"], SizeIs(18));
  EXPECT_THAT(series["test"], SizeIs(16));
  EXPECT_THAT(series[""], ElementsAre("IB4005"));
  for (const AmiLabels labels : {AmiLabels::kOnlyWords, AmiLabels::kWordAndVocalSounds, AmiLabels::kSegments}) {
    for (const ExpectedSplit& split : AmiExpectedSplits(labels)) {
      EXPECT_EQ(*split.files, static_cast<int64_t>(series[split.split].size()));
      EXPECT_EQ(split.turns.has_value(), labels == AmiLabels::kOnlyWords);
    }
  }
}

}  // namespace
}  // namespace diarflow
