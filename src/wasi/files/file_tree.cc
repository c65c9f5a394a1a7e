#include "wasi/files/file_tree.h"

#include <algorithm>
#include <utility>

#include "wasi/files/path.h"

namespace brink::wasi::files {
namespace {

std::unexpected<Error> bad_mount(const Mount& mount, std::string_view what,
                                 std::string_view remedy) {
  return fail(ErrorCode::config_invalid,
              "mount at \"" + mount.guest_path + "\": " + std::string(what), std::string(remedy));
}

Result<void> check_guest_path(const Mount& mount) {
  if (mount.guest_path.empty()) return bad_mount(mount, "no guest path", "name one, like /data");
  const auto checked = check_path(mount.guest_path, PathRules::capability);
  if (!checked) {
    return bad_mount(mount, "not a path a guest can use",
                     "use UTF-8 without NUL, names of at most 255 bytes");
  }
  if (has_dot_dot(mount.guest_path)) {
    return bad_mount(mount, "\"..\" in a guest path", "name the place itself, like /data");
  }
  if (!mount.host_directory) return bad_mount(mount, "no host directory", "check that it exists");
  return {};
}

}  // namespace

const Node* Node::child(std::string_view wanted) const noexcept {
  const auto found = std::ranges::lower_bound(
      children, wanted, {}, [](const auto& node) -> std::string_view { return node->name; });
  return found != children.end() && (*found)->name == wanted ? found->get() : nullptr;
}

std::string Node::path() const {
  if (parent == nullptr) return "/";
  std::string path = parent->parent == nullptr ? "" : parent->path();
  path += '/';
  path += name;
  return path;
}

const Node* FileTree::find(std::string_view path) const noexcept {
  const Node* at = root_.get();
  for (auto name = take_component(path); !name.empty() && at != nullptr;
       name = take_component(path)) {
    if (name != ".") at = at->child(name);
  }
  return at;
}

/// The node for `guest_path`, made with those on the way to it where missing.
Node& FileTree::place(std::string_view guest_path) {
  Node* at = root_.get();
  for (auto name = take_component(guest_path); !name.empty(); name = take_component(guest_path)) {
    if (name == ".") continue;
    auto found = std::ranges::lower_bound(
        at->children, name, {}, [](const auto& node) -> std::string_view { return node->name; });
    if (found == at->children.end() || (*found)->name != name) {
      auto made = std::make_unique<Node>();
      made->name = name;
      made->parent = at;
      made->ino = ++last_ino_;
      found = at->children.insert(found, std::move(made));
    }
    at = found->get();
  }
  return *at;
}

Result<const Node*> FileTree::add_mount(Mount mount) {
  TRY_VOID(check_guest_path(mount));
  Node& node = place(mount.guest_path);
  if (node.layer != nullptr) {
    return bad_mount(mount, "something else is mounted there already", "remove one of the two");
  }
  auto layer = std::make_unique<Layer>();
  layer->root = std::move(mount.host_directory);
  layer->origin = mount.origin;
  layer->access = mount.origin == Origin::package ? Access::read_only : mount.access;
  node.layer = layer.get();
  layers_.push_back(std::move(layer));
  return &node;
}

void FileTree::add_scratch() {
  if (const Node* there = find("/tmp"); there != nullptr && there->layer != nullptr) return;
  auto layer = std::make_unique<Layer>();
  layer->access = Access::read_write;
  layer->origin = Origin::scratch;
  place("/tmp").layer = layer.get();
  layers_.push_back(std::move(layer));
}

void FileTree::add_devices() {
  if (const Node* there = find("/dev"); there != nullptr && there->layer != nullptr) return;
  Node& directory = place("/dev");
  for (const DeviceName& known : device_names()) {
    if (directory.child(known.name) != nullptr) continue;  // a mount at /dev/null, say
    Node& node = place("/dev/" + std::string(known.name));
    node.device = known.device;
    node.is_device = true;
  }
}

void FileTree::add_dot() {
  if (preopens_.empty() || preopens_.front().name != "/") return;
  if (std::ranges::find(preopens_, ".", &Preopen::name) != preopens_.end()) return;
  preopens_.push_back({".", preopens_.front().access, preopens_.front().node});
}

Result<FileTree> FileTree::build(TreeSpec spec) {
  if (spec.mounts.size() > kMaxMounts) {
    return fail(
        ErrorCode::config_invalid,
        std::to_string(spec.mounts.size()) + " mounts, more than " + std::to_string(kMaxMounts),
        "mount a common parent directory instead");
  }
  FileTree tree;
  tree.root_ = std::make_unique<Node>();
  tree.root_->ino = tree.last_ino_;
  for (Mount& mount : spec.mounts) {
    std::string name = mount.guest_path;
    TRY(const Node* node, tree.add_mount(std::move(mount)));
    tree.preopens_.push_back({std::move(name), node->layer->access, node});
  }
  if (spec.scratch == Provide::yes) tree.add_scratch();
  if (spec.devices == Provide::yes) tree.add_devices();

  const auto root = std::ranges::find(tree.preopens_, "/", &Preopen::name);
  if (root != tree.preopens_.end()) {
    std::rotate(tree.preopens_.begin(), root, root + 1);
  } else if (spec.root == RootPreopen::always) {
    const Layer* layer = tree.root_->layer;  // mounted as "." perhaps
    const Access access = layer != nullptr ? layer->access : Access::read_only;
    tree.preopens_.insert(tree.preopens_.begin(), {"/", access, tree.root_.get()});
  }
  if (spec.dot == Provide::yes) tree.add_dot();
  return tree;
}

}  // namespace brink::wasi::files
