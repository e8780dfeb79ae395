#include "datasets/formats/annotation_files.h"

#include <filesystem>
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
using ::testing::IsEmpty;

std::string Line(const std::string& uri, const std::string& speaker) {
  return absl::StrCat("SPEAKER ", uri, " 1 0.5 1.5 <NA> <NA> ", speaker, " <NA> <NA>\n");
}

Recording Said(const std::string& uri, const std::string& speaker) { return {uri, {{500000, 1500000, speaker}}}; }

class AnnotationFilesTest : public ::testing::Test {
 protected:
  AnnotationFilesTest()
      : folder_(absl::StrCat(testing::TempDir(), "/", testing::UnitTest::GetInstance()->current_test_info()->name())) {
    std::filesystem::remove_all(folder_);
  }

  std::string Write(const std::string& name, const std::string& text) {
    const std::string path = JoinPath(folder_, name);
    EXPECT_THAT(WriteFileAtomically(path, text), IsOk());
    return path;
  }

  const std::string folder_;
};

TEST_F(AnnotationFilesTest, AFileIsReadWhateverItsName) {
  const std::string path = Write("turns.txt", Line("b", "x") + Line("a", "NA"));
  EXPECT_THAT(ReadRttmFiles(path), IsOkAndHolds(ElementsAre(Said("b", "x"), Said("a", "NA"))));
  EXPECT_THAT(ReadRttmFiles(Write("empty.rttm", "")), IsOkAndHolds(IsEmpty()));
  EXPECT_THAT(ReadUemFiles(Write("where", "a 1 0 2\n")),
              IsOkAndHolds(ElementsAre(EvaluationRegion{"a", {{0, 2000000}}})));
}

TEST_F(AnnotationFilesTest, AFolderIsReadAtAnyDepthInOrder) {
  Write("z.rttm", Line("z", "x"));
  Write("deep/er/b.rttm", Line("b", "x"));
  Write("réunion.rttm", Line("réunion", "Zoë"));
  Write("deep/quiet.rttm", ";; nobody\n");
  Write("notes.txt", "no turns at all\n");
  Write("a.uem", "a 1 0 2\n");
  Write("deep/b.uem", "b 1 0 2\n");
  EXPECT_THAT(ReadRttmFiles(folder_), IsOkAndHolds(ElementsAre(Said("b", "x"), Recording{"quiet", {}},
                                                               Said("réunion", "Zoë"), Said("z", "x"))));
  EXPECT_THAT(ReadUemFiles(folder_),
              IsOkAndHolds(ElementsAre(EvaluationRegion{"a", {{0, 2000000}}}, EvaluationRegion{"b", {{0, 2000000}}})));
}

TEST_F(AnnotationFilesTest, LinksToFoldersAreFollowed) {
  Write("real/a.rttm", Line("a", "x"));
  std::filesystem::create_directory(JoinPath(folder_, "links"));
  std::filesystem::create_directory_symlink(JoinPath(folder_, "real"), JoinPath(folder_, "links/to"));
  EXPECT_THAT(ReadRttmFiles(JoinPath(folder_, "links")), IsOkAndHolds(ElementsAre(Said("a", "x"))));
}

TEST_F(AnnotationFilesTest, ARecordingInTwoFilesIsAnError) {
  const auto names_both = [](const std::string& ending) {
    return StatusIs(absl::StatusCode::kInvalidArgument,
                    AllOf(HasSubstr("\"a\""), HasSubstr("/1" + ending), HasSubstr("/2" + ending)));
  };
  Write("1.rttm", Line("a", "x"));
  Write("2.rttm", Line("b", "x") + Line("a", "y"));
  EXPECT_THAT(ReadRttmFiles(folder_), names_both(".rttm"));
  Write("2.rttm", "");
  Write("deep/2.rttm", Line("2", "x"));
  EXPECT_THAT(ReadRttmFiles(folder_), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("deep/2.rttm")));
  Write("1.uem", "a 1 0 2\n");
  Write("2.uem", "a 1 3 4\n");
  EXPECT_THAT(ReadUemFiles(folder_), names_both(".uem"));
}

TEST_F(AnnotationFilesTest, SaysWhatIsMissingOrWrong) {
  EXPECT_THAT(ReadRttmFiles(folder_), StatusIs(absl::StatusCode::kNotFound, HasSubstr(folder_)));
  EXPECT_THAT(ReadUemFiles(folder_), StatusIs(absl::StatusCode::kNotFound, HasSubstr(folder_)));
  Write("notes.txt", "");
  EXPECT_THAT(ReadRttmFiles(folder_), StatusIs(absl::StatusCode::kNotFound, HasSubstr("ends in .rttm")));
  EXPECT_THAT(ReadUemFiles(folder_), StatusIs(absl::StatusCode::kNotFound, HasSubstr("ends in .uem")));
  Write("a.rttm", "\nTURN a\n");
  EXPECT_THAT(ReadRttmFiles(folder_), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("a.rttm:2: ")));
}

}  // namespace
}  // namespace diarflow
