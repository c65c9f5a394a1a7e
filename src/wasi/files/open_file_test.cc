#include "wasi/files/open_file.h"

#include <array>

#include "wasi/files/file_space_fixture.h"

namespace brink::wasi::files {
namespace {

using testing::FileSpaceTest;
using testing::one;
using testing::put;
using testing::read_text;
using testing::why;
using testing::write_text;

/// The same behaviour on a volume and, with everything counted, in scratch.
class OpenFileTest : public FileSpaceTest, public ::testing::WithParamInterface<const char*> {
 protected:
  OpenFile file(const OpenOptions& options = {.read = true, .write = true, .create = true}) {
    auto opened = open(GetParam(), options);
    BRINK_CHECK(opened.has_value());
    return std::get<OpenFile>(std::move(*opened));
  }
};
INSTANTIATE_TEST_SUITE_P(Places, OpenFileTest, ::testing::Values("file", "tmp/file"),
                         [](const auto& place) { return place.index == 0 ? "Volume" : "Scratch"; });

TEST_P(OpenFileTest, ReadsWhatWasWritten) {
  OpenFile opened = file();
  EXPECT_EQ(*write_text(opened, "hello world"), 11U);
  EXPECT_EQ(*opened.seek(-5, Whence::end), 6U);
  EXPECT_EQ(read_text(opened), "world");
  EXPECT_EQ(*opened.seek(0, Whence::set), 0U);
  EXPECT_EQ(*opened.seek(2, Whence::current), 2U);
  EXPECT_EQ(why(opened.seek(-3, Whence::current)), Errno::inval);
  EXPECT_EQ(*opened.seek(0, Whence::current), 2U);
  EXPECT_EQ(opened.stat()->size, 11U);
  EXPECT_EQ(opened.stat()->type, FileType::regular_file);
}

TEST_P(OpenFileTest, PositionedTransfersLeaveThePositionAlone) {
  OpenFile opened = file();
  ASSERT_TRUE(write_text(opened, "0123456789"));
  std::string text = "ab";
  const iovec piece{.iov_base = text.data(), .iov_len = text.size()};
  EXPECT_EQ(*opened.pwrite(one(piece), 3), 2U);
  EXPECT_EQ(*opened.pread(one(piece), 8), 2U);
  EXPECT_EQ(text, "89");
  EXPECT_EQ(*opened.seek(0, Whence::current), 10U);
  EXPECT_EQ(why(opened.pwrite(one(piece), UINT64_MAX)), Errno::inval);
  EXPECT_EQ(why(opened.pread(one(piece), UINT64_MAX)), Errno::inval);
  EXPECT_EQ(content(GetParam()), "012ab56789");
}

TEST_P(OpenFileTest, AppendingGoesToTheEndButPwriteToItsOffset) {
  ASSERT_EQ(create(GetParam(), "abc"), Errno::success);
  OpenFile opened = file({.read = true, .write = true, .append = true});
  EXPECT_EQ(*write_text(opened, "def"), 3U);
  EXPECT_EQ(*opened.seek(0, Whence::current), 6U);
  std::string text = "X";
  const iovec piece{.iov_base = text.data(), .iov_len = 1};
  EXPECT_EQ(*opened.pwrite(one(piece), 0), 1U);
  EXPECT_EQ(content(GetParam()), "Xbcdef");
  opened.set_append(Append::off);
  ASSERT_TRUE(opened.seek(1, Whence::set));
  EXPECT_EQ(*write_text(opened, "Y"), 1U);
  EXPECT_EQ(content(GetParam()), "XYcdef");
}

TEST_P(OpenFileTest, GathersAndScattersPieces) {
  OpenFile opened = file();
  std::string a = "one";
  std::string b = "two";
  std::array pieces = {iovec{a.data(), 3}, iovec{nullptr, 0}, iovec{b.data(), 3}};
  EXPECT_EQ(*opened.write(pieces), 6U);
  EXPECT_EQ(*opened.write({}), 0U);
  std::swap(pieces[0], pieces[2]);
  EXPECT_EQ(*opened.pread(pieces, 0), 6U);
  EXPECT_EQ(b + a, "onetwo");
}

TEST_P(OpenFileTest, ATransferIsBoundedInBytesAndPieces) {
  OpenFile opened = file();
  std::string large(kMaxTransfer + 1, 'x');
  const iovec piece{.iov_base = large.data(), .iov_len = large.size()};
  EXPECT_EQ(*opened.write(one(piece)), kMaxTransfer);
  EXPECT_EQ(*opened.pread(one(piece), 0), kMaxTransfer);
  const std::vector<iovec> many(kMaxPieces + 7, iovec{large.data(), 1});
  EXPECT_EQ(*opened.write(many), kMaxPieces);
}

TEST_P(OpenFileTest, TruncateAndAllocateSetTheLength) {
  OpenFile opened = file();
  ASSERT_TRUE(write_text(opened, "0123456789"));
  EXPECT_EQ(why(opened.truncate(4)), Errno::success);
  EXPECT_EQ(content(GetParam()), "0123");
  EXPECT_EQ(why(opened.truncate(6)), Errno::success);
  EXPECT_EQ(content(GetParam()), std::string("0123\0\0", 6));
  EXPECT_EQ(why(opened.truncate(UINT64_MAX)), Errno::inval);
  EXPECT_EQ(why(opened.allocate(2, 2)), Errno::success);
  EXPECT_EQ(opened.stat()->size, 6U);
  EXPECT_EQ(why(opened.allocate(8, 2)), Errno::success);
  EXPECT_EQ(opened.stat()->size, 10U);
  EXPECT_EQ(why(opened.allocate(0, 0)), Errno::inval);
  EXPECT_EQ(why(opened.allocate(1, UINT64_MAX)), Errno::fbig);
}

TEST_P(OpenFileTest, TimesSyncAndAdviceAreThere) {
  OpenFile opened = file();
  EXPECT_EQ(why(opened.set_times({{.kind = TimeChange::Kind::set, .nanoseconds = 5},
                                  {.kind = TimeChange::Kind::set, .nanoseconds = 7}})),
            Errno::success);
  EXPECT_EQ(opened.stat()->atim, 5U);
  EXPECT_EQ(opened.stat()->mtim, 7U);
  EXPECT_EQ(why(opened.sync(SyncWhat::data)), Errno::success);
  EXPECT_EQ(why(opened.sync(SyncWhat::all)), Errno::success);
  EXPECT_EQ(why(opened.advise(0, 10, Advice::sequential)), Errno::success);
  EXPECT_EQ(why(opened.advise(UINT64_MAX, 1, Advice::normal)), Errno::inval);
}

TEST_P(OpenFileTest, ReadOnlyAndWriteOnlyAreObeyed) {
  ASSERT_EQ(create(GetParam(), "abc"), Errno::success);
  OpenFile reader = file({.read = true});
  EXPECT_EQ(why(write_text(reader, "x")), Errno::badf);
  EXPECT_EQ(why(reader.truncate(0)), Errno::inval);
  OpenFile writer = file({.write = true});
  std::string text = "x";
  const iovec piece{.iov_base = text.data(), .iov_len = 1};
  EXPECT_EQ(why(writer.read(one(piece))), Errno::badf);
  EXPECT_EQ(content(GetParam()), "abc");
}

}  // namespace
}  // namespace brink::wasi::files
