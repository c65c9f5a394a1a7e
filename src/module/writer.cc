#include "module/writer.h"

namespace brink::module {

void Writer::unsigned_number(std::uint64_t value) {
  while (value >= 0x80) {
    byte(static_cast<std::uint8_t>(value | 0x80));
    value >>= 7;
  }
  byte(static_cast<std::uint8_t>(value));
}

void Writer::signed_number(std::int64_t value) {
  // Done when what remains is the sign extension of the byte just written.
  while (value < -0x40 || value >= 0x40) {
    byte(static_cast<std::uint8_t>((value & 0x7F) | 0x80));
    value >>= 7;
  }
  byte(static_cast<std::uint8_t>(value & 0x7F));
}

void Writer::name(std::string_view text) {
  unsigned_number(text.size());
  raw(std::as_bytes(std::span(text)));
}

void Writer::value_type(ValueType type) {
  byte(type.code);
  if (type.code == 0x63 || type.code == 0x64) signed_number(type.heap_type);
}

void Writer::op(Opcode opcode) {
  if (opcode >> 16 == 0) return byte(static_cast<std::uint8_t>(opcode));
  byte(static_cast<std::uint8_t>(opcode >> 16));
  unsigned_number(opcode & 0xFFFFU);
}

}  // namespace brink::module
