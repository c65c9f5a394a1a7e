#include "module/bulk_function.h"

#include "module/writer.h"

namespace brink::module {
namespace {

constexpr Opcode kBlock = 0x02;
constexpr Opcode kElse = 0x05;
constexpr Opcode kLocalSet = 0x21;
constexpr Opcode kMemorySize = 0x3F;
constexpr Opcode kTableSize = 0xFC0010;
constexpr Opcode kI64LtU = 0x54;
constexpr Opcode kI64GtU = 0x56;
constexpr Opcode kI64LeU = 0x58;
constexpr Opcode kI32Add = 0x6A;
constexpr Opcode kI32Sub = 0x6B;
constexpr Opcode kI64Add = 0x7C;
constexpr Opcode kI64Sub = 0x7D;
constexpr Opcode kI64Shl = 0x86;
constexpr Opcode kI64ExtendI32U = 0xAD;
constexpr std::uint8_t kNoResult = 0x40;

// The parameters, which serve as variables.
constexpr std::uint32_t kTarget = 0;
constexpr std::uint32_t kSource = 1;  // the value, for fill
constexpr std::uint32_t kLength = 2;

/// Where an instruction reads or writes: a memory or a table.
struct Space {
  Opcode size_op;
  std::uint32_t index;
  AddressType address;
  std::uint8_t unit_log2;  ///< bytes (elements) per unit of its size
  bool operator==(const Space&) const = default;
};

Space memory_space(const ModuleInfo& info, std::uint32_t index) {
  const MemoryType& memory = info.memories[index];
  return {kMemorySize, index, memory.limits.address, memory.page_size_log2};
}

Space table_space(const ModuleInfo& info, std::uint32_t index) {
  return {kTableSize, index, info.tables[index].limits.address, 0};
}

ValueType value_type(AddressType address) { return address == AddressType::i64 ? kI64 : kI32; }

/// Builds one function: parameter types and code.
class Builder {
 public:
  Builder(const BulkOperation& operation, std::uint32_t piece)
      : operation_(operation), piece_(piece) {}

  BulkFunction fill(const Space& space, ValueType value) {
    const ValueType address = value_type(space.address);
    parameters_ = {address, value, address};
    open_pieces();
    leave_unless_inside(kTarget, space);
    begin_loop();
    piecewise_forward({kTarget});
    end_loop();
    return close();
  }

  BulkFunction copy(const Space& target, const Space& source) {
    const bool wide = target.address == AddressType::i64 && source.address == AddressType::i64;
    parameters_ = {value_type(target.address), value_type(source.address), wide ? kI64 : kI32};
    open_pieces();
    leave_unless_inside(kTarget, target);
    leave_unless_inside(kSource, source);
    if (target == source) {
      // Within one space the ranges may overlap: what is still to be read must
      // not be written yet.
      get_wide(kTarget);
      get_wide(kSource);
      code_.op(kI64GtU);
      code_.op(opcode::kIf);
      code_.byte(kNoResult);
      begin_loop();
      piece_from_the_end();
      end_loop();
      code_.op(kElse);
    }
    begin_loop();
    piecewise_forward({kTarget, kSource});
    end_loop();
    if (target == source) code_.op(opcode::kEnd);
    return close();
  }

  /// The last piece first: a segment that was dropped has no size that code
  /// could ask for, and then the first piece done traps with nothing written.
  BulkFunction init(const Space& target, std::uint64_t segment_size) {
    parameters_ = {value_type(target.address), kI32, kI32};
    open_pieces();
    leave_unless_inside(kTarget, target);
    leave_unless_inside(kSource, segment_size);
    begin_loop();
    piece_from_the_end();
    end_loop();
    return close();
  }

 private:
  void get(std::uint32_t local) { code_.op(opcode::kLocalGet, local); }

  [[nodiscard]] bool is_wide(std::uint32_t local) const { return parameters_[local] == kI64; }

  void get_wide(std::uint32_t local) {
    get(local);
    if (!is_wide(local)) code_.op(kI64ExtendI32U);
  }

  void wide_constant(std::uint64_t value) {
    code_.op(opcode::kI64Const);
    code_.signed_number(static_cast<std::int64_t>(value));
  }

  /// The length of a piece, in the type of a parameter.
  void piece(std::uint32_t local) {
    code_.op(is_wide(local) ? opcode::kI64Const : opcode::kI32Const);
    code_.signed_number(piece_);
  }

  void instruction() {
    code_.op(operation_.opcode, operation_.first);
    if (traits_of(operation_.opcode).immediates == Immediates::two_indices) {
      code_.unsigned_number(operation_.second);
    }
  }

  void leave_if() { code_.op(opcode::kBrIf, 0); }

  /// Opens the block that does pieces; leaving it runs the instruction on what
  /// is left, which is all of it unless the loop has run.
  void open_pieces() {
    code_.op(kBlock);
    code_.byte(kNoResult);
    get_wide(kLength);
    wide_constant(piece_);
    code_.op(kI64LeU);
    leave_if();
  }

  void push_size(const Space& space) {
    code_.op(space.size_op, space.index);
    if (space.address == AddressType::i32) code_.op(kI64ExtendI32U);
    if (space.unit_log2 == 0) return;
    wide_constant(space.unit_log2);
    code_.op(kI64Shl);
  }

  void push_size(std::uint64_t size) { wide_constant(size); }

  /// Leaves the block unless length <= size and start <= size - length, which
  /// cannot wrap around.
  void leave_unless_inside(std::uint32_t start, const auto& size) {
    push_size(size);
    get_wide(kLength);
    code_.op(kI64LtU);
    leave_if();
    push_size(size);
    get_wide(kLength);
    code_.op(kI64Sub);
    get_wide(start);
    code_.op(kI64LtU);
    leave_if();
  }

  void begin_loop() {
    code_.op(opcode::kLoop);
    code_.byte(kNoResult);
  }

  void end_loop() {
    get_wide(kLength);
    wide_constant(piece_);
    code_.op(kI64GtU);
    code_.op(opcode::kBrIf, 0);
    code_.op(opcode::kEnd);
  }

  void advance(std::uint32_t local, Opcode narrow, Opcode wide) {
    get(local);
    piece(local);
    code_.op(is_wide(local) ? wide : narrow);
    code_.op(kLocalSet, local);
  }

  void piecewise_forward(std::initializer_list<std::uint32_t> moving) {
    get(kTarget);
    get(kSource);
    piece(kLength);
    instruction();
    for (const std::uint32_t local : moving) advance(local, kI32Add, kI64Add);
    advance(kLength, kI32Sub, kI64Sub);
  }

  void piece_from_the_end() {
    advance(kLength, kI32Sub, kI64Sub);
    for (const std::uint32_t local : {kTarget, kSource}) {
      get(local);
      if (is_wide(local)) {
        get_wide(kLength);
      } else {
        get(kLength);
      }
      code_.op(is_wide(local) ? kI64Add : kI32Add);
    }
    piece(kLength);
    instruction();
  }

  BulkFunction close() {
    code_.op(opcode::kEnd);
    get(kTarget);
    get(kSource);
    get(kLength);
    instruction();
    code_.op(opcode::kEnd);

    constexpr std::uint8_t kFunctionForm = 0x60;
    Writer type;
    type.byte(kFunctionForm);
    type.unsigned_number(parameters_.size());
    for (const ValueType parameter : parameters_) type.value_type(parameter);
    type.unsigned_number(0);

    Writer body;
    constexpr std::uint8_t kNoLocals = 0;
    body.unsigned_number(code_.size() + 1);
    body.byte(kNoLocals);
    body.raw(code_.view());
    return {std::move(type).take(), std::move(body).take()};
  }

  BulkOperation operation_;
  std::uint32_t piece_;
  std::vector<ValueType> parameters_;
  Writer code_;
};

}  // namespace

BulkFunction bulk_function(const ModuleInfo& info, const BulkOperation& operation,
                           std::uint32_t piece) {
  Builder builder(operation, piece);
  const auto [op, first, second] = operation;
  switch (op) {
    case opcode::kMemoryFill:
      return builder.fill(memory_space(info, first), kI32);
    case opcode::kMemoryCopy:
      return builder.copy(memory_space(info, first), memory_space(info, second));
    case opcode::kMemoryInit:
      return builder.init(memory_space(info, second), info.data_sizes[first]);
    case opcode::kTableFill:
      return builder.fill(table_space(info, first), info.tables[first].element);
    case opcode::kTableCopy:
      return builder.copy(table_space(info, first), table_space(info, second));
    default:
      return builder.init(table_space(info, second), info.element_counts[first]);
  }
}

}  // namespace brink::module
