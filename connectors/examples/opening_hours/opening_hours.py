"""How many minutes a customer waited while somebody was there to answer.

Counts from one timestamp of a record to another, but only within opening hours, which are given with their distance
from UTC: a component knows no time zones.
"""

from datetime import UTC, datetime, time, timedelta

from sdk import ChangeRecords, Effect, Field, export

DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
LONGEST = timedelta(days=3660)


class OpeningHours(ChangeRecords):
    summary = "The minutes between two timestamps that fall into opening hours become a column."
    options = {
        "from": {"type": "string", "description": "Field with the timestamp from which is counted."},
        "to": {"type": "string", "description": "Field with the timestamp to which is counted."},
        "column": {"type": "string", "description": "Name of the column.", "default": "open_minutes"},
        "hours": {
            "type": "object",
            "description": "Opening hours by weekday, such as `monday: 09:00-17:30`; other days are closed.",
            "additionalProperties": False,
            "properties": {day: {"type": "string", "pattern": r"^\d\d:\d\d-\d\d:\d\d$"} for day in DAYS},
        },
        "utc_offset": {
            "type": "string",
            "description": "How far the clock of the opening hours is ahead of UTC.",
            "pattern": r"^[+-]\d\d:\d\d$",
            "default": "+00:00",
        },
    }
    required = ["from", "to", "hours"]

    def __init__(self, options):
        self.begin, self.end = options["from"], options["to"]
        self.column = options.get("column", "open_minutes")
        # Not by strptime, which imports a module when it is first called: a component has no files to import from.
        self.zone = datetime.fromisoformat(f"2000-01-01T00:00:00{options.get('utc_offset', '+00:00')}").tzinfo
        self.hours = {DAYS.index(day): _span(day, span) for day, span in options["hours"].items()}

    def fields(self, stream, given):
        description = f"Minutes within opening hours between `{self.begin}` and `{self.end}`."
        return Effect(reads=[self.begin, self.end], fields=[Field(self.column, "number", description)])

    def change(self, record):
        begin, end = record.get(self.begin), record.get(self.end)
        if begin is not None and end is not None:
            record[self.column] = self.minutes(_moment(begin), _moment(end))
        yield record

    def minutes(self, begin: datetime, end: datetime) -> float:
        """The minutes between two moments; none where the second is not the later one."""
        begin, end = begin.astimezone(self.zone), end.astimezone(self.zone)
        if end - begin > LONGEST:
            raise ValueError(f"more than ten years lie between {begin} and {end}")
        total, day = timedelta(), begin.date()
        while day <= end.date():
            if span := self.hours.get(day.weekday()):
                opens, closes = (datetime.combine(day, at, self.zone) for at in span)
                total += max(timedelta(), min(end, closes) - max(begin, opens))
            day += timedelta(days=1)
        return round(total.total_seconds() / 60, 2)


def _span(day: str, text: str) -> tuple[time, time]:
    opens, closes = (time.fromisoformat(one) for one in text.split("-"))
    if closes <= opens:
        raise ValueError(f"{day}: {text} ends before it begins")
    return opens, closes


def _moment(value) -> datetime:
    """A timestamp as text, or as seconds since 1970; in UTC, where it says nothing else."""
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC)
    moment = datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


About, Records = export(OpeningHours)
