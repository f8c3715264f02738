"""Times the peers that a user would pick, on the pages and rows of our benches.

Usage, in one go, so that the machine is the same:
    cargo bench
    python3 -m venv /tmp/peers && /tmp/peers/bin/pip install trafilatura resiliparse lxml_html_clean pyarrow
    /tmp/peers/bin/python benches/peers.py

trafilatura and resiliparse clean the pages that benches/read.rs left in
target/bench-pages; pyarrow writes the facts that benches/parquet.rs left in
target/bench-lake, zstd as ours. Each figure is the best of five rounds.
"""

import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import trafilatura
from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.encoding import detect_encoding
from resiliparse.parse.html import HTMLTree


def best(work, rounds=5):
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return min(times)


def resiliparse_clean(page):
    tree = HTMLTree.parse_from_bytes(page, detect_encoding(page))
    return extract_plain_text(tree, main_content=True)


def main():
    pages = [path.read_bytes() for path in sorted(Path("target/bench-pages").glob("*.html"))]
    megabytes = sum(map(len, pages)) / 1e6
    for name, clean in [("trafilatura", trafilatura.extract), ("resiliparse", resiliparse_clean)]:
        seconds = best(lambda: [clean(page) for page in pages])
        print(f"{name:12} cleaning: {megabytes / seconds:7.1f} MB/s, {len(pages) / seconds:8.0f} pages/s")
    files = sorted(Path("target/bench-lake/facts").rglob("*.parquet"))
    table = pa.concat_tables(pq.ParquetFile(path).read() for path in files)
    out = "target/bench-lake/pyarrow.parquet"
    seconds = best(lambda: pq.write_table(table, out, compression="zstd", compression_level=3))
    print(f"{'pyarrow':12} writing:  {table.num_rows / seconds / 1e6:7.2f} M rows/s ({table.num_rows} facts)")


main()
