#include "wasi/own_ports.h"

#include <sys/mman.h>
#include <unistd.h>

#include <new>

namespace brink::wasi {

/// One socket's share in a port, in one process: a fork copies the object, but only
/// after_fork_in_child() makes the copy count.
class PortLease final : public Network::Lease {
 public:
  PortLease(const OwnPorts& ports, Transport transport, std::uint16_t port)
      : count_(ports.count(transport, port)) {
    after_fork_in_child();
  }
  ~PortLease() override {
    if (::getpid() == holder_) count_.fetch_sub(1, std::memory_order_release);
  }
  void after_fork_in_child() noexcept override {
    holder_ = ::getpid();
    count_.fetch_add(1, std::memory_order_release);
  }

 private:
  OwnPorts::Count& count_;
  pid_t holder_ = 0;
};

OwnPorts::OwnPorts() {
  // Zeros, and only the pages of ports in use are ever there.
  void* const memory = ::mmap(nullptr, sizeof(Counts), PROT_READ | PROT_WRITE,
                              MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  counts_ = static_cast<Counts*>(memory);
}

OwnPorts::~OwnPorts() { ::munmap(counts_, sizeof(Counts)); }

std::unique_ptr<Network::Lease> OwnPorts::lease(Transport transport, std::uint16_t port) {
  return std::make_unique<PortLease>(*this, transport, port);
}

}  // namespace brink::wasi
