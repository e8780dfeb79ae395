#include "datasets/manifest.h"

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

using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string Path(const std::string& name) { return JoinPath(testing::TempDir(), name); }

absl::StatusOr<std::vector<ManifestEntry>> Read(const std::string& text) {
  EXPECT_OK(WriteFileAtomically(Path("m/manifest.jsonl"), text));
  return ReadManifest(Path("m/manifest.jsonl"));
}

TEST(ManifestTest, ReadsALineOfAnotherProgram) {
  const auto entries = Read(
      "\xef\xbb\xbf{\"audio_filepath\": \"a/b.flac\", \"duration\": 2.5, \"text\": \"hello world\", \"offset\": 0,"
      " \"words\": [\"\", \"hello\", \"\", \"world\"], \"alignments\": [0.31, 1, 1.2, 2.5004],"
      " \"speaker_id\": \"NA\", \"uem_filepath\": null, \"label\": \"infer\", \"lang\": {\"a\": [1]}}\r\n"
      "\r\n"
      "{\"audio_filepath\": \"/abs/c.wav\"}");
  ASSERT_OK(entries);
  ASSERT_EQ(entries->size(), 2u);
  const ManifestEntry& first = (*entries)[0];
  EXPECT_EQ(first.audio, Path("m/a/b.flac"));
  EXPECT_EQ(first.duration, 2500000);
  EXPECT_EQ(first.speaker, "NA");
  EXPECT_EQ(first.text, "hello world");
  // The last one is within the rounding of programs: it ends with the utterance.
  EXPECT_EQ(first.tokens,
            (std::vector<AlignedToken>{{"", 310000}, {"hello", 1000000}, {"", 1200000}, {"world", 2500000}}));
  EXPECT_EQ(first.name(), first.audio);
  EXPECT_EQ((*entries)[1].audio, "/abs/c.wav");
  EXPECT_FALSE((*entries)[1].duration.has_value());
}

TEST(ManifestTest, SaysWhatIsWrongAndWhere) {
  const struct {
    std::string line, message;
  } kCases[] = {
      {"{\"duration\": 1}", "there is no \"audio_filepath\""},
      {"{\"audio_filepath\": 7}", "\"audio_filepath\" is not a text"},
      {"{\"audio_filepath\": \"a\", \"duration\": 0}", "leave it out to take the file up to its end"},
      {"{\"audio_filepath\": \"a\", \"duration\": \"1\"}", "\"duration\" is not a number"},
      {"{\"audio_filepath\": \"a\", \"offset\": -1}", "\"offset\" is -1; it must lie between 0 and 10^9 seconds"},
      {"{\"audio_filepath\": \"a\", \"offset\": 1e300}", "10^9"},
      {"{\"audio_filepath\": \"a\", \"words\": [\"a\"]}", "two lists of equal length; here are 1 and 0 entries"},
      {"{\"audio_filepath\": \"a\", \"words\": [1], \"alignments\": [1]}", "entry 1 of \"words\" is not a text"},
      {"{\"audio_filepath\": \"a\", \"words\": [\"a\", \"b\"], \"alignments\": [1, 0.5]}", "these are ends"},
      {"{\"audio_filepath\": \"a\", \"duration\": 1, \"words\": [\"a\"], \"alignments\": [1.002]}",
       "ends at 1.002 s, after the duration of 1 s"},
      {"{\"audio_filepath\": \"a\", \"num_speakers\": 1.5}", "whole number"},
      {"{\"audio_filepath\": \"a\", \"num_speakers\": 99999999999}", "whole number"},
      {"{\"audio_filepath\": \"a\"", "the line is no JSON object"},
      {"[1]", "no object"},
      {"{\"audio_filepath\": \"\xff\"}", "the line is no JSON object"},
  };
  for (const auto& test : kCases) {
    const auto entries = Read(absl::StrCat("{\"audio_filepath\": \"first.wav\"}\n", test.line, "\n"));
    const std::string message(entries.status().message());
    EXPECT_THAT(message, StartsWith(absl::StrCat(Path("m/manifest.jsonl"), ":2: "))) << test.line;
    EXPECT_THAT(message, HasSubstr(test.message)) << test.line;
  }
  const auto twice =
      Read("{\"audio_filepath\": \"a\", \"utterance\": \"u\"}\n{\"audio_filepath\": \"b\", \"utterance\": \"u\"}\n");
  EXPECT_THAT(twice.status().message(), HasSubstr(":2: the utterance \"u\" is there already, as entry 1"));
  EXPECT_THAT(ReadManifest(Path("nowhere.jsonl")).status().message(), HasSubstr("nowhere.jsonl"));
}

ManifestEntry RandomEntry(std::mt19937_64* random, int number) {
  const auto draw = [random](int64_t n) { return static_cast<int64_t>((*random)() % n); };
  ManifestEntry entry;
  entry.audio = absl::StrCat("/data/M\xc3\x89O/", number, ".wav");
  entry.utterance = absl::StrCat("utt\"\\\n", number);
  entry.offset = draw(2) * draw(4000000000);
  if (draw(2) == 1) entry.duration = 1 + draw(100000000);
  if (draw(2) == 1) entry.speaker = "\xe5\xbc\xa0";
  if (draw(2) == 1) entry.session = "s";
  if (draw(2) == 1) entry.split = "dev-clean";
  if (draw(2) == 1) entry.text = "a b";
  int64_t end = 0;
  for (int64_t i = draw(5); i > 0; --i) {
    end += draw(1000);
    entry.tokens.push_back({draw(2) == 1 ? "word" : "", entry.duration ? std::min(end, *entry.duration) : end});
  }
  entry.num_speakers = static_cast<int>(draw(5));
  if (draw(2) == 1) entry.rttm = "/labels/x.rttm";
  if (draw(2) == 1) entry.ctm = "/labels/x.ctm";
  if (draw(2) == 1) entry.uem = "/labels/x.uem";
  return entry;
}

TEST(ManifestTest, WhatIsWrittenIsReadAndWrittenAgain) {
  std::mt19937_64 random(7);
  std::vector<ManifestEntry> entries;
  for (int i = 0; i < 500; ++i) entries.push_back(RandomEntry(&random, i));
  ASSERT_OK(WriteManifest(Path("w/m.jsonl"), entries));
  const auto read = ReadManifest(Path("w/m.jsonl"));
  ASSERT_OK(read);
  EXPECT_EQ(*read, entries);
  ASSERT_OK(WriteManifest(Path("w/again.jsonl"), *read));
  EXPECT_EQ(*ReadFile(Path("w/m.jsonl")), *ReadFile(Path("w/again.jsonl")));
}

TEST(ManifestTest, PathsInItsFolderMoveWithIt) {
  ManifestEntry entry;
  entry.audio = Path("one/wav/a.wav");
  entry.rttm = Path("elsewhere/a.rttm");
  entry.offset = 1500000;
  ASSERT_OK(WriteManifest(Path("one/m.jsonl"), {entry}));
  const std::string text = *ReadFile(Path("one/m.jsonl"));
  EXPECT_EQ(text, absl::StrCat("{\"audio_filepath\":\"wav/a.wav\",\"offset\":1.5,\"rttm_filepath\":\"",
                               Path("elsewhere/a.rttm"), "\"}\n"));
  ASSERT_OK(WriteFileAtomically(Path("two/m.jsonl"), text));
  const auto moved = ReadManifest(Path("two/m.jsonl"));
  ASSERT_OK(moved);
  EXPECT_EQ((*moved)[0].audio, Path("two/wav/a.wav"));
  EXPECT_EQ((*moved)[0].rttm, Path("elsewhere/a.rttm"));
}

TEST(ManifestTest, RefusesToWriteWhatCannotBeRead) {
  ManifestEntry entry;
  EXPECT_THAT(FormatManifestEntry(entry).status().message(), HasSubstr("audio_filepath"));
  entry.audio = "a.wav";
  entry.speaker = "\xff\xfe";
  EXPECT_THAT(FormatManifestEntry(entry).status().message(), HasSubstr("a.wav: a text of the manifest is not UTF-8"));
  entry.speaker = "";
  entry.tokens = {{"a", 5}, {"b", 4}};
  EXPECT_THAT(FormatManifestEntry(entry).status().message(), HasSubstr("a.wav: entry 2"));
}

}  // namespace
}  // namespace diarflow
