#!/usr/bin/env python3
"""A sync beside each destination's own bulk loader, on the same rows: `.import`, `COPY`, DuckDB's CSV reader.

    tests/bench/bulk.py BENCH_FOLDER [--reps N]

BENCH_FOLDER is a copy of the benchmark's harness with its origin and PostgreSQL running (`origin/up.sh up`,
`origin/pg.sh up`). A sync reads over HTTP, types, merges by key and commits with its state; the bulk loader reads a
CSV file of the rows that the sync left, into a table with the same primary key. CPU is that of the whole process tree
and of PostgreSQL. DuckDB takes part where Python has its package and TAPWRIGHT_LIBDUCKDB names its library.
"""
import argparse, csv, json, os, pathlib, resource, shutil, statistics, subprocess, sys, tempfile, time

HERE = pathlib.Path(__file__).resolve().parent
TAPWRIGHT = os.environ.get("TAPWRIGHT", str(HERE / "../../target/release/tapwright"))
PORT = os.environ.get("PERF_PG_PORT", "18654")
PG = f"postgresql://bench:bench@127.0.0.1:{PORT}/bench?sslmode=disable"
ORIGIN = os.environ.get("BENCH_ORIGIN", "http://127.0.0.1:18600")
LAYOUT = {"integer": "bigint", "number": "double precision", "boolean": "boolean", "timestamp": "timestamptz"}


def server_cpu(bench):
    """Seconds of PostgreSQL and all of its children, those that have ended too."""
    try:
        pids = [int((bench / ".run/pg/data/postmaster.pid").read_text().split()[0])]
    except OSError:
        return 0.0
    ticks = 0
    while pids:
        pid = pids.pop()
        try:
            ticks += sum(map(int, pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11:15]))
            pids += map(int, pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
        except OSError:
            pass
    return ticks / os.sysconf("SC_CLK_TCK")


def timed(bench, command, stdin=None):
    """Wall seconds, and CPU seconds of the command and of the server."""
    before, server = resource.getrusage(resource.RUSAGE_CHILDREN), server_cpu(bench)
    begun = time.monotonic()
    done = subprocess.run(command, input=stdin, text=True, capture_output=True)
    wall = time.monotonic() - begun
    if done.returncode:
        sys.exit(f"{command}: {done.stderr[-600:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    own = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, own + server_cpu(bench) - server


def sync(to):
    return [TAPWRIGHT, "sync", str(HERE / "cases.yaml"), "--set", f"base_url={ORIGIN}", "--to", to]


def rows_as_csv(folder):
    """The rows of a sync to JSON Lines as one CSV file; its path, the columns with their types, and how many rows."""
    subprocess.run(sync(f"jsonl:{folder}/rows"), check=True, capture_output=True)
    columns, count = None, 0
    with open(folder / "rows.csv", "w", newline="") as out:
        writer = csv.writer(out)
        for part in sorted(folder.glob("rows/cases/*.jsonl")):
            for line in open(part):
                row = json.loads(line)
                columns = columns or list(row)
                writer.writerow("" if v is None else json.dumps(v) if isinstance(v, (dict, list, bool)) else v for v in row.values())
                count += 1
    return folder / "rows.csv", columns, count


def kinds(columns):
    """The declared type of each column, as PostgreSQL and DuckDB call it."""
    declared = dict(line.split(": ") for line in (HERE / "cases.yaml").read_text().split("    fields:\n")[1].replace("      ", "").splitlines() if ": " in line)
    own = {"_sdc_table_version": "bigint", "_sdc_sequence": "bigint", "_sdc_record_hash": "bigint"}
    return [own.get(c) or ("timestamptz" if c.startswith("_sdc_") else LAYOUT.get(declared.get(c, "string"), "text")) for c in columns]


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("bench", type=pathlib.Path)
    options.add_argument("--reps", type=int, default=3)
    given = options.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="bulk-"))
    try:
        compare(given.bench.resolve(), given.reps, folder)
    finally:
        shutil.rmtree(folder)


def compare(bench, reps, folder):
    rows, columns, count = rows_as_csv(folder)
    table = ", ".join(f'"{c}" {k}{" primary key" if c == "id" else ""}' for c, k in zip(columns, kinds(columns)))
    psql = ["psql", PG, "-qv", "ON_ERROR_STOP=1"]
    pairs = {
        "SQLite": (
            lambda n: sync(f"sqlite:{folder}/ours{n}.db"),
            lambda n: (["sqlite3", f"{folder}/bulk{n}.db"], f"pragma journal_mode=wal;\ncreate table cases({table});\n.import --csv {rows} cases\n"),
        ),
        "PostgreSQL": (
            lambda n: sync(PG),
            lambda n: (psql, f"create schema bulk; create table bulk.cases({table});\n\\copy bulk.cases from {rows} csv\n"),
        ),
    }
    try:
        import duckdb  # noqa: F401
        load = f"import duckdb; c = duckdb.connect(PATH); c.execute('create table cases({table})'); c.execute(\"insert into cases from read_csv('{rows}', header=false)\")"
        pairs["DuckDB"] = (
            lambda n: sync(f"duckdb:{folder}/ours{n}.duckdb"),
            lambda n: ([sys.executable, "-c", load.replace("PATH", f"'{folder}/bulk{n}.duckdb'")], None),
        )
    except ImportError:
        print("DuckDB: skipped, this Python has no package duckdb", file=sys.stderr)
    print(f"{count:,} rows of {rows.stat().st_size // count:,} bytes, {reps} runs, medians\n")
    print("| destination | sync rows/s | bulk rows/s | speed | sync us CPU/row | bulk us CPU/row | CPU |\n|---|--:|--:|--:|--:|--:|--:|")
    for name, (ours, bulk) in pairs.items():
        taken = {"sync": [], "bulk": []}
        for n in range(reps):
            subprocess.run(psql, input="drop schema if exists bulk cascade; drop schema if exists bench cascade;", text=True, check=True, capture_output=True)
            taken["sync"].append(timed(bench, ours(n)))
            taken["bulk"].append(timed(bench, *bulk(n)))
        (wall, cpu), (bulk_wall, bulk_cpu) = ([statistics.median(x) for x in zip(*taken[k])] for k in ("sync", "bulk"))
        print(f"| {name} | {count / wall:,.0f} | {count / bulk_wall:,.0f} | {bulk_wall / wall:.2f} | {cpu / count * 1e6:.1f} | {bulk_cpu / count * 1e6:.1f} | {cpu / bulk_cpu:.2f} |", flush=True)


main()
