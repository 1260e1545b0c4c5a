"""What a hook in Python is written with: the engine hands over text, this hands over records.

Python reads numbers with a point as doubles. Let `fields` name in `reads` only what the hook needs: what it does not
read stays as it was written.

Import at the top of a module what is ever needed: a component keeps what was imported when it was built, and has no
files to import from later.
"""

import json
from dataclasses import dataclass, field

_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

try:
    from componentize_py_types import Err
except ImportError:

    class Err(Exception):
        """Stands for the error of a component, in tests."""


try:
    from wit_world.exports.paginate import Step_Next, Step_Stop
except ImportError:
    # In tests, and where the component has another job.

    @dataclass
    class Step_Next:
        value: object

    @dataclass
    class Step_Stop:
        value: str


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


class Hook:
    """What every hook has."""

    summary = ""
    """What it does, in one sentence for the documentation page."""
    options: dict = {}
    """The options by name, each a JSON Schema."""
    required: list[str] = []
    """Names of the options that a spec has to give."""

    def __init__(self, options: dict):
        """Takes the options of the spec; what it raises is for the author of the spec."""


class ChangeRecords(Hook):
    """A hook that changes records: `About, Records = export(MyHook)`."""

    def fields(self, stream, given: dict[str, list[dict] | None]) -> Effect:
        """Tells what it reads and gives; `given` has the records of other streams, None where they are not known."""
        raise NotImplementedError

    def change(self, record: dict):
        """Yields what is to be: records, or `To(stream, record)`; what it raises refuses the record."""
        raise NotImplementedError


@dataclass
class Request:
    """A request that is about to be sent: headers by name, in lower case, and milliseconds since 1970."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes | None
    now: int
    nonce: bytes


@dataclass
class Signature:
    """What goes with a request, values by name."""

    headers: dict[str, str] = field(default_factory=dict)
    params: dict[str, str] = field(default_factory=dict)


class SignRequests(Hook):
    """A hook that signs requests: `About, Sign = export(MyHook)`."""

    def sign(self, request: Request) -> Signature:
        """Signs one request; what it raises fails the stream."""
        raise NotImplementedError


@dataclass
class Page:
    """A page that came: headers by name, in lower case."""

    url: str
    status: int
    headers: dict[str, str]
    body: bytes
    records: int
    page: int


@dataclass
class Next:
    """What differs in the next request; params and headers by name."""

    url: str | None = None
    params: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None


@dataclass
class Stop:
    """There is no further page, and why that is certain."""

    why: str


class ChoosePages(Hook):
    """A hook that chooses pages: `About, Paginate = export(MyHook)`."""

    def after(self, page: Page) -> Next | Stop:
        """Tells what comes after a page; what it raises fails the stream."""
        raise NotImplementedError


@dataclass
class Question:
    """The stream, the configuration without secrets, the known slices with their bookmarks, and when the run began."""

    stream: str
    config: dict
    state: list[dict]
    now: int


class CutSlices(Hook):
    """A hook that cuts a stream into slices: `About, Slices = export(MyHook)`."""

    def cut(self, question: Question) -> list[dict]:
        """Gives the slices, each with the names that the spec declares; what it raises fails the stream."""
        raise NotImplementedError


@dataclass
class Pair:
    name: str
    value: str


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


def export(hook: type[Hook]):
    """What the module exports, under the names that the class of its job says."""
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

    class Sign:
        def sign(self, of):
            request = Request(of.method, of.url, _by_name(of.headers), of.body, of.now, of.nonce)
            signature = _said(lambda: held["hook"].sign(request))
            return Signature(_pairs(signature.headers), _pairs(signature.params))

    class Paginate:
        def after(self, page):
            page = Page(page.url, page.status, _by_name(page.headers), page.body, page.records, page.page)
            step = _said(lambda: held["hook"].after(page))
            if isinstance(step, Stop):
                return Step_Stop(step.why)
            return Step_Next(Next(step.url, _pairs(step.params), _pairs(step.headers), step.body))

    class Slices:
        def cut(self, of):
            question = Question(of.stream, json.loads(of.config), json.loads(of.state), of.now)
            return [_json(slice) for slice in _said(lambda: held["hook"].cut(question))]

    jobs = {ChangeRecords: Records, SignRequests: Sign, ChoosePages: Paginate, CutSlices: Slices}
    for base, job in jobs.items():
        if issubclass(hook, base):
            return About, job
    raise TypeError(f"{hook.__name__} has no job: derive it from one of {', '.join(base.__name__ for base in jobs)}")


def _by_name(pairs) -> dict[str, str]:
    """What comes several times under a name is one value, as HTTP has it."""
    values = {}
    for pair in pairs:
        values[pair.name] = f"{values[pair.name]}, {pair.value}" if pair.name in values else pair.value
    return values


def _pairs(values: dict[str, str]) -> list[Pair]:
    return [Pair(name, str(value)) for name, value in values.items()]


def rehearse(hook: type[ChangeRecords], records=(), options=None, stream=None, given=None):
    """Does in a test what the engine does with a hook that changes records: the options, `fields`, then one batch."""
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
                lines.append(_json(one) + "\n")
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
