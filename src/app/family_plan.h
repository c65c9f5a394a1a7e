#pragma once

#include <sys/types.h>

#include <memory>
#include <optional>
#include <vector>

#include "app/family_channel.h"
#include "app/family_messages.h"
#include "app/family_page.h"
#include "base/unique_fd.h"
#include "launch/launch_config.h"
#include "wasi/files/file_space.h"
#include "wasi/files/file_tree.h"
#include "wasi/files/scratch_home.h"
#include "wasi/own_ports.h"

namespace brink::app {

/// What all processes of a family have in common: made by init, inherited by those
/// that it forks. Not movable: the parts refer to each other.
struct FamilyPlan {
  FamilyPlan(launch::LaunchConfig configuration, wasi::files::FileTree files, FamilyMemory shared)
      : config(std::move(configuration)), tree(std::move(files)), memory(std::move(shared)) {}

  launch::LaunchConfig config;
  UniqueFd artefact;
  wasi::files::FileTree tree;
  FamilyMemory memory;
  wasi::OwnPorts ports;  ///< what any of its processes serves
  std::unique_ptr<wasi::files::ScratchHome> scratch;
  std::unique_ptr<wasi::files::FileSpace> files;
  struct Root {
    int fd;  ///< owned by the tree or by `scratch`
    wasi::files::Access access;
  };
  std::vector<Root> roots;  ///< what a guest process may use of the host's files
  pid_t init = 0;
  int node = -1;  ///< init's channel to the node, which is no guest process's business
};

/// A guest process that init has just forked.
struct FreshProcess {
  std::uint32_t pid = 0;
  std::uint32_t slot = 0;
  FamilyChannel channel;
  std::optional<Launch> launch;  ///< none: the family's first, as configured
  std::vector<UniqueFd> fds;     ///< the launch's
};

}  // namespace brink::app
