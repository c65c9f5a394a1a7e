#pragma once

#include <vector>

#include "base/result.h"
#include "package/app_spec.h"
#include "sandbox/privileges.h"

namespace brink::node {

/// Whom the processes that run a program run as. Only root can choose: then it is
/// `nobody`, or the owner of the first directory that the program may write to, or
/// that not everybody may read, since no other user could. Root's own directories
/// mean root's user id, stripped of every capability. All others keep their user
/// ({0, 0}).
Result<sandbox::Identity> choose_identity(const package::AppSpec& spec);

}  // namespace brink::node
