#include "wasi/unix_names.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>

#include "wasi/files/scratch_home.h"
#include "wasi/testing/network_fixture.h"

namespace brink::wasi::testing {
namespace {

/// Sockets with names among the guest's files.
class UnixNames : public NetworkTest {
 protected:
  std::string host(std::string_view path) const {
    return guest_.directory.path() + "/" + std::string(path);
  }
  Errno bind_new(std::string_view path, std::uint32_t type = kStream) {
    return bind(open(kUnix, type), AddrPort::local(path));
  }
  Errno connect_new(std::string_view path) { return connect(open(kUnix), AddrPort::local(path)); }
  Errno unlink(std::string_view path) {
    return guest_.call("path_unlink_file", 3, guest_.put(path),
                       static_cast<std::uint32_t>(path.size()));
  }
  std::uint32_t listener_at(std::string_view path) {
    const std::uint32_t fd = open(kUnix);
    EXPECT_EQ(bind(fd, AddrPort::local(path)), Errno::success);
    EXPECT_EQ(guest_.call("sock_listen", fd, 4), Errno::success);
    return fd;
  }
  static std::string name_in(const AddrPort& address) {
    return reinterpret_cast<const char*>(address.bytes.data() + 2);
  }
};

TEST_F(UnixNames, AreFilesOfTheGuest) {
  const std::uint32_t server = listener_at("/service");
  struct stat status{};
  ASSERT_EQ(::lstat(host("service").c_str(), &status), 0);
  EXPECT_TRUE(S_ISSOCK(status.st_mode));
  const std::uint32_t client = open(kUnix);
  ASSERT_EQ(connect(client, AddrPort::local("/service")), Errno::success);
  const std::uint32_t accepted = accept(server);
  EXPECT_EQ(guest_.write(client, "hello"), Errno::success);
  EXPECT_EQ(guest_.read(accepted, 64), "hello");
  EXPECT_EQ(name_in(local(server)), "/service");
  EXPECT_EQ(name_in(peer(client)), "/service");
}

TEST_F(UnixNames, OutliveTheirSocketsAndAreTakenUntilTheyAreUnlinked) {
  const std::uint32_t server = listener_at("/service");
  EXPECT_EQ(bind_new("/service"), Errno::addrinuse);
  ASSERT_EQ(guest_.call("fd_close", server), Errno::success);
  EXPECT_EQ(connect_new("/service"), Errno::connrefused);
  EXPECT_EQ(bind_new("/service"), Errno::addrinuse);
  ASSERT_EQ(unlink("service"), Errno::success);
  EXPECT_EQ(connect_new("/service"), Errno::noent);
  EXPECT_EQ(bind_new("/service"), Errno::success);
}

TEST_F(UnixNames, MayBeRelativeToTheWorkingDirectory) {
  std::filesystem::create_directory(host("run"));
  ASSERT_EQ(guest_.call("chdir", guest_.put("/run"), 4), Errno::success);
  (void)listener_at("service");
  EXPECT_TRUE(std::filesystem::exists(host("run/service")));
  EXPECT_EQ(connect_new("service"), Errno::success);
  EXPECT_EQ(connect_new("../run/service"), Errno::success);
}

TEST_F(UnixNames, AreReachedThroughLinksAndNeverOutOfTheGuestsFiles) {
  (void)listener_at("/service");
  std::filesystem::create_symlink("service", host("link"));
  std::filesystem::create_symlink("/nowhere/service", host("out"));
  EXPECT_EQ(connect_new("/link"), Errno::success);
  EXPECT_EQ(connect_new("/../../service"), Errno::success) << "the root is its own parent";
  EXPECT_EQ(connect_new("/out"), Errno::noent);
  EXPECT_EQ(bind_new("/link"), Errno::addrinuse);
  EXPECT_EQ(bind_new("/out"), Errno::addrinuse) << "a link is a name, too";
  EXPECT_EQ(bind_new("/none/service"), Errno::noent);
}

TEST_F(UnixNames, AreNotOtherFiles) {
  guest_.directory.write("file", "");
  EXPECT_EQ(bind_new("/file"), Errno::addrinuse);
  EXPECT_EQ(bind_new("/"), Errno::addrinuse);
  EXPECT_EQ(bind_new("/file/service"), Errno::notdir);
  EXPECT_EQ(connect_new("/file"), Errno::connrefused);
  EXPECT_EQ(connect_new("/"), Errno::connrefused);
}

TEST_F(UnixNames, MayBeLongWhereTheyExist) {
  const std::string longest(kMaxSocketName, 'n');
  EXPECT_EQ(bind_new("/" + longest), Errno::success);
  EXPECT_EQ(bind_new("/" + longest + "n"), Errno::nametoolong);
  const std::string deep = std::string(40, 'd') + "/" + std::string(50, 'e');
  std::filesystem::create_directories(host(deep));
  (void)listener_at("/" + deep + "/service");
  EXPECT_EQ(connect_new("/" + deep + "/service"), Errno::success);
}

TEST_F(UnixNames, DatagramsGoToPaths) {
  const std::uint32_t server = open(kUnix, kDatagram);
  ASSERT_EQ(bind(server, AddrPort::local("/log")), Errno::success);
  const std::uint32_t client = open(kUnix, kDatagram);
  ASSERT_EQ(send_to(client, "line", AddrPort::local("/log")), Errno::success);
  ASSERT_EQ(receive_from(server), Errno::success);
  EXPECT_EQ(received(), "line");
  EXPECT_EQ(send_to(client, "line", AddrPort::local("/none")), Errno::noent);
}

TEST_F(UnixNames, OfAPackageLieInTheScratchDirectory) {
  const TemporaryDirectory base;
  auto home = files::ScratchHome::create(base.open().get());
  ASSERT_TRUE(home);
  Guest guest({.profile = kWasix,
               .network = &network_,
               .origin = files::Origin::package,
               .scratch = &*home});
  const auto out = guest.room(4);
  const auto address = guest.put_value(AddrPort::local("/service"));
  const auto new_socket = [&] {
    EXPECT_EQ(guest.call("sock_open", kUnix, kStream, 0, out), Errno::success);
    return guest.at<std::uint32_t>(out);
  };
  const std::uint32_t server = new_socket();
  ASSERT_EQ(guest.call("sock_bind", server, address), Errno::success);
  ASSERT_EQ(guest.call("sock_listen", server, 4), Errno::success);
  EXPECT_FALSE(std::filesystem::exists(guest.directory.path() + "/service"));
  EXPECT_EQ(guest.call("sock_connect", new_socket(), address), Errno::success);
  EXPECT_EQ(guest.call("path_unlink_file", 3, guest.put("service"), 7), Errno::success);
  EXPECT_EQ(guest.call("sock_connect", new_socket(), address), Errno::noent);
}

}  // namespace
}  // namespace brink::wasi::testing
