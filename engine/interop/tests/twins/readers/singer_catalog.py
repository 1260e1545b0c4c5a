"""Reads catalogs as a tap's own library does, and as a target sees the schemas in them."""

import json
import sys

from jsonschema import Draft4Validator
from singer import metadata
from singer.catalog import Catalog

streams = 0
for path in sys.argv[1:]:
    with open(path, encoding="utf-8") as file:
        written = json.load(file)
    for entry, stream in zip(Catalog.from_dict(written).streams, written["streams"], strict=True):
        known = metadata.to_map(entry.metadata)
        assert metadata.get(known, (), "inclusion") in ("available", "automatic"), stream["stream"]
        assert metadata.get(known, (), "table-key-properties") == entry.key_properties
        # Every property has metadata, and nothing else has.
        named = {place[1] for place in known if len(place) == 2 and place[0] == "properties"}
        properties = set(entry.schema.to_dict()["properties"]) - {"_sdc_deleted_at"}
        assert named == properties, (stream["stream"], named ^ properties)
        assert set(entry.key_properties) <= properties, stream["stream"]
        for key in metadata.get(known, (), "valid-replication-keys") or []:
            assert metadata.get(known, ("properties", key), "inclusion") == "automatic", (stream["stream"], key)
        Draft4Validator.check_schema(stream["schema"])
        streams += 1
print(f"{streams} streams")
