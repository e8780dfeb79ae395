#include "datasets/trial_list.h"

#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/files.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(UtteranceIdTest, Paths) {
  struct Case {
    std::string path, speaker, session;
  };
  for (const Case& c : std::vector<Case>{{"id10270/x6uYqmx31kE/00001.wav", "id10270", "id10270/x6uYqmx31kE"},
                                         {"vox1_test/wav/id10270/x/00001.wav", "id10270", "id10270/x"},
                                         {"/data/id1//v/1.wav", "id1", "id1/v"},
                                         {"spk/1.wav", "spk", "spk/1.wav"},
                                         {"1.wav", "1.wav", "1.wav"},
                                         {"MÉO069/réunion/trñ00.wav", "MÉO069", "MÉO069/réunion"},
                                         {"a#b/c/#1.wav", "a#b", "a#b/c"}}) {
    ASSERT_OK_AND_ASSIGN(const ListedUtterance utterance, ParseUtteranceId(c.path));
    EXPECT_EQ(utterance.id, c.path);
    EXPECT_EQ(utterance.path, c.path);
    EXPECT_EQ(utterance.speaker, c.speaker);
    EXPECT_EQ(utterance.session, c.session);
    EXPECT_EQ(utterance.start, Rational(0));
    EXPECT_FALSE(utterance.length.has_value());
  }
}

TEST(UtteranceIdTest, Fragments) {
  const auto piece = [](const std::string& fragment) {
    return ParseUtteranceId(absl::StrCat("s/m/u.wav#t=", fragment));
  };
  ASSERT_OK_AND_ASSIGN(ListedUtterance utterance, piece("0.1,0.3"));
  EXPECT_EQ(utterance.id, "s/m/u.wav#t=0.1,0.3");
  EXPECT_EQ(utterance.path, "s/m/u.wav");
  EXPECT_EQ(utterance.speaker, "s");
  EXPECT_EQ(utterance.start, Rational(1, 10));
  EXPECT_EQ(utterance.length, Rational(1, 5));  // exact: not 0.19999...
  ASSERT_OK_AND_ASSIGN(utterance, piece(",2.5"));
  EXPECT_EQ(utterance.start, Rational(0));
  EXPECT_EQ(utterance.length, Rational(5, 2));
  ASSERT_OK_AND_ASSIGN(utterance, piece("npt:12.125"));
  EXPECT_EQ(utterance.start, Rational(97, 8));
  EXPECT_FALSE(utterance.length.has_value());
  ASSERT_OK_AND_ASSIGN(utterance, ParseUtteranceId("a#t=1.wav#t=3,6"));
  EXPECT_EQ(utterance.path, "a#t=1.wav");

  for (const char* bad : {"", ",", "1,", "3,3", "4,3", "-1,2", "1e1,20", "nan", "1,2,3", "0:10,0:20", "a,b", " 1,2"}) {
    EXPECT_THAT(piece(bad), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(absl::StrCat("s/m/u.wav#t=", bad))));
  }
  EXPECT_THAT(ParseUtteranceId(""), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(ParseUtteranceId("#t=1,2"), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("no path")));
}

TEST(TrialListTest, ReadsVoxCelebLines) {
  ASSERT_OK_AND_ASSIGN(const TrialList list, ParseTrialList("1 id1/v/1.wav id1/w/2.wav\n"
                                                            "0 id1/v/1.wav id2/x/1.wav\n"
                                                            "0 id1/v/1.wav id2/x/1.wav\n",
                                                            "list"));
  ASSERT_EQ(list.utterances.size(), 3u);
  EXPECT_EQ(list.utterances[2].id, "id2/x/1.wav");
  EXPECT_THAT(list.trials, ElementsAre(Trial{true, 0, 1}, Trial{false, 0, 2}, Trial{false, 0, 2}));
  EXPECT_EQ(list.num_target(), 1);
  EXPECT_EQ(list.num_nontarget(), 2);
  const SpeakerIndex speakers = IndexSpeakers(list);
  EXPECT_THAT(speakers.names, ElementsAre("id1", "id2"));
  EXPECT_THAT(speakers.of_utterance, ElementsAre(0, 0, 1));
}

TEST(TrialListTest, IsLenientOnBlanks) {
  ASSERT_OK_AND_ASSIGN(const TrialList list, ParseTrialList("\xef\xbb\xbf  1\ta   b \r\n\r\n   \n0 \t c a", "list"));
  EXPECT_THAT(list.trials, ElementsAre(Trial{true, 0, 1}, Trial{false, 2, 0}));
  EXPECT_EQ(FormatTrialList(list), "1 a b\n0 c a\n");
}

TEST(TrialListTest, ErrorsNameFileAndLine) {
  const auto error = [](const std::string& text) { return ParseTrialList(text, "my/list.txt").status(); };
  const auto invalid = [](const std::string& where, const std::string& what) {
    return StatusIs(absl::StatusCode::kInvalidArgument, AllOf(HasSubstr(where), HasSubstr(what)));
  };
  EXPECT_THAT(error("1 a b\n2 a b\n"), invalid("my/list.txt:2: ", "label is \"2\""));
  EXPECT_THAT(error("\n\ntarget a b"), invalid("my/list.txt:3: ", "label is \"target\""));
  EXPECT_THAT(error("1 a\n"), invalid("my/list.txt:1: ", "three fields; here are 2"));
  EXPECT_THAT(error("1 a b c\n"), invalid("my/list.txt:1: ", "three fields; here are 4"));
  EXPECT_THAT(error("1 a b\n\n0 a c#t=5,2\n"), invalid("my/list.txt:3: ", "c#t=5,2"));
  EXPECT_THAT(error("1.0 a b"), invalid("my/list.txt:1: ", "label"));
  EXPECT_THAT(error(""), invalid("my/list.txt: ", "no trial"));
  EXPECT_THAT(error(" \r\n\n"), invalid("my/list.txt: ", "no trial"));
}

TEST(TrialListTest, FilesAndRoundTrips) {
  std::mt19937_64 random(5);
  for (int round = 0; round < 50; ++round) {
    std::string text;
    const int trials = 1 + static_cast<int>(random() % 40);
    for (int i = 0; i < trials; ++i) {
      const auto name = [&random] {
        std::string id = absl::StrCat("spé", random() % 4, "/m", random() % 3, "/", random() % 5, ".wav");
        if (random() % 2 == 0) absl::StrAppend(&id, "#t=", random() % 9, ".5,", 10 + random() % 9);
        return id;
      };
      const std::string enrol = name();
      absl::StrAppend(&text, random() % 2, " ", enrol, " ", name(), "\n");
    }
    const std::string path = absl::StrCat(testing::TempDir(), "/trials.txt");
    ASSERT_OK(WriteFileAtomically(path, text));
    ASSERT_OK_AND_ASSIGN(const TrialList list, ReadTrialList(path));
    EXPECT_EQ(FormatTrialList(list), text);
    EXPECT_EQ(list.trials.size(), static_cast<size_t>(trials));
  }
  EXPECT_THAT(ReadTrialList("/nowhere/list.txt"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("/nowhere/list.txt")));
}

TEST(TrialListTest, BytesFromAnywhereNeverCrash) {
  std::mt19937_64 random(6);
  const std::string alphabet = "01 \t\r\n#t=,.ab/\xc3\xff";
  int read = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    for (uint64_t n = random() % 40; n > 0; --n) text += alphabet[random() % alphabet.size()];
    const absl::StatusOr<TrialList> list = ParseTrialList(text, "noise");
    if (!list.ok()) {
      EXPECT_THAT(list, StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("noise")));
      continue;
    }
    ++read;
    ASSERT_OK_AND_ASSIGN(const TrialList again, ParseTrialList(FormatTrialList(*list), "again"));
    EXPECT_EQ(again.trials, list->trials);
  }
  EXPECT_GT(read, 0);
}

}  // namespace
}  // namespace diarflow
