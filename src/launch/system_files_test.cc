#include "launch/system_files.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace brink::launch {
namespace {

std::string text_of(const std::vector<wasi::files::ProvidedFile>& files, std::string_view path) {
  const auto found = std::ranges::find(files, path, &wasi::files::ProvidedFile::guest_path);
  if (found == files.end()) return "none";
  std::array<char, 4096> text{};
  const auto got = ::pread(found->content.get(), text.data(), text.size(), 0);
  return {text.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0))};
}

TEST(SystemFiles, HostsHasTheProgramsName) {
  const auto files = open_system_files("shop");
  ASSERT_TRUE(files.has_value());
  EXPECT_EQ(text_of(*files, "/etc/hosts"),
            "127.0.0.1 localhost\n"
            "::1 localhost ip6-localhost ip6-loopback\n"
            "127.0.1.1 shop\n");
  EXPECT_TRUE(text_of(*files, "/etc/services").contains("https 443/tcp\n"));
}

TEST(SystemFiles, ANameThatIsNoHostNameIsLeftOut) {
  for (const char* name : {"", "a b", "x\n6.6.6.6 bank.example", "localhost"}) {
    const auto files = open_system_files(name);
    ASSERT_TRUE(files.has_value());
    EXPECT_EQ(text_of(*files, "/etc/hosts"),
              "127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n");
  }
}

TEST(SystemFiles, ResolversOnTheLoopbackInterfaceAreLeftOut) {
  EXPECT_EQ(guest_resolv_conf("# made by hand\nnameserver 127.0.0.53\nnameserver\t::1\n\n"
                              "nameserver 192.0.2.1\nsearch example.com\noptions edns0"),
            "nameserver 192.0.2.1\nsearch example.com\noptions edns0\n");
  EXPECT_EQ(guest_resolv_conf(""), "");
}

}  // namespace
}  // namespace brink::launch
