#include "http/chunk_writer.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "http/body_decoder.h"

namespace brink::http {
namespace {

std::string decode(std::string_view chunks) {
  BodyDecoder decoder;
  decoder.begin(BodyFraming::chunked, 0, RequestLimits{});
  std::string data;
  while (true) {
    const auto piece = decoder.feed(chunks);
    EXPECT_TRUE(piece) << (piece ? "" : piece.error().message);
    if (!piece) return data;
    chunks.remove_prefix(piece->consumed);
    data += piece->data;
    if (piece->state != BodyPiece::State::data) break;
  }
  EXPECT_TRUE(decoder.done());
  EXPECT_TRUE(chunks.empty());
  for (const Field& field : decoder.trailers().fields()) {
    data += "|" + std::string(field.name) + "=" + std::string(field.value);
  }
  return data;
}

TEST(Chunk, HasItsSizeInFront) {
  std::string out = "head ";
  append_chunk(out, "hello");
  append_chunk(out, std::string(255, 'x'));
  EXPECT_EQ(out.substr(0, 19), "head 5\r\nhello\r\nff\r\n");
  EXPECT_TRUE(out.ends_with("x\r\n"));
}

TEST(Chunk, IsLeftOutWhenEmpty) {
  std::string out;
  append_chunk(out, "");
  EXPECT_EQ(out, "");
}

TEST(ChunkPrefix, WritesAnySize) {
  EXPECT_EQ(ChunkPrefix(1).text(), "1\r\n");
  EXPECT_EQ(ChunkPrefix(0x10).text(), "10\r\n");
  EXPECT_EQ(ChunkPrefix(0xfedcba9876543210).text(), "fedcba9876543210\r\n");
}

TEST(OpenChunk, TakesDataWrittenStraightIntoTheBuffer) {
  std::string out;
  OpenChunk chunk(out);
  out.append("hello ");
  out.append("world");
  EXPECT_EQ(chunk.size(), 11U);
  chunk.close();
  EXPECT_EQ(out, "0000000b\r\nhello world\r\n");
}

TEST(OpenChunk, LeavesNothingWhenEmpty) {
  std::string out = "head";
  OpenChunk chunk(out);
  chunk.close();
  EXPECT_EQ(out, "head");
}

TEST(ChunkedAnswer, IsReadBackByTheDecoder) {
  std::string out;
  append_chunk(out, "one ");
  OpenChunk chunk(out);
  out.append("two ");
  chunk.close();
  append_chunk(out, "three");
  const std::vector<Field> trailers = {{"X-Sum", "3"}};
  ASSERT_TRUE(append_last_chunk(out, trailers));
  EXPECT_EQ(decode(out), "one two three|X-Sum=3");
}

TEST(LastChunk, EndsTheBody) {
  std::string out;
  ASSERT_TRUE(append_last_chunk(out));
  EXPECT_EQ(out, "0\r\n\r\n");
}

TEST(LastChunk, RefusesTrailersThatBreakItApartOrMustNotBeOne) {
  for (const Field& bad : {Field{"X", "a\r\nb"},
                           {"X\n", "a"},
                           {"", "a"},
                           {"Content-Length", "1"},
                           {"Set-Cookie", "a=b"}}) {
    std::string out = "before";
    const std::vector<Field> trailers = {{"Good", "1"}, bad};
    EXPECT_FALSE(append_last_chunk(out, trailers)) << bad.name;
    EXPECT_EQ(out, "before");
  }
}

}  // namespace
}  // namespace brink::http
