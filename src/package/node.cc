#include "package/node.h"

#include <algorithm>

namespace brink::package {

const Node* Node::find(std::string_view key) const {
  const auto entry = std::ranges::find(entries, key, &Entry::key);
  return entry == entries.end() ? nullptr : &entry->value;
}

}  // namespace brink::package
