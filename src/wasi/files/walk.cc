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
    start_.length = path_.size();
    start_.stand = {at_.node_, at_.region_, space_.lower_of(at_), -1};
    if (auto found = space_.upper_of(at_, start_.upper); found) {
      start_.stand.upper = found->upper;
      if (!found->shows_lower) start_.stand.lower = -1;
    } else {
      return refuse(found.error());
    }
    stand_on_anchor();
  }
  pending_ = path;
  return {};
}

void Walk::start_at_root() {
  path_.clear();
  floor_ = 0;
  entered_.clear();
  const Node& root = space_.tree_.root();
  start_.length = 0;
  start_.stand = {&root, root.region, root.layer != nullptr ? space_.root_of(*root.layer) : -1, -1};
  if (space_.is_layered(root.region)) start_.stand.upper = space_.upper_root();
  stand_on_anchor();
}

const Walk::Anchor& Walk::anchor() const noexcept {
  return entered_.empty() ? start_ : entered_.back();
}

void Walk::stand_on_anchor() {
  here_ = anchor().stand;
  owned_lower_.reset();
  owned_upper_.reset();
}

void Walk::stand_on(const Node* node, const Layer* region, UniqueFd lower, UniqueFd upper) {
  here_ = {node, region, lower.get(), upper.get()};
  owned_lower_ = std::move(lower);
  owned_upper_ = std::move(upper);
}

const Node* Walk::named_node() const noexcept {
  if (name_.empty() || here_.node == nullptr) return here_.node;
  return here_.node->child(name_);
}

bool Walk::is_layered() const noexcept { return space_.is_layered(here_.region); }

bool Walk::is_hidden(std::string_view name) const {
  return is_layered() && space_.has_markers() && space_.scratch_now()->is_marked(path_, name);
}

/// Whether there is a whiteout at one of the components of `more`, below `path`.
bool Walk::is_way_hidden(std::string path, std::string_view more) const {
  if (!is_layered() || !space_.has_markers()) return false;
  for (auto name = take_component(more); !name.empty(); name = take_component(more)) {
    if (name == ".") continue;
    if (space_.scratch_now()->is_marked(path, name)) return true;
    path += '/';
    path += name;
  }
  return false;
}

/// Enters what is of the tree only, as far as the path begins with that.
void Walk::settle() {
  for (;;) {
    std::string_view rest = pending_;
    const std::string_view name = take_component(rest);
    const Node* child = here_.node != nullptr ? here_.node->child(name) : nullptr;
    if (child == nullptr || child->kind != Node::Kind::directory || is_finished(rest)) return;
    if (!enter_node(*child)) return;
    pending_.erase(0, pending_.size() - rest.size());
  }
}

const char* Walk::whole_rest() {
  settle();
  if (here_.lower < 0 || here_.upper >= 0 || is_finished(pending_) || has_dot_dot(pending_)) {
    return nullptr;
  }
  std::string_view rest = pending_;
  std::string_view name = take_component(rest);
  while (name == ".") name = take_component(rest);
  if (name.empty() || (here_.node != nullptr && here_.node->child(name) != nullptr)) return nullptr;
  if (is_way_hidden(path_, pending_)) return nullptr;
  pending_.erase(0, pending_.find_first_not_of('/'));
  return pending_.c_str();
}

Outcome<void> Walk::to_parent() {
  for (;;) {
    std::string_view rest = pending_;
    const std::string name(take_component(rest));
    const bool is_last = is_finished(rest);
    must_be_directory_ = is_last && !rest.empty();
    const bool is_host_name = name != "." && name != ".." &&
                              (here_.lower >= 0 || here_.upper >= 0) &&
                              (here_.node == nullptr || here_.node->child(name) == nullptr);
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

/// Takes all but the last component in one system call per layer, if they allow
/// that.
Outcome<bool> Walk::leap() {
  const std::size_t end = pending_.find_last_not_of('/');
  const std::size_t slash = pending_.rfind('/', end);
  const std::size_t start = pending_.find_first_not_of('/');
  const std::string parent = pending_.substr(start, slash - start);
  may_leap_ = false;
  if (has_dot_dot(parent) || is_way_hidden(path_, parent)) return false;
  UniqueFd upper;
  if (here_.upper >= 0) {
    upper = open_beneath(here_.upper, parent.c_str(), O_PATH | O_DIRECTORY);
    if (!upper && errno != ENOENT) return false;
  }
  UniqueFd lower;
  if (here_.lower >= 0) {
    lower = open_beneath(here_.lower, parent.c_str(), O_PATH | O_DIRECTORY);
    if (!lower && !upper) {
      if (calls_for_steps(errno)) return false;
      return host_failure();
    }
  }
  if (!lower && !upper) return refuse(Errno::noent);
  append_path(path_, parent);
  if (path_.size() > kMaxPath) return refuse(Errno::nametoolong);
  pending_.erase(0, slash);
  stand_on(nullptr, here_.region, std::move(lower), std::move(upper));
  return true;
}

Outcome<void> Walk::enter(const std::string& name) {
  if (++steps_ > kMaxSteps) return refuse(Errno::nametoolong);
  const Node* child = here_.node != nullptr ? here_.node->child(name) : nullptr;
  if (child != nullptr && child->kind != Node::Kind::file) return enter_node(*child);
  return enter_host(name);
}

Outcome<void> Walk::enter_node(const Node& node) {
  if (node.kind == Node::Kind::device) return refuse(Errno::notdir);
  append_path(path_, node.name);
  if (node.layer != nullptr) {
    Anchor entered{path_.size(), {&node, node.layer, space_.root_of(*node.layer), -1}, UniqueFd()};
    if (space_.is_layered(node.layer)) entered.upper = space_.open_upper(path_);
    entered.stand.upper = entered.upper.get();
    entered_.push_back(std::move(entered));
    stand_on_anchor();
    return {};
  }
  // Names of the layers below show through, if they have such a directory.
  UniqueFd lower = here_.lower >= 0 ? open_step(here_.lower, node.name) : UniqueFd();
  UniqueFd upper = here_.upper >= 0 ? open_step(here_.upper, node.name) : UniqueFd();
  stand_on(&node, node.region, std::move(lower), std::move(upper));
  return {};
}

Outcome<void> Walk::enter_host(const std::string& name) {
  UniqueFd upper;
  if (here_.upper >= 0) {
    upper = open_step(here_.upper, name);
    if (!upper && errno == ENOTDIR) return expand_link(here_.upper, name);
    if (!upper && errno != ENOENT) return host_failure();
  }
  const bool hidden = is_hidden(name);
  const bool provided = here_.node != nullptr && here_.node->child(name) != nullptr;
  UniqueFd lower;
  if (!hidden && !provided && here_.lower >= 0) {
    lower = open_step(here_.lower, name);
    if (!lower && !upper) {
      if (errno == ENOTDIR) return expand_link(here_.lower, name);
      return host_failure();
    }
  }
  if (!lower && !upper) return refuse(provided && !hidden ? Errno::notdir : Errno::noent);
  append_path(path_, name);
  if (path_.size() > kMaxPath) return refuse(Errno::nametoolong);
  stand_on(nullptr, here_.region, std::move(lower), std::move(upper));
  return {};
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
  const Anchor& base = anchor();
  if (base.length == path_.size()) {
    stand_on_anchor();
    return {};
  }
  const Node* node = space_.tree_.find(path_);
  if (node != nullptr && node->kind != Node::Kind::directory) node = nullptr;
  here_ = base.stand;
  const char* below = path_.c_str() + base.length + 1;
  UniqueFd lower;
  UniqueFd upper;
  if (here_.upper >= 0) upper = open_beneath(here_.upper, below, O_PATH | O_DIRECTORY);
  if (here_.lower >= 0 && !is_way_hidden(path_.substr(0, base.length), below)) {
    lower = open_beneath(here_.lower, below, O_PATH | O_DIRECTORY);
  }
  if (!lower && !upper && node == nullptr) return refuse(Errno::noent);
  stand_on(node, here_.region, std::move(lower), std::move(upper));
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

Outcome<void> Walk::expand_link(int directory, const std::string& name) {
  const auto target = read_link(directory, name.c_str());
  if (!target) return refuse(target.error() == Errno::inval ? Errno::notdir : target.error());
  return expand(*target);
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
  const auto entry = look();
  if (!entry) return refuse(entry.error());
  Outcome<std::string> target = refuse(Errno::inval);
  if (entry->is_link()) target = read_link(holder(*entry), name_.c_str());
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

}  // namespace brink::wasi::files
