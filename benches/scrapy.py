"""Crawls the rehearsal's portals with gongkai and with Scrapy, side by side.

Usage:
    cargo build --release && cargo bench --bench rehearsal --no-run
    python3 -m venv /tmp/scrapy && /tmp/scrapy/bin/pip install scrapy duckdb
    TMPDIR=/dev/shm /tmp/scrapy/bin/python benches/scrapy.py [PORTALS]

The portals stand on loopback, one an address (`cargo bench --bench rehearsal --
serve`), without faults. Both crawlers obey robots.txt, ask an address one thing
at a time and wait 10 ms between two; both start from the home pages. Scrapy
follows every link on the same host, gongkai those that its score lets through.
Scrapy saves the URL and the digest of each report
page it meets to a JSON Lines feed, with its state in a JOBDIR; gongkai does all
that it does: archive, sync, read the figures, check them, write Parquet.

Each then begins again and is killed (SIGKILL) when half of the reports have
been served; it is started once more as its manual says and runs to its end.
What is missing, what is there twice and what was fetched again is counted from
what it wrote and from what the servers were asked.
"""

import collections
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

PROJECT = Path(__file__).resolve().parent.parent
GONGKAI = PROJECT / "target/release/gongkai"

SPIDER = '''
import hashlib
from pathlib import Path

import scrapy
from scrapy.linkextractors import LinkExtractor


class Portals(scrapy.Spider):
    name = "portals"
    custom_settings = {
        "ROBOTSTXT_OBEY": True,
        "DOWNLOAD_DELAY": 0.01,
        "RANDOMIZE_DOWNLOAD_DELAY": False,
        "CONCURRENT_REQUESTS": 1000,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        "TELNETCONSOLE_ENABLED": False,
        "LOG_LEVEL": "ERROR",
    }
    links = LinkExtractor()

    async def start(self):
        for url in Path(self.homes).read_text().split():
            yield scrapy.Request(url)

    def parse(self, response):
        if "/nb/" in response.url and response.url.endswith(".html"):
            yield {"url": response.url, "sha256": hashlib.sha256(response.body).hexdigest()}
        host = response.url.split("/")[2]
        for link in self.links.extract_links(response):
            if link.url.split("/")[2] == host:
                yield scrapy.Request(link.url)
'''


class World:
    """The portals, served by another process."""

    def __init__(self, n_portals, folder):
        self.folder = folder
        bench = ["cargo", "bench", "-q", "--bench", "rehearsal", "--"]
        self.process = subprocess.Popen(
            [*bench, "serve", str(n_portals), str(n_portals), str(folder)],
            cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        assert self.process.stdout.readline().strip() == "serving"
        self.reports = set((folder / "reports.txt").read_text().split())

    def requests(self):
        return (self.folder / "requests.txt").read_text().split()

    def end(self):
        self.process.stdin.close()
        self.process.wait()


class Gongkai:
    name = "gongkai"

    def __init__(self, world, folder):
        self.folder = folder
        config = folder / "config"
        config.mkdir(parents=True)
        (config / "gongkai.toml").write_text(
            '[operator]\nname = "a bench"\ncontact = "mailto:bench@localhost.invalid"\n'
            "[crawl]\ninterval_ms = 10\njitter_ms = 0\nslow_factor = 0\nconcurrency = 1000\n"
            'allow_addresses = ["127.40.0.0/16"]\n'
        )
        homes = (world.folder / "homes.txt").read_text().split()
        portals = [f'[[portal]]\nid = "p{n}"\nname = "p{n}"\nentry = ["{home}"]\n' for n, home in enumerate(homes)]
        (config / "portals.toml").write_text("".join(portals))
        self.only = [word for n in range(len(homes)) for word in ("--portal", f"p{n}")]

    def start(self):
        places = ["--config", "config", "--state", "state", "--output", "output"]
        command = [str(GONGKAI), "crawl", *places, *self.only]
        return subprocess.Popen(command, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=self.log())

    def log(self):
        return (self.folder / "log.txt").open("a")

    def found(self):
        files = self.folder / "output/reports/*/*/*.parquet"
        return [url for (url,) in duckdb.sql(f"SELECT url FROM read_parquet('{files}')").fetchall()]


class Scrapy:
    name = "Scrapy"

    def __init__(self, world, folder):
        self.folder, self.world = folder, world
        folder.mkdir(parents=True)
        (folder / "portals.py").write_text(SPIDER)

    def start(self):
        command = [sys.executable, "-m", "scrapy", "runspider", "portals.py", "-o", "reports.jsonl"]
        command += ["-s", "JOBDIR=job", "-a", f"homes={self.world.folder / 'homes.txt'}"]
        log = (self.folder / "log.txt").open("a")
        return subprocess.Popen(command, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=log)

    def found(self):
        urls = []
        for line in (self.folder / "reports.jsonl").read_text().splitlines():
            try:
                urls.append(json.loads(line)["url"])
            except ValueError:
                urls.append("half a line")
        return urls


def wait(process):
    """The most memory that a process had, in MiB, and its CPU seconds."""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_maxrss / 1024, usage.ru_utime + usage.ru_stime


def counted(world, crawler, n_before):
    asked = collections.Counter(url for url in world.requests()[n_before:] if not url.endswith("robots.txt"))
    found = collections.Counter(crawler.found())
    return {
        "reports": sum(url in world.reports for url in found),
        "missing": len(world.reports - set(found)),
        "twice": sum(n - 1 for n in found.values()),
        "requests": sum(asked.values()),
        "again": sum(n - 1 for n in asked.values()),
    }


def whole(world, crawler):
    n_before, began = len(world.requests()), time.perf_counter()
    process = crawler.start()
    memory, cpu = wait(process)
    seconds = time.perf_counter() - began
    result = counted(world, crawler, n_before)
    rate = result["requests"] / seconds
    print(f"{crawler.name:8} whole:  {seconds:6.1f} s, {rate:6.0f} pages/s, {cpu:6.1f} s CPU, {memory:5.0f} MiB, {result}")


def killed(world, crawler):
    n_before = len(world.requests())
    process = crawler.start()
    half = len(world.reports) // 2
    while sum(url.endswith(".html") for url in world.requests()[n_before:]) < half:
        time.sleep(0.02)
        assert process.poll() is None, f"{crawler.name} ended before it was killed: see {crawler.folder}/log.txt"
    process.send_signal(signal.SIGKILL)
    process.wait()
    wait(crawler.start())
    print(f"{crawler.name:8} killed: {counted(world, crawler, n_before)}")


def main():
    n_portals = int(sys.argv[1]) if len(sys.argv) > 1 else 320
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        (folder / "world").mkdir()
        world = World(n_portals, folder / "world")
        try:
            for trial in (whole, killed):
                for crawler in (Gongkai, Scrapy):
                    trial(world, crawler(world, folder / f"{crawler.name}-{trial.__name__}"))
        finally:
            world.end()


main()
