"""Runs the tests of a `sources.yml` with dbt on a DuckDB file: on the rows as they are, and once one has lost its key.

dbt_test.py SOURCES DATABASE TABLE KEY prints what it found, a line each time.
"""

import os
import sys
import tempfile
from pathlib import Path

import duckdb
import yaml
from dbt.cli.main import dbtRunner


def tested(project: Path) -> str:
    """How many tests pass, and the names of those that do not."""
    arguments = ["--quiet", "test", "--project-dir", str(project), "--profiles-dir", str(project)]
    done = dbtRunner().invoke(arguments)
    if done.result is None:
        sys.exit(str(done.exception))
    failed = sorted(one.node.name for one in done.result if str(one.status) != "pass")
    return f"{len(done.result.results) - len(failed)} pass, {len(failed)} fail: {', '.join(failed)}"


# dbt begins further processes, which read this file again.
if __name__ == "__main__":
    sources, database, table, key = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        (project / "models").mkdir()
        flags = {"send_anonymous_usage_stats": False, "require_generic_test_arguments_property": True}
        settings = {"name": "loaded", "version": "1.0", "profile": "loaded", "flags": flags}
        (project / "dbt_project.yml").write_text(yaml.safe_dump(settings), encoding="utf-8")
        output = {"type": "duckdb", "path": database}
        profile = {"loaded": {"target": "dev", "outputs": {"dev": output}}}
        (project / "profiles.yml").write_text(yaml.safe_dump(profile), encoding="utf-8")
        (project / "models" / "sources.yml").write_text(Path(sources).read_text(encoding="utf-8"), encoding="utf-8")
        os.environ["DBT_SEND_ANONYMOUS_USAGE_STATS"] = "false"
        print(tested(project))
        with duckdb.connect(database) as connection:
            # The table itself lets no key be null.
            connection.execute(f"create or replace table {table} as select * from {table}")
            connection.execute(f"update {table} set {key} = null where rowid = (select min(rowid) from {table})")
        print(tested(project))
