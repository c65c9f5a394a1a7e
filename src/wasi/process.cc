#include "wasi/process.h"

#include <fcntl.h>

#include <cerrno>
#include <utility>

#include "wasi/file_description.h"
#include "wasi/files/file_space.h"
#include "wasi/resolver.h"
#include "wasi/socket.h"
#include "wasi/stream_description.h"

namespace brink::wasi {

Process::Process(const ProcessSetup& setup)
    : setup_(setup),
      descriptors_(setup.limits.descriptors),
      signals_(setup.clock),
      main_thread_(*this, setup.family ? setup.family->pid() : 1),
      directory_(setup.directory) {
  // Errors would mean a limit below the few descriptors that every guest has: it
  // then starts without the ones that do not fit.
  (void)descriptors_.add({standard_stream(0), kInputRights, Rights(), std::nullopt});
  (void)descriptors_.add({standard_stream(1), kOutputRights, Rights(), std::nullopt});
  (void)descriptors_.add({standard_stream(2), kOutputRights, Rights(), std::nullopt});
  if (setup_.files) add_preopens();
}

Process::~Process() = default;

std::uint32_t Process::give_back() {
  const std::uint32_t child = borrowed_->child;
  descriptors_ = std::move(borrowed_->descriptors);
  directory_ = std::move(borrowed_->directory);
  borrowed_.reset();
  return child;
}

Resolver& Process::resolver() {
  if (!resolver_) resolver_ = std::make_unique<Resolver>();
  return *resolver_;
}

std::shared_ptr<OpenDescription> Process::standard_stream(unsigned number) {
  if (auto open = standard_[number].lock()) return open;
  std::shared_ptr<OpenDescription> made;
  if (number == 0) {
    made = std::make_shared<InputDescription>(setup_.in);
  } else {
    made = std::make_shared<OutputDescription>(number == 1 ? setup_.out : setup_.err, number);
  }
  standard_[number] = made;
  return made;
}

void Process::add_preopens() {
  const auto preopens = setup_.files->tree().preopens();
  for (std::size_t i = 0; i < preopens.size() && !descriptors_.full(); ++i) {
    (void)descriptors_.add(
        {std::make_shared<DirectoryDescription>(*setup_.files, setup_.files->preopen(i),
                                                std::uint16_t{0}, setup_.disk),
         kDirectoryRights, kInheritableRights, preopens[i].name});
  }
}

void Process::after_fork_in_child() noexcept {
  // Duplicates are told twice, which does no harm.
  for (const Descriptor& descriptor : descriptors_.slots()) {
    if (descriptor.open) descriptor.open->after_fork_in_child();
  }
}

Outcome<std::uint32_t> Process::add_socket(UniqueFd socket) {
  if (descriptors_.full()) return std::unexpected(Errno::mfile);
  auto adopted = Socket::adopt(std::move(socket));
  if (!adopted) return std::unexpected(adopted.error());
  const Rights rights = (*adopted)->listens() ? kListenerRights : kSocketRights;
  // What is accepted gets its rights from here.
  return descriptors_.add({std::move(*adopted), rights, kSocketRights, std::nullopt});
}

}  // namespace brink::wasi
