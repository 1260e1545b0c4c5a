"""Reads sources with dbt: against the schema that it publishes, and as a project of its own."""

import json
import os
import sys
import tempfile
from pathlib import Path

import yaml
from dbt.cli.main import dbtRunner
from dbt.jsonschemas import JSONSCHEMAS_PATH
from jsonschema import Draft7Validator

published = json.loads((Path(JSONSCHEMAS_PATH) / "resources" / "latest.json").read_text(encoding="utf-8"))
schema = Draft7Validator(published)
wrong = []
with tempfile.TemporaryDirectory() as folder:
    project = Path(folder)
    (project / "models").mkdir()
    flags = {"send_anonymous_usage_stats": False, "require_generic_test_arguments_property": True}
    settings = {"name": "shop", "version": "1.0", "profile": "shop", "flags": flags}
    (project / "dbt_project.yml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    profile = {"shop": {"target": "dev", "outputs": {"dev": {"type": "duckdb", "path": str(project / "shop.duckdb")}}}}
    (project / "profiles.yml").write_text(yaml.safe_dump(profile), encoding="utf-8")
    for path in map(Path, sys.argv[1:]):
        text = path.read_text(encoding="utf-8")
        for fault in schema.iter_errors(yaml.safe_load(text)):
            wrong.append(f"{path}: {list(fault.absolute_path)}: {fault.message[:200]}")
        (project / "models" / f"{path.parent.name}.yml").write_text(text, encoding="utf-8")
    os.environ["DBT_SEND_ANONYMOUS_USAGE_STATS"] = "false"
    arguments = ["--quiet", "--warn-error", "parse", "--project-dir", folder, "--profiles-dir", folder]
    done = dbtRunner().invoke(arguments)
    if not done.success:
        wrong.append(str(done.exception))
    else:
        tests = sum(1 for node in done.result.nodes.values() if node.resource_type == "test")
        print(f"{len(done.result.sources)} tables, {tests} tests")
if wrong:
    sys.exit("\n".join(wrong[:20]))
