#!/usr/bin/env python3
"""Writes the seeds of reader_fuzz and rewriter_fuzz beside this file."""

import pathlib

HERE = pathlib.Path(__file__).parent
HEADER = b"\0asm\1\0\0\0"


def section(number, *entries):
    payload = bytes([len(entries)]) + b"".join(bytes(entry) for entry in entries)
    return bytes([number, len(payload)]) + payload


def custom(name, content=b""):
    payload = bytes([len(name)]) + name + content
    return bytes([0, len(payload)]) + payload


def code(*instructions):
    body = b"\0" + b"".join(bytes(i) for i in instructions) + b"\x0b"
    return bytes([len(body)]) + body


def name(text):
    return bytes([len(text)]) + text


TYPE = section(1, [0x60, 3, 0x7F, 0x7F, 0x7F, 0])
FUNCTION = section(3, [0])
MEMORY = section(5, [0, 2])
OPERANDS = [0x20, 0, 0x20, 1, 0x20, 2]

MODULES = {
    "empty": HEADER,
    "imports": HEADER
    + section(1, [0x60, 4, 0x7F, 0x7F, 0x7F, 0x7F, 1, 0x7F], [0x60, 0, 0])
    + section(
        2,
        name(b"wasi_snapshot_preview1") + name(b"fd_write") + b"\0\0",
        name(b"env") + name(b"memory") + b"\2\3\1\x80\x80\4",
        name(b"env") + name(b"g") + b"\3\x7f\1",
        name(b"env") + name(b"e") + b"\4\0\1",
    )
    + section(3, [1])
    + section(7, name(b"_start") + b"\0\1")
    + section(10, code([0x41, 5, 0x1A]))
    + custom(b"producers", b"\0"),
    "bulk": HEADER
    + TYPE
    + section(3, [0], [0], [0], [0], [0], [0])
    + section(4, [0x70, 0, 10])
    + MEMORY
    + section(7, name(b"memory") + b"\2\0", name(b"table") + b"\1\0")
    + section(9, [1, 0, 2, 0, 1])
    + bytes([12, 1, 1])
    + section(
        10,
        code(OPERANDS, [0xFC, 11, 0]),
        code(OPERANDS, [0xFC, 10, 0, 0]),
        code(OPERANDS, [0xFC, 8, 0, 0]),
        code(OPERANDS, [0xFC, 12, 0, 0]),
        code(OPERANDS, [0xFC, 14, 0, 0]),
        code([0x20, 0, 0xD0, 0x70, 0x20, 1, 0xFC, 17, 0]),
    )
    + section(11, [1, 4, 1, 2, 3, 4])
    + custom(b".debug_line", b"x")
    + custom(b"name", b"\1\4\1\0\1f"),
    "exceptions": HEADER
    + TYPE
    + FUNCTION
    + section(13, [0, 0])
    + section(
        10,
        code(
            [0x1F, 0x40, 2, 0, 0, 0, 2, 0, 8, 0, 0x0B],
            [6, 0x40, 7, 0, 0x19, 9, 0, 0x0B, 6, 0x40, 0x18, 0],
        ),
    ),
    "gc": HEADER
    + section(1, [0x4E, 2, 0x5F, 2, 0x78, 0, 0x63, 1, 1, 0x4F, 1, 0, 0x5E, 0x7F, 0], [0x60, 0, 0])
    + section(3, [2])
    + section(4, [0x40, 0, 0x63, 0, 0, 1, 0xD0, 0, 0x0B])
    + section(10, code([0xFB, 1, 0, 0xFB, 24, 3, 0, 0x6E, 0, 0xFB, 8, 1, 3, 0x1A])),
    "shared": HEADER
    + TYPE
    + section(2, name(b"env") + name(b"memory") + b"\2\3\2\x80\x80\4")
    + section(3, [0])
    + bytes([8, 1, 0, 12, 1, 1])
    + section(10, code(OPERANDS, [0xFC, 8, 0, 0], OPERANDS, [0xFC, 10, 0, 0]))
    + section(11, [1, 2, 65, 66])
    + custom(b"name", b"\1\4\1\0\1f\6\4\1\0\1m"),
    "threads": HEADER
    + section(1, [0x60, 1, 0x7F, 1, 0x7F], [0x60, 0, 0])
    + section(
        2,
        name(b"wasi") + name(b"thread-spawn") + b"\0\0",
        name(b"env") + name(b"memory") + b"\2\3\2\x80\x80\4",
    )
    + section(3, [1], [1])
    + section(5, [0, 1])
    + section(7, name(b"_start") + b"\0\1", name(b"wasi_thread_start") + b"\0\2")
    + section(10, code(), code([0x41, 0, 0x41, 0, 0xFE, 0, 2, 0, 0x1A])),
    "vectors": HEADER
    + TYPE
    + FUNCTION
    + MEMORY
    + section(
        10,
        code(
            [0xFD, 12] + list(range(16)),
            [0xFD, 91, 0x43, 0, 8, 1, 0xFD, 0x93, 2, 0xFE, 0x10, 2, 0, 0xFE, 3, 0],
            [0x0E, 2, 0, 0, 0, 0x1C, 1, 0x7F, 0x43, 1, 2, 3, 4, 0xFC, 22],
        ),
    ),
    "segments": HEADER
    + TYPE
    + FUNCTION
    + section(5, [1, 1, 2], [4, 1], [8, 10, 0])
    + section(6, [0x7F, 1, 0x41, 0x80, 0x7F, 0x0B])
    + bytes([8, 1, 0])
    + section(9, [0, 0x41, 0, 0x0B, 1, 0], [7, 0x70, 1, 0xD2, 0, 0x0B])
    + section(10, code(OPERANDS, [0xFC, 10, 1, 0]))
    + section(11, [0, 0x41, 0, 0x0B, 2, 65, 66], [2, 1, 0x42, 0, 0x0B, 1, 67]),
}

OTHERS = {
    "component": b"\0asm\x0d\0\1\0",
    "text": b"(module)",
    "truncated": MODULES["bulk"][:60],
}

for folder, files in {
    "reader_fuzz": MODULES | OTHERS,
    "rewriter_fuzz": MODULES,
}.items():
    (HERE / folder).mkdir(exist_ok=True)
    for file, data in files.items():
        (HERE / folder / file).write_bytes(data)
