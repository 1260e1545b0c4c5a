"""Custom fields of Desk become columns, typed by the definitions that the site lists."""

import json
import re
from dataclasses import dataclass

from sdk import ChangeRecords, Effect, Field, export

MEMBER = "custom_fields"
KINDS = {"cases": "ticket", "customers": "customer", "companies": "company"}
TYPES = {
    "string": "string",
    "text": "string",
    "integer": "integer",
    "number": "integer",
    "date": "date",
    "boolean": "boolean",
    "list": "string",
}
MEANT = {"1": True, "true": True, "0": False, "false": False}
WHOLE = re.compile(r"[+-]?[0-9]+")
LONG = 12


@dataclass
class Column:
    name: str
    type: str
    chosen: bool
    levels: list[str]


class Names:
    """Names of columns, each once."""

    def __init__(self, prefix):
        self.prefix, self.taken, self.notes = prefix, {}, []

    def name(self, key, number):
        """Where an earlier key has the name already, the number of the definition is put behind."""
        words = re.sub(r"[^\w]+", "_", key.lower())
        plain = self.prefix + ((words if key.endswith("_") else words.rstrip("_")) or "_")
        name = plain
        while name in self.taken:
            if name == plain:
                other = self.taken[name]
                both = f"`{key}` and `{other}` would both be the column `{plain}`"
                self.notes.append(f"{both}; `{key}` is `{plain}_{number}`")
            name = f"{name}_{number}"
        if name == plain and name != self.prefix + key.lower():
            self.notes.append(f"`{key}` is the column `{name}`")
        self.taken[name] = key
        return name


class Definition:
    def __init__(self, told):
        if not isinstance(told.get("name"), str):
            raise ValueError(f"a definition has no `name`: {json.dumps(told)}")
        data = told.get("data", {})
        self.key, self.label = told["name"], told.get("label") or told["name"]
        self.word, self.choices = data.get("type"), data.get("choices", [])
        last = told.get("_links", {}).get("self", {}).get("href", "").rpartition("/")[2]
        self.number = int(last) if last.isdigit() else 0
        self.depth = max((choice.count("::") + 1 for choice in self.choices), default=1)

    def described(self):
        if self.word != "list":
            return f"{self.label}."
        shown = [f"`{choice}`" for choice in self.choices[:LONG]] + ["…"] * (len(self.choices) > LONG)
        return f"{self.label}: {', '.join(shown)}."


class CustomFields(ChangeRecords):
    summary = "Each custom field becomes a column, typed by the site's own definition of it."
    options = {
        "prefix": {
            "type": "string",
            "pattern": "^[a-z][a-z0-9_]*$",
            "default": "custom_",
            "description": "What names of columns begin with.",
        },
        "keep": {"type": "boolean", "default": False, "description": "Whether `custom_fields` stays as well."},
        "type": {"enum": ["ticket", "customer", "company"], "description": "Which definitions concern the stream."},
    }

    def __init__(self, options):
        self.prefix, self.keep = options.get("prefix", "custom_"), options.get("keep", False)
        self.kind, self.columns, self.names = options.get("type"), {}, Names("")

    def fields(self, stream, given):
        kind = self.kind or KINDS.get(stream.name)
        if kind is None:
            raise ValueError(f"`{stream.name}` is none of cases, customers and companies: say by `type` which")
        self.columns, self.names = {}, Names(self.prefix)
        definitions = given.get("definitions")
        known = [one for one in definitions or [] if one.get("active") is not False and one.get("type") == kind]
        known = sorted(map(Definition, known), key=lambda one: one.number)
        fields = [field for one in known if one.word in TYPES for field in self.column(one)]
        notes = self.names.notes + [
            f"`{one.key}` is of the type `{one.word}`, which was not known; its values stay as Desk sends them"
            for one in known
            if one.word not in TYPES
        ]
        if "definitions" not in given:
            notes.append("no `definitions` are given, so that values stay as Desk sends them")
        when = "has defined" if definitions is None else "has defined since the run began"
        others = f"`{self.prefix}…` for each custom field that the site {when} for this table."
        return Effect(reads=[MEMBER], fields=fields, others=others, notes=notes)

    def column(self, one):
        """The fields of a definition; its column is kept by its key."""
        name = self.names.name(one.key, one.number)
        levels = range(1, one.depth + 1) if one.word == "list" and one.depth > 1 else []
        names = [self.names.name(f"{one.key}_level_{level}", one.number) for level in levels]
        self.columns[one.key] = Column(name, TYPES[one.word], one.word == "list", names)
        below = [Field(own, "string", f"Level {at} of `{name}`.") for own, at in zip(names, levels)]
        return [Field(name, TYPES[one.word], one.described()), *below]

    def change(self, record):
        values = record.get(MEMBER)
        if values is not None and not isinstance(values, dict):
            raise ValueError(f"`{MEMBER}` is no object, but {json.dumps(values)}")
        line = {}
        for key, value in (values or {}).items():
            self.spread(key, value, line)
        if self.keep and MEMBER in record:
            line[MEMBER] = values
        yield line

    def spread(self, key, value, line):
        column = self.columns.get(key)
        if column is None:
            line[self.undefined(key)] = value
            return
        if column.chosen and value == "":
            line[column.name] = None
        else:
            typed = isinstance(value, str) and column.type != "string"
            line[column.name] = meant(value, column.type) if typed else value
        if column.levels:
            parts = filter(None, value.split("::")) if isinstance(value, str) else iter(())
            line.update((name, next(parts, None)) for name in column.levels)

    def undefined(self, key):
        name = self.prefix + key
        while name.lower() in self.names.taken:
            name += "_undefined"
        return name


def meant(text, kind):
    """What a text means; what is none of its type stays."""
    trimmed = text.strip()
    if trimmed == "":
        return None
    if kind == "boolean":
        return MEANT.get(trimmed, text)
    if kind == "integer" and WHOLE.fullmatch(trimmed) and -(2**63) <= int(trimmed) < 2**63:
        return int(trimmed)
    return text


About, Records = export(CustomFields)
