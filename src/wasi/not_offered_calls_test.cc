#include <gtest/gtest.h>

#include "wasi/call_table.h"
#include "wasi/testing/guest.h"

namespace brink::wasi::testing {
namespace {

TEST(NotOffered, AnswersWithTheDocumentedErrorNumber) {
  Guest guest({.profile = kWasix});
  EXPECT_EQ(guest.call("proc_snapshot"), Errno::notsup);
  EXPECT_EQ(guest.call("port_bridge", 0, 0, 0, 0, 0), Errno::notsup);
  EXPECT_EQ(guest.call("port_unbridge"), Errno::notsup);
  EXPECT_EQ(guest.call("port_dhcp_acquire"), Errno::notsup);
  EXPECT_EQ(guest.call("port_addr_add", 0), Errno::notsup);
  EXPECT_EQ(guest.call("port_addr_remove", 0), Errno::notsup);
  EXPECT_EQ(guest.call("port_addr_clear"), Errno::notsup);
  EXPECT_EQ(guest.call("port_gateway_set", 0), Errno::notsup);
  EXPECT_EQ(guest.call("port_route_add", 0, 0, 0, 0), Errno::notsup);
  EXPECT_EQ(guest.call("port_route_remove", 0), Errno::notsup);
  EXPECT_EQ(guest.call("port_route_clear"), Errno::notsup);
  EXPECT_EQ(guest.call("port_route_list", 0, 0), Errno::notsup);
  EXPECT_EQ(guest.call("port_mac", 0), Errno::notsup);
  EXPECT_EQ(guest.call("dlsym", 0, 0, 0, 0, 0, 0), Errno::notsup);
  EXPECT_EQ(guest.call("dl_invalid_handle", 1), Errno::inval);
  EXPECT_EQ(guest.call("call_dynamic", 0, 0, 0, 0, 0, 0), Errno::notsup);
  EXPECT_EQ(guest.call("closure_prepare", 0, 0, 0, 0, 0, 0, 0), Errno::notsup);
  EXPECT_EQ(guest.call("closure_allocate", 0), Errno::notsup);
  EXPECT_EQ(guest.call("closure_free", 0), Errno::notsup);
  EXPECT_EQ(guest.call("reflect_signature", 0, 0, 0, 0, 0, 0), Errno::notsup);
  EXPECT_EQ(guest.call("context_create", 0, 0), Errno::notsup);
  EXPECT_EQ(guest.call("context_switch", std::uint64_t{1}), Errno::notsup);
  EXPECT_EQ(guest.call("context_destroy", std::uint64_t{1}), Errno::notsup);
}

TEST(NotOffered, DlopenLeavesATextForDlerror) {
  Guest guest({.profile = kWasix});
  const auto text = guest.room(100);
  EXPECT_EQ(guest.call("dlopen", 0, 0, 0, text, 100, 0, 0, 0), Errno::notsup);
  EXPECT_EQ(std::string(guest.text(text, 100).c_str()),
            "this host has no dynamic linking: link statically");
  EXPECT_EQ(guest.call("dlopen", 0, 0, 0, text, 5, 0, 0, 0), Errno::notsup);
  EXPECT_EQ(guest.text(text, 5), std::string("this\0", 5));
  EXPECT_EQ(guest.call("dlopen", 0, 0, 0, text, 0, 0, 0, 0), Errno::notsup);
  EXPECT_EQ(guest.call("dlopen", 0, 0, 0, ~0u, 5, 0, 0, 0), Errno::fault);
}

TEST(NotOffered, SaysWhichErrorNumberInItsNoteAndIsExotic) {
  for (const CallRow& row : call_table()) {
    if (row.support != Support::not_offered) continue;
    EXPECT_NE(row.note.find(':'), std::string_view::npos) << row.function.name;
    EXPECT_EQ(row.priority, Priority::p3) << row.function.name;
  }
}

}  // namespace
}  // namespace brink::wasi::testing
