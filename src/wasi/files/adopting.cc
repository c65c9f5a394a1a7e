#include <sys/stat.h>

#include "wasi/files/file_space.h"
#include "wasi/files/host_call.h"

namespace brink::wasi::files {

Outcome<OpenFile> FileSpace::adopt(UniqueFd descriptor, Access access, Counted counted,
                                   Append append) {
  const auto file = stat_open(descriptor.get());
  if (!file || !S_ISREG(file->st_mode)) return refuse(Errno::inval);
  Scratch* const scratch = counted == Counted::yes ? scratch_now() : nullptr;
  if (scratch != nullptr) scratch->opened(scratch->quota().lock(), descriptor.get());
  return OpenFile(std::move(descriptor), scratch, access, append);
}

}  // namespace brink::wasi::files
