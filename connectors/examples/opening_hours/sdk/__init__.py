"""What a hook in Python is written with: the engine hands over text, this hands over records.

Python reads numbers with a point as doubles. Let `fields` name in `reads` only what the hook needs: what it does not
read stays as it was written.

Import at the top of a module what is ever needed: a component keeps what was imported when it was built, and has no
files to import from later.
"""

import json
from dataclasses import dataclass, field

try:
    from componentize_py_types import Err
except ImportError:

    class Err(Exception):
        """Stands for the error of a component, in tests."""


@dataclass
class Field:
    """A column: its name, its type in the words of the spec, and what the documentation page says of it."""

    name: str
    kind: str
    description: str | None = None


@dataclass
class Effect:
    """What will become of the records; without `reads`, whole records come and go."""

    reads: list[str] | None = None
    fields: list[Field] = field(default_factory=list)
    others: str | None = None
    notes: list[str] = field(default_factory=list)


@dataclass
class To:
    """A record that goes to another stream."""

    stream: str
    record: dict


class ChangeRecords:
    """A hook that changes records."""

    summary = ""
    """What it does, in one sentence for the documentation page."""
    options: dict = {}
    """The options by name, each a JSON Schema."""
    required: list[str] = []
    """Names of the options that a spec has to give."""

    def __init__(self, options: dict):
        """Takes the options of the spec; what it raises is for the author of the spec."""

    def fields(self, stream, given: dict[str, list[dict] | None]) -> Effect:
        """Tells what it reads and gives; `given` has the records of other streams, None where they are not known."""
        raise NotImplementedError

    def change(self, record: dict):
        """Yields what is to be: records, or `To(stream, record)`; what it raises refuses the record."""
        raise NotImplementedError


@dataclass
class Description:
    summary: str
    options: str


@dataclass
class Route:
    line: int
    stream: str


@dataclass
class Refusal:
    record: int
    reason: str


@dataclass
class Answer:
    """The answer to a batch."""

    records: bytes
    origins: list[int]
    routes: list[Route]
    refused: list[Refusal]

    def lines(self) -> list[dict]:
        """The records."""
        return [json.loads(line) for line in self.records.splitlines()]


def export(hook: type[ChangeRecords]):
    """What the module exports: `About, Records = export(MyHook)`."""
    held = {}

    class About:
        def describe(self):
            schema = {"type": "object", "additionalProperties": False, "properties": hook.options}
            return Description(hook.summary, json.dumps(schema | {"required": hook.required}))

        def configure(self, options):
            held["hook"] = _said(lambda: hook(json.loads(options)))

    class Records:
        def fields(self, of, given):
            tables = {table.name: None if table.records is None else _read(table.records) for table in given}
            return _said(lambda: held["hook"].fields(of, tables))

        def change(self, batch):
            return _change(held["hook"], _read(batch))

    return About, Records


def rehearse(hook: type[ChangeRecords], records=(), options=None, stream=None, given=None):
    """Does in a test what the engine does in a run: the options, `fields`, then one batch."""
    made = hook(options or {})
    return made.fields(stream, given or {}), _change(made, list(records))


def _read(lines: bytes) -> list[dict]:
    return [json.loads(line) for line in lines.splitlines()]


def _change(hook: ChangeRecords, records: list[dict]) -> Answer:
    lines, origins, routes, refused = [], [], [], []
    for at, record in enumerate(records):
        before = len(lines), len(routes)
        try:
            for one in hook.change(record):
                if isinstance(one, To):
                    routes.append(Route(len(lines), one.stream))
                    one = one.record
                lines.append(json.dumps(one, ensure_ascii=False) + "\n")
                origins.append(at)
        except Exception as error:
            del lines[before[0] :], origins[before[0] :], routes[before[1] :]
            refused.append(Refusal(at, str(error) or type(error).__name__))
    return Answer("".join(lines).encode(), origins, routes, refused)


def _said(ask):
    """What is raised crosses as its message."""
    try:
        return ask()
    except Exception as error:
        raise Err(str(error) or type(error).__name__) from error
