#include <sys/stat.h>

#include "wasi/files/file_space.h"
#include "wasi/files/host_call.h"

namespace brink::wasi::files {

Outcome<OpenFile> FileSpace::adopt(UniqueFd descriptor, Access access, Counted counted,
                                   Append append) {
  const auto file = stat_open(descriptor.get());
  if (!file || !S_ISREG(file->st_mode)) return refuse(Errno::inval);
  Quota* quota = nullptr;
  if (counted == Counted::yes) {
    const std::lock_guard held(mutex_);
    if (scratch_ != nullptr) quota = &scratch_->quota();
  }
  if (quota != nullptr) quota->opened(quota->lock(), file->st_ino);
  return OpenFile(std::move(descriptor), quota, access, append);
}

}  // namespace brink::wasi::files
