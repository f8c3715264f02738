"""Opens a lake with DuckDB and pyarrow: row counts, types, keys, partitions.

Usage: lake_check.py OUTPUT
"""

import sys
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

KEYS = {
    "reports": ["document_id"],
    "facts": ["document_id", "indicator", "applicant", "method"],
    "checks": ["document_id", '"check"', "indicator", "applicant"],
    "conflicts": ["document_id", "indicator", "applicant", "narrative"],
    "panel": ["report_id"],
}
DECIMALS = {"facts": ["value"], "checks": ["left", "right"], "conflicts": ["table", "narrative"], "panel": ["requests_received"]}


def check_table(root, table):
    glob = f"{root}/{table}/*/*/*.parquet"
    if not list(Path(root).glob(f"{table}/*/*/*.parquet")):
        assert table == "conflicts", f"{table} has no files"
        return 0
    source = f"read_parquet('{glob}', hive_partitioning = true)"
    rows = duckdb.sql(f"SELECT count(*) FROM {source}").fetchall()[0][0]
    key = ", ".join(KEYS[table])
    doubled = duckdb.sql(f"SELECT count(*) FROM (SELECT {key} FROM {source} GROUP BY ALL HAVING count(*) > 1)").fetchall()[0][0]
    assert doubled == 0, f"{table}: {doubled} keys stand twice"
    types = dict(duckdb.sql(f"SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM {source})").fetchall())
    assert "report_year" in types and "province" in types, f"{table}: {types}"
    for column in DECIMALS.get(table, []):
        assert types[column] == "DECIMAL(24,6)", f"{table}.{column} is {types[column]}"
    if table == "reports":
        assert types["published_on"] == "DATE", types["published_on"]
        assert types["fetched_at"] == "TIMESTAMP WITH TIME ZONE", types["fetched_at"]
    dataset = ds.dataset(f"{root}/{table}", partitioning="hive")
    assert dataset.count_rows() == rows, f"{table}: DuckDB sees {rows} rows, pyarrow {dataset.count_rows()}"
    file_schema = ds.dataset(dataset.files[0]).schema
    assert all(field.metadata and b"description" in field.metadata for field in file_schema), f"{table}: no descriptions"
    about = pq.ParquetFile(dataset.files[0]).metadata.metadata
    assert about[b"gongkai.schema_version"] == b"4", about
    if table == "facts":
        assert pa.types.is_decimal(dataset.schema.field("value").type)
    return rows


def main():
    root = sys.argv[1]
    for table in KEYS:
        print(f"{table}: {check_table(root, table)} rows")
    reports = f"read_parquet('{root}/reports/*/*/*.parquet', hive_partitioning = true)"
    many = duckdb.sql(
        f"SELECT report_id FROM {reports} GROUP BY 1 HAVING count(*) FILTER (is_primary) <> 1"
    ).fetchall()
    assert not many, f"reports without exactly one primary document: {many}"
    orphans = duckdb.sql(
        f"SELECT count(*) FROM read_parquet('{root}/facts/*/*/*.parquet') f"
        f" ANTI JOIN {reports} r ON f.document_id = r.document_id AND f.is_primary = r.is_primary"
    ).fetchall()[0][0]
    assert orphans == 0, f"{orphans} facts without their report"
    for table, count in [("indicators", 168), ("regions", 1000)]:
        rows = duckdb.sql(f"SELECT count(*) FROM read_parquet('{root}/{table}/*.parquet')").fetchall()[0][0]
        assert rows >= count, f"{table}: {rows} rows"
    fetches = duckdb.sql(f"SELECT count(*), min(fetched_on) FROM read_parquet('{root}/fetches/*/*.parquet', hive_partitioning = true)").fetchall()[0]
    print(f"fetches: {fetches[0]} rows since {fetches[1]}")


main()
