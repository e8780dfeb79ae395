#include "audio/memory_file.h"

#include <cstdio>
#include <string>

#include "gtest/gtest.h"

namespace diarflow {
namespace {

TEST(MemoryFileTest, IsAFile) {
  MemoryFile file;
  const SF_VIRTUAL_IO io = MemoryFile::Callbacks();
  EXPECT_EQ(io.get_filelen(&file), 0);
  EXPECT_EQ(io.write("abcdef", 6, &file), 6);
  EXPECT_EQ(io.tell(&file), 6);
  EXPECT_EQ(io.seek(2, SEEK_SET, &file), 2);
  EXPECT_EQ(io.write("XY", 2, &file), 2);
  EXPECT_EQ(io.seek(-1, SEEK_CUR, &file), 3);
  char bytes[8] = {};
  EXPECT_EQ(io.read(bytes, 8, &file), 3);
  EXPECT_EQ(std::string(bytes), "Yef");
  EXPECT_EQ(io.read(bytes, 8, &file), 0);
  EXPECT_EQ(io.seek(-6, SEEK_END, &file), 0);
  // Behind the end: nothing to read, and writing fills the gap.
  EXPECT_EQ(io.seek(8, SEEK_SET, &file), 8);
  EXPECT_EQ(io.read(bytes, 1, &file), 0);
  EXPECT_EQ(io.write("!", 1, &file), 1);
  EXPECT_EQ(io.get_filelen(&file), 9);
  EXPECT_EQ(file.bytes, std::string("abXYef\0\0!", 9));
}

}  // namespace
}  // namespace diarflow
