"""Opens every archive file of a folder with warcio and fastwarc: digests must
hold, and both must see the same records.

Usage: warc_check.py STATE/archive
"""

import sys
from collections import Counter
from pathlib import Path

from fastwarc.warc import ArchiveIterator as FastIterator
from warcio.archiveiterator import ArchiveIterator


def with_warcio(path):
    seen = Counter()
    with path.open("rb") as stream:
        for record in ArchiveIterator(stream, check_digests="raise"):
            record.content_stream().read()
            seen[record.rec_type] += 1
    return seen


def with_fastwarc(path, verify):
    seen = Counter()
    with path.open("rb") as stream:
        for record in FastIterator(stream, parse_http=verify == "payload"):
            kind = record.headers["WARC-Type"]
            seen[kind] += 1
            if verify == "block":
                assert record.verify_block_digest(), f"{path}: block digest of {record.record_id}"
            elif kind == "response":
                assert record.verify_payload_digest(), f"{path}: payload digest of {record.record_id}"
    return seen


def main():
    files = sorted(Path(sys.argv[1]).glob("*.warc.gz"))
    assert files, f"no archive files in {sys.argv[1]}"
    for path in files:
        counts = [with_warcio(path), with_fastwarc(path, "block"), with_fastwarc(path, "payload")]
        assert counts[0] == counts[1] == counts[2], f"{path}: {counts}"
        print(f"{path.name}: {dict(counts[0])}")


main()
