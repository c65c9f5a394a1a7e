#include "wcgi/text.h"

namespace brink::wcgi {

std::string excerpt(std::string_view text) {
  constexpr std::size_t kMost = 40;
  std::string shown(text.substr(0, kMost));
  for (char& c : shown) {
    if (c < 0x20 || c == 0x7f) c = '?';
  }
  if (text.size() > kMost) shown += "...";
  return shown;
}

}  // namespace brink::wcgi
