"""Reads a table of a folder with Polars, as the guide says, and prints the rows that count: ROOT parquet|jsonl TABLE."""

import sys
from pathlib import Path

import polars as pl


def scan(root, kind, table):
    """All rows of a table; later files may have more columns."""
    if kind == "parquet":
        files = [pl.scan_parquet(file) for file in sorted(Path(root, table).glob("*.parquet"))]
    else:
        files = [pl.scan_ndjson(file, infer_schema_length=None) for file in sorted(Path(root, table).glob("*.jsonl"))]
    return pl.concat(files, how="diagonal_relaxed")


def latest(rows):
    """Of the rows with one key the one with the greatest `_sdc_sequence`."""
    return rows.sort("_sdc_sequence").unique("id", keep="last", maintain_order=True)


def main(root, kind, table):
    rows = scan(root, kind, table)
    if table == "items":
        at = pl.col("at") if kind == "jsonl" else pl.col("at").dt.strftime("%Y-%m-%dT%H:%M:%SZ")
        rows = latest(rows).select("id", at, "name").sort("id")
    elif table == "items__tags":
        items = latest(scan(root, kind, "items"))
        key = ["_sdc_source_key_id", "_sdc_sequence"]
        rows = rows.join(items, left_on=key, right_on=["id", "_sdc_sequence"], how="semi")
        rows = rows.select("_sdc_source_key_id", "_sdc_level_0_id", "value").sort("_sdc_source_key_id", "_sdc_level_0_id")
    else:
        rows = rows.select("id", "name").sort("id")
    sys.stdout.write(rows.collect().write_csv(include_header=False, separator="\t", quote_style="never"))


main(*sys.argv[1:])
