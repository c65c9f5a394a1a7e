#include "wasi/files/file_tree.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "wasi/files/host_call.h"
#include "wasi/files/path.h"

namespace brink::wasi::files {
namespace {

std::unexpected<Error> bad_place(std::string_view guest_path, std::string_view what,
                                 std::string_view remedy) {
  return fail(ErrorCode::config_invalid,
              "mount at \"" + std::string(guest_path) + "\": " + std::string(what),
              std::string(remedy));
}

Result<void> check_guest_path(std::string_view guest_path) {
  if (guest_path.empty()) return bad_place(guest_path, "no guest path", "name one, like /data");
  const auto checked = check_path(guest_path, PathRules::capability);
  if (!checked) {
    return bad_place(guest_path, "not a path a guest can use",
                     "use UTF-8 without NUL, names of at most 255 bytes");
  }
  if (has_dot_dot(guest_path)) {
    return bad_place(guest_path, "\"..\" in a guest path", "name the place itself, like /data");
  }
  return {};
}

/// The regions of a node and of all below it.
void set_regions(Node& node, const Layer* above) {
  node.region = node.layer != nullptr ? node.layer : above;
  for (const auto& child : node.children) set_regions(*child, node.region);
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
  TRY_VOID(check_guest_path(mount.guest_path));
  if (!mount.host_directory) {
    return bad_place(mount.guest_path, "no host directory", "check that it exists");
  }
  Node& node = place(mount.guest_path);
  if (node.layer != nullptr) {
    return bad_place(mount.guest_path, "something else is mounted there already",
                     "remove one of the two");
  }
  auto layer = std::make_unique<Layer>();
  layer->root = std::move(mount.host_directory);
  layer->origin = mount.origin;
  layer->access = mount.origin == Origin::package ? Access::read_only : mount.access;
  node.layer = layer.get();
  layers_.push_back(std::move(layer));
  return &node;
}

/// Over a package or nothing /tmp is a directory like others; a volume must not
/// show through it.
void FileTree::add_scratch() {
  if (const Node* there = find("/tmp"); there != nullptr && there->layer != nullptr) return;
  Node& node = place("/tmp");
  const Layer* region = region_of("/tmp");
  if (region == nullptr || region->origin == Origin::package) return;
  auto layer = std::make_unique<Layer>();
  layer->access = Access::read_write;
  layer->origin = Origin::scratch;
  node.layer = layer.get();
  layers_.push_back(std::move(layer));
}

void FileTree::add_devices() {
  if (const Node* there = find("/dev"); there != nullptr && there->layer != nullptr) return;
  Node& directory = place("/dev");
  for (const DeviceName& known : device_names()) {
    if (directory.child(known.name) != nullptr) continue;  // a mount at /dev/null, say
    Node& node = place("/dev/" + std::string(known.name));
    node.device = known.device;
    node.kind = Node::Kind::device;
  }
}

const Layer* FileTree::region_of(std::string_view path) const noexcept {
  const Node* at = root_.get();
  const Layer* region = at->layer;
  for (auto name = take_component(path); !name.empty(); name = take_component(path)) {
    if (name == ".") continue;
    at = at->child(name);
    if (at == nullptr) break;
    if (at->layer != nullptr) region = at->layer;
  }
  return region;
}

/// Whether the tree or the package has something at the path, or on the way to it
/// what is no directory: a link there is the package's own arrangement.
bool FileTree::is_taken(std::string_view guest_path) const {
  if (find(guest_path) != nullptr) return true;
  const Layer* region = region_of(guest_path);
  if (region == nullptr) return false;
  if (region->origin != Origin::package) return true;
  const Node* at = root_.get();
  std::string_view rest = guest_path;
  std::string_view below = guest_path;  // from the package's root on
  while (at != nullptr) {
    if (at->layer == region) below = rest;
    if (at->kind != Node::Kind::directory) return true;
    const std::string_view name = take_component(rest);
    if (name != ".") at = at->child(name);
  }
  std::string path;
  append_path(path, below);
  return open_beneath(region->root.get(), path.c_str() + 1, O_PATH) || errno != ENOENT;
}

Result<void> FileTree::add_file(ProvidedFile file) {
  TRY_VOID(check_guest_path(file.guest_path));
  struct stat host{};
  if (!file.content || ::fstat(file.content.get(), &host) != 0 || !S_ISREG(host.st_mode)) {
    return fail(ErrorCode::config_invalid,
                "file at \"" + file.guest_path + "\": not a regular file", "check that it exists");
  }
  if (is_taken(file.guest_path)) return {};
  Node& node = place(file.guest_path);
  node.kind = Node::Kind::file;
  node.content = std::move(file.content);
  return {};
}

Result<UniqueFd> content_of(std::string_view bytes) {
  UniqueFd file(::memfd_create("provided", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  while (file && !bytes.empty()) {
    const auto written = ::write(file.get(), bytes.data(), bytes.size());
    if (written < 0) break;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  constexpr int kSeals = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
  if (!file || !bytes.empty() || ::fcntl(file.get(), F_ADD_SEALS, kSeals) != 0) {
    return std::unexpected(errno_error(ErrorCode::internal, "memfd_create", errno));
  }
  return file;
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
  if (spec.files.size() > kMaxFiles) {
    return fail(
        ErrorCode::config_invalid,
        std::to_string(spec.files.size()) + " files, more than " + std::to_string(kMaxFiles),
        "mount a directory of them instead");
  }
  for (ProvidedFile& file : spec.files) TRY_VOID(tree.add_file(std::move(file)));
  set_regions(*tree.root_, nullptr);

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
