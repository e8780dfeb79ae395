#include "datasets/frame_cache.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <limits>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/files.h"
#include "base/float_array.h"
#include "base/sha256.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::HasSubstr;

std::string KeyOf(absl::string_view name) { return Sha256().Update(name).HexDigest(); }

bool SameBytes(const FloatArray& a, const FloatArray& b) {
  return a.shape() == b.shape() && (a.empty() || std::memcmp(a.data(), b.data(), a.byte_size()) == 0);
}

// An array that its key and `version` determine.
FloatArray ValuesFor(int key, int version) {
  std::mt19937 random(static_cast<uint32_t>(1000 * key + version));
  FloatArray values = FloatArray::Zeros({1 + key % 5, 64});
  for (int64_t i = 0; i < values.size(); ++i) values.mutable_data()[i] = static_cast<float>(random());
  return values;
}

class FrameCacheTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ =
        absl::StrCat(testing::TempDir(), "/cache_", testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(folder_);
    absl::StatusOr<FrameCache> cache = FrameCache::Open(folder_);
    ASSERT_OK(cache);
    cache_ = *cache;
  }

  bool Misses(absl::string_view key) {
    const auto found = cache_->Get(key);
    EXPECT_OK(found);
    return found.ok() && !found->has_value();
  }

  bool Holds(absl::string_view key, const FloatArray& values) {
    const auto found = cache_->Get(key);
    EXPECT_OK(found);
    return found.ok() && found->has_value() && SameBytes(**found, values);
  }

  std::string folder_;
  std::optional<FrameCache> cache_;
};

TEST_F(FrameCacheTest, GivesBackWhatWasPut) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  int number = 0;
  for (const FloatArray& values :
       {FloatArray::Copy({2, 3}, {1, -0.f, nan, infinity, 1e-45f, 0}), FloatArray(), FloatArray::Zeros({0, 512}),
        FloatArray::Zeros({1, 2, 3, 4, 5, 1, 1, 1}), FloatArray::Copy({}, {7}), ValuesFor(4, 0)}) {
    const std::string key = KeyOf(absl::StrCat(number++));
    EXPECT_TRUE(Misses(key));
    ASSERT_OK(cache_->Put(key, values));
    EXPECT_TRUE(Holds(key, values)) << values.ShapeString();
  }
  // Another object, another process: the same folder.
  ASSERT_OK_AND_ASSIGN(const FrameCache again, FrameCache::Open(folder_));
  ASSERT_OK_AND_ASSIGN(const auto found, again.Get(KeyOf("5")));
  ASSERT_TRUE(found.has_value());
  EXPECT_TRUE(SameBytes(*found, ValuesFor(4, 0)));
  // The last one that was put counts.
  ASSERT_OK(cache_->Put(KeyOf("5"), ValuesFor(4, 1)));
  EXPECT_TRUE(Holds(KeyOf("5"), ValuesFor(4, 1)));
}

TEST_F(FrameCacheTest, BytesOfAnEntry) {
  const std::string key = KeyOf("entry");
  ASSERT_OK(cache_->Put(key, FloatArray::Copy({1, 2}, {1.f, -2.f})));
  EXPECT_EQ(cache_->PathOf(key), absl::StrCat(folder_, "/", key.substr(0, 2), "/", key.substr(2), ".frames"));
  ASSERT_OK_AND_ASSIGN(const std::string bytes, ReadFile(cache_->PathOf(key)));
  const std::string before = absl::StrCat("DIARFRMS",
                                          absl::HexStringToBytes("01000000"
                                                                 "02000000"
                                                                 "0100000000000000"
                                                                 "0200000000000000"),
                                          absl::HexStringToBytes(key),
                                          absl::HexStringToBytes("0000803f"
                                                                 "000000c0"));
  EXPECT_EQ(absl::BytesToHexString(bytes),
            absl::StrCat(absl::BytesToHexString(before), Sha256().Update(before).HexDigest()));
}

TEST_F(FrameCacheTest, DamagedEntriesAreMissesAndReplaced) {
  const std::string key = KeyOf("entry");
  const std::string path = cache_->PathOf(key);
  const FloatArray values = FloatArray::Copy({1, 3}, {1, 2, 3});
  ASSERT_OK(cache_->Put(key, values));
  ASSERT_OK_AND_ASSIGN(const std::string bytes, ReadFile(path));
  std::vector<std::string> damaged = {bytes + "x", bytes + bytes, "not ours", std::string(200, '\0')};
  for (size_t size = 0; size < bytes.size(); ++size) damaged.push_back(bytes.substr(0, size));
  for (size_t i = 0; i < bytes.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      damaged.push_back(bytes);
      damaged.back()[i] = static_cast<char>(bytes[i] ^ (1 << bit));
    }
  }
  for (const std::string& other : damaged) {
    ASSERT_OK(WriteFileAtomically(path, other));
    ASSERT_TRUE(Misses(key)) << absl::BytesToHexString(other);
  }
  ASSERT_OK(cache_->Put(key, values));
  EXPECT_TRUE(Holds(key, values));
}

TEST_F(FrameCacheTest, HeadersThatLieAreMissesInSpiteOfTheirChecksum) {
  const std::string key = KeyOf("entry");
  const auto misses = [&](const std::string& head, const std::string& tail) {
    const std::string before = absl::StrCat(head, absl::HexStringToBytes(key), tail);
    EXPECT_OK(WriteFileAtomically(cache_->PathOf(key),
                                  absl::StrCat(before, absl::HexStringToBytes(Sha256().Update(before).HexDigest()))));
    return Misses(key);
  };
  const auto hex = [](const std::string& digits) { return absl::HexStringToBytes(digits); };
  const std::string good = absl::StrCat("DIARFRMS", hex("01000000"
                                                        "01000000"
                                                        "0200000000000000"));
  EXPECT_FALSE(misses(good, "12345678"));
  EXPECT_TRUE(misses(good, "1234567"));
  EXPECT_TRUE(misses(good, "123456781234"));
  EXPECT_TRUE(misses(absl::StrCat("DIARFRMS", hex("02000000"
                                                  "01000000"
                                                  "0200000000000000")),
                     "12345678"));
  EXPECT_TRUE(misses(absl::StrCat("DIARFRMS", hex("01000000"
                                                  "ffffffff"
                                                  "0200000000000000")),
                     "12345678"));
  EXPECT_TRUE(misses(absl::StrCat("DIARFRMS", hex("01000000"
                                                  "01000000"
                                                  "feffffffffffffff")),
                     "12345678"));
  // 2^62 * 4 = 0 and 2^33 * 2^31 = 0 in 64 bits.
  EXPECT_TRUE(misses(absl::StrCat("DIARFRMS", hex("01000000"
                                                  "01000000"
                                                  "0000000000000040")),
                     ""));
  EXPECT_TRUE(misses(absl::StrCat("DIARFRMS", hex("01000000"
                                                  "02000000"
                                                  "0000000002000000"
                                                  "0000008000000000")),
                     ""));
}

TEST_F(FrameCacheTest, AnEntryOfAnotherKeyIsAMiss) {
  ASSERT_OK(cache_->Put(KeyOf("one"), ValuesFor(1, 1)));
  ASSERT_OK_AND_ASSIGN(const std::string bytes, ReadFile(cache_->PathOf(KeyOf("one"))));
  ASSERT_OK(WriteFileAtomically(cache_->PathOf(KeyOf("two")), bytes));
  EXPECT_TRUE(Misses(KeyOf("two")));
}

TEST_F(FrameCacheTest, BadKeysAndFolders) {
  for (const std::string& key : {std::string(), std::string("../../etc/passwd"), std::string(64, 'A'),
                                 std::string(63, 'a'), std::string(65, 'a'), std::string(64, '/')}) {
    EXPECT_THAT(cache_->Get(key), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("64 lower-case")));
    EXPECT_THAT(cache_->Put(key, FloatArray()), StatusIs(absl::StatusCode::kInvalidArgument));
  }
  EXPECT_THAT(cache_->Put(KeyOf("a"), FloatArray::Zeros({1, 1, 1, 1, 1, 1, 1, 1, 1})),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("axes")));
  ASSERT_OK(WriteFileAtomically(folder_ + "/file", "x"));
  EXPECT_FALSE(FrameCache::Open(folder_ + "/file/below").ok());
}

TEST_F(FrameCacheTest, ThreadsMeetOnTheSameKeys) {
  constexpr int kKeys = 6;
  constexpr int kVersions = 4;
  std::atomic<int> hits{0};
  std::atomic<int> wrong{0};
  const auto work = [&](int thread) {
    std::mt19937 random(static_cast<uint32_t>(thread));
    for (int i = 0; i < 150; ++i) {
      const int key = static_cast<int>(random() % kKeys);
      if (i % 2 == 0 &&
          !cache_->Put(KeyOf(absl::StrCat(key)), ValuesFor(key, static_cast<int>(random() % kVersions))).ok()) {
        ++wrong;
      }
      const auto found = cache_->Get(KeyOf(absl::StrCat(key)));
      if (!found.ok()) ++wrong;
      if (!found.ok() || !found->has_value()) continue;
      ++hits;
      bool known = false;
      for (int version = 0; version < kVersions; ++version) known |= SameBytes(**found, ValuesFor(key, version));
      if (!known) ++wrong;
    }
  };
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) threads.emplace_back(work, t);
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_GT(hits, 600);
}

// Processes that put without end are killed; what they leave is right or a miss.
TEST_F(FrameCacheTest, KilledProcessesLeaveNoWrongEntry) {
  constexpr int kKeys = 3;
  int hits = 0;
  for (int round = 0; round < 15; ++round) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      for (int i = 0;; ++i) (void)cache_->Put(KeyOf(absl::StrCat(i % kKeys)), ValuesFor(i % kKeys, round));
    }
    std::this_thread::sleep_for(std::chrono::microseconds(3000 + 617 * round));
    ASSERT_EQ(kill(child, SIGKILL), 0);
    ASSERT_EQ(waitpid(child, nullptr, 0), child);
    for (int key = 0; key < kKeys; ++key) {
      ASSERT_OK_AND_ASSIGN(const auto found, cache_->Get(KeyOf(absl::StrCat(key))));
      if (!found.has_value()) continue;
      ++hits;
      bool known = false;
      for (int version = 0; version <= round; ++version) known |= SameBytes(*found, ValuesFor(key, version));
      EXPECT_TRUE(known) << "round " << round << ", key " << key;
    }
  }
  EXPECT_GT(hits, 0);
}

TEST(CacheKeyTest, AnyChangedByteGivesAnotherKey) {
  const CachedStage stage = {"MimiEncode", "3", std::string("\x08\x02\x00opt", 6), KeyOf("weights")};
  const FloatArray samples = FloatArray::Copy({2, 3}, {0.5f, 0, -1, 1e-30f, 3, 4});
  std::set<std::string> keys;
  size_t tried = 0;
  const auto add = [&](const CachedStage& changed, const FloatArray& audio, int rate) {
    ++tried;
    keys.insert(CacheKey(changed, audio, rate));
  };
  add(stage, samples, 24000);
  EXPECT_THAT(*keys.begin(), testing::MatchesRegex("[0-9a-f]*"));
  EXPECT_EQ(keys.begin()->size(), 64u);

  for (std::string CachedStage::*field :
       {&CachedStage::name, &CachedStage::code_version, &CachedStage::options, &CachedStage::weights_digest}) {
    for (size_t i = 0; i < (stage.*field).size(); ++i) {
      CachedStage changed = stage;
      (changed.*field)[i] ^= 1;
      add(changed, samples, 24000);
      changed.*field = (stage.*field).substr(0, i);
      add(changed, samples, 24000);
    }
    CachedStage longer = stage;
    (longer.*field) += '\0';
    add(longer, samples, 24000);
  }
  for (size_t i = 0; i < samples.byte_size(); ++i) {
    FloatArray changed = FloatArray::Copy(samples.shape(), {samples.begin(), samples.end()});
    reinterpret_cast<char*>(changed.mutable_data())[i] ^= 1;
    add(stage, changed, 24000);
  }
  for (int bit = 0; bit < 31; ++bit) add(stage, samples, 24000 ^ (1 << bit));
  const std::vector<float> numbers(samples.begin(), samples.end());
  for (const std::vector<int64_t>& shape : std::vector<std::vector<int64_t>>{{6}, {3, 2}, {1, 6}, {6, 1}, {2, 3, 1}}) {
    add(stage, FloatArray::Copy(shape, numbers), 24000);
  }
  add(stage, FloatArray::Copy({2, 2}, {0.5f, 0, -1, 1e-30f}), 24000);
  add(stage, FloatArray(), 24000);
  // A byte that moves from one field into the next.
  add({"MimiEncode3", "", stage.options, stage.weights_digest}, samples, 24000);
  add({"", "MimiEncode3", stage.options, stage.weights_digest}, samples, 24000);
  EXPECT_EQ(keys.size(), tried);

  // And nothing else does.
  add(stage, FloatArray::Copy({2, 3}, numbers), 24000);
  EXPECT_EQ(keys.size(), tried - 1);
}

}  // namespace
}  // namespace diarflow
