#!/usr/bin/env python3
"""Writes the seed corpora of the fuzz targets from the golden corpora beside it."""

import pathlib

HERE = pathlib.Path(__file__).resolve().parent
SEEDS = HERE.parents[2] / "fuzz" / "corpus"


def cases(name):
    for line in (HERE / name).read_text(encoding="latin-1").splitlines():
        if line and not line.startswith("#"):
            title, _, text = line.split(" | ", 2)
            # The corpora's escapes are a subset of Python's.
            yield title, text.encode("latin-1").decode("unicode_escape").encode("latin-1")


def write(target, seeds):
    folder = SEEDS / target
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    for title, data in seeds:
        (folder / title).write_bytes(data)


PATHS = ["a/b", "%41%2f%00", "a/../b/./c/..", "%2e%2e/x", "a%2", "..", "//x/..//", "%25%32%65"]

write("request_parser_fuzz", cases("requests.txt"))
write("body_decoder_fuzz", cases("bodies.txt"))
write("path_codec_fuzz", ((f"path-{i}", path.encode()) for i, path in enumerate(PATHS)))
