"""A small module that is very hard to compile: made here, at test time."""


def leb(value):
    out = b""
    while True:
        byte, value = value & 0x7F, value >> 7
        if not value:
            return out + bytes([byte])
        out += bytes([byte | 0x80])


def section(number, content):
    return bytes([number]) + leb(len(content)) + content


def bomb(values=20_000, rounds=4):
    """One function in which `values` locals are all alive across `rounds` loops:
    register allocation works hard on each of them."""
    code = bytearray()
    for _ in range(rounds):
        code += b"\x03\x40"  # loop
        for i in range(values):
            # local[i] = local[i] * local[i+1] + i
            code += (b"\x20" + leb(i) + b"\x20" + leb((i + 1) % values) + b"\x6c"
                     + b"\x41" + leb(i % 60) + b"\x6a" + b"\x21" + leb(i))
        code += b"\x20\x00\x0d\x00\x0b"  # local.get 0, br_if 0, end
    body = leb(1) + leb(values) + b"\x7f" + bytes(code) + b"\x0b"
    return (b"\0asm\1\0\0\0" + section(1, b"\x01\x60\x00\x00") + section(3, b"\x01\x00")
            + section(5, b"\x01\x00\x01")
            + section(7, b"\x02\x06memory\x02\x00\x06_start\x00\x00")
            + section(10, b"\x01" + leb(len(body)) + body))


if __name__ == "__main__":
    import sys
    sys.stdout.buffer.write(bomb())
