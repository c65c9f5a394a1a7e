#include "wasi/files/walk.h"

#include <fcntl.h>

#include <utility>

#include "wasi/files/host_call.h"
#include "wasi/files/path.h"

namespace brink::wasi::files {
namespace {

constexpr int kMaxLinks = 40;
constexpr int kMaxSteps = 4096;

UniqueFd open_step(int directory, const std::string& name) {
  return UniqueFd(::openat(directory, name.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

/// Whether the kernel gave up on a whole path where single steps may succeed.
bool calls_for_steps(int host_errno) {
  return host_errno == ELOOP || host_errno == EXDEV || host_errno == EAGAIN;
}

}  // namespace

Outcome<void> Walk::begin(std::string_view path) {
  if (auto good = check_path(path, space_.rules_); !good) return good;
  if (path.starts_with('/')) {
    if (space_.rules_ == PathRules::capability) return refuse(Errno::perm);
    start_at_root();
  } else {
    path_ = at_.path_ == "/" ? std::string() : at_.path_;
    floor_ = space_.rules_ == PathRules::capability ? path_.size() : 0;
    start_ = {path_.size(), at_.layer_, space_.descriptor_of(at_)};
    stand_on_anchor(at_.node_);
  }
  pending_ = path;
  return {};
}

void Walk::start_at_root() {
  path_.clear();
  floor_ = 0;
  entered_.clear();
  const Node& root = space_.tree_.root();
  start_ = {0, root.layer, root.layer != nullptr ? space_.root_of(*root.layer) : -1};
  stand_on_anchor(&root);
}

const Walk::Anchor& Walk::anchor() const noexcept {
  return entered_.empty() ? start_ : entered_.back();
}

void Walk::stand_on_anchor(const Node* node) {
  node_ = node;
  layer_ = anchor().layer;
  descriptor_ = anchor().descriptor;
  owned_.reset();
}

void Walk::stand_on(const Node* node, const Layer* layer, UniqueFd owned) {
  node_ = node;
  layer_ = layer;
  descriptor_ = owned.get();
  owned_ = std::move(owned);
}

const Node* Walk::named_node() const noexcept {
  if (name_.empty() || node_ == nullptr) return node_;
  return node_->child(name_);
}

/// Enters what is of the tree only, as far as the path begins with that.
void Walk::settle() {
  for (;;) {
    std::string_view rest = pending_;
    const std::string_view name = take_component(rest);
    const Node* child = node_ != nullptr ? node_->child(name) : nullptr;
    if (child == nullptr || child->is_device || is_finished(rest)) return;
    if (!enter_node(*child)) return;
    pending_.erase(0, pending_.size() - rest.size());
  }
}

const char* Walk::whole_rest() {
  settle();
  if (descriptor_ < 0 || is_finished(pending_) || has_dot_dot(pending_)) return nullptr;
  std::string_view rest = pending_;
  std::string_view name = take_component(rest);
  while (name == ".") name = take_component(rest);
  if (name.empty() || (node_ != nullptr && node_->child(name) != nullptr)) return nullptr;
  pending_.erase(0, pending_.find_first_not_of('/'));
  return pending_.c_str();
}

Outcome<void> Walk::to_parent() {
  for (;;) {
    std::string_view rest = pending_;
    const std::string name(take_component(rest));
    const bool is_last = is_finished(rest);
    must_be_directory_ = is_last && !rest.empty();
    const bool is_host_name = name != "." && name != ".." && descriptor_ >= 0 &&
                              (node_ == nullptr || node_->child(name) == nullptr);
    if (!is_last && may_leap_ && is_host_name) {
      const auto leapt = leap();
      if (!leapt) return refuse(leapt.error());
      if (*leapt) continue;
    }
    pending_.erase(0, pending_.size() - rest.size());
    if (name.empty() || name == "." || name == "..") {
      name_.clear();
      if (name == "..") {
        if (auto up = go_up(); !up) return up;
      }
      if (is_finished(pending_)) {
        must_be_directory_ = true;
        return {};
      }
      continue;
    }
    if (is_last) {
      name_ = name;
      pending_.clear();
      return {};
    }
    if (auto entered = enter(name); !entered) return entered;
  }
}

/// Takes all but the last component in one system call, if they allow that.
Outcome<bool> Walk::leap() {
  const std::size_t end = pending_.find_last_not_of('/');
  const std::size_t slash = pending_.rfind('/', end);
  const std::size_t start = pending_.find_first_not_of('/');
  const std::string parent = pending_.substr(start, slash - start);
  may_leap_ = false;
  if (has_dot_dot(parent)) return false;
  UniqueFd directory = open_beneath(descriptor_, parent.c_str(), O_PATH | O_DIRECTORY);
  if (!directory) {
    if (calls_for_steps(errno)) return false;
    return host_failure();
  }
  append_path(path_, parent);
  if (path_.size() > kMaxPath) return refuse(Errno::nametoolong);
  pending_.erase(0, slash);
  stand_on(nullptr, layer_, std::move(directory));
  return true;
}

Outcome<void> Walk::enter(const std::string& name) {
  if (++steps_ > kMaxSteps) return refuse(Errno::nametoolong);
  const Node* child = node_ != nullptr ? node_->child(name) : nullptr;
  if (child != nullptr) return enter_node(*child);
  if (descriptor_ < 0) return refuse(Errno::noent);
  return enter_host(name);
}

Outcome<void> Walk::enter_node(const Node& node) {
  if (node.is_device) return refuse(Errno::notdir);
  append_path(path_, node.name);
  if (node.layer != nullptr) {
    entered_.push_back({path_.size(), node.layer, space_.root_of(*node.layer)});
    stand_on_anchor(&node);
    return {};
  }
  // Names of the layer below show through, if it has such a directory.
  UniqueFd below = descriptor_ >= 0 ? open_step(descriptor_, node.name) : UniqueFd();
  const Layer* layer = below ? layer_ : nullptr;
  stand_on(&node, layer, std::move(below));
  return {};
}

Outcome<void> Walk::enter_host(const std::string& name) {
  UniqueFd next = open_step(descriptor_, name);
  if (next) {
    append_path(path_, name);
    if (path_.size() > kMaxPath) return refuse(Errno::nametoolong);
    stand_on(nullptr, layer_, std::move(next));
    return {};
  }
  if (errno != ENOTDIR) return host_failure();
  const auto target = read_link(descriptor_, name.c_str());
  if (!target) return refuse(target.error() == Errno::inval ? Errno::notdir : target.error());
  return expand(*target);
}

Outcome<void> Walk::go_up() {
  if (++steps_ > kMaxSteps) return refuse(Errno::nametoolong);
  if (path_.size() == floor_) {
    if (space_.rules_ == PathRules::capability) return refuse(Errno::perm);
    return {};
  }
  if (path_.size() == start_.length) return restart_above();
  path_.resize(path_.rfind('/'));
  while (!entered_.empty() && entered_.back().length > path_.size()) entered_.pop_back();
  const Node* node = space_.tree_.find(path_);
  const Anchor& base = anchor();
  if (base.length == path_.size()) {
    stand_on_anchor(node);
    return {};
  }
  UniqueFd directory;
  if (base.descriptor >= 0) {
    directory =
        open_beneath(base.descriptor, path_.c_str() + base.length + 1, O_PATH | O_DIRECTORY);
    if (!directory && node == nullptr) return host_failure();
  }
  const Layer* layer = directory ? base.layer : nullptr;
  stand_on(node, layer, std::move(directory));
  return {};
}

/// ".." above the directory that the walk started from: only its path leads there.
Outcome<void> Walk::restart_above() {
  const std::string above = path_.substr(0, path_.rfind('/'));
  if (above.size() + pending_.size() > kMaxPath) return refuse(Errno::nametoolong);
  // "/." so that the path still ends in a directory when ".." was its end.
  pending_ = above + "/." + pending_;
  start_at_root();
  may_leap_ = true;
  return {};
}

Outcome<void> Walk::expand(const std::string& target) {
  if (++links_ > kMaxLinks) return refuse(Errno::loop);
  if (target.empty()) return refuse(Errno::noent);
  if (target.size() + pending_.size() > kMaxPath) return refuse(Errno::nametoolong);
  if (target.starts_with('/')) {
    if (space_.rules_ == PathRules::capability) return refuse(Errno::perm);
    start_at_root();
  }
  pending_ = target + pending_;
  may_leap_ = true;
  return {};
}

Outcome<void> Walk::follow_last() {
  const auto target = read_link(descriptor_, name_.c_str());
  pending_ = must_be_directory_ ? "/" : "";
  // A link that was replaced meanwhile: the same name again, as if by a link to it.
  const bool is_gone = !target && target.error() == Errno::inval;
  if (!target && !is_gone) return refuse(target.error());
  if (auto expanded = expand(is_gone ? name_ : *target); !expanded) return expanded;
  return to_parent();
}

Outcome<void> Walk::enter_last() {
  pending_ = name_ + "/.";
  return to_parent();
}

Outcome<int> Walk::for_creation() {
  if (layer_ == nullptr || layer_->access == Access::read_only) return refuse(Errno::rofs);
  if (descriptor_ >= 0) return descriptor_;
  if (layer_->origin == Origin::scratch) return space_.make_scratch();
  return refuse(Errno::noent);
}

}  // namespace brink::wasi::files
