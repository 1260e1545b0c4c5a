import unittest

from opening_hours import OpeningHours
from sdk import rehearse

OPTIONS = {
    "from": "created_at",
    "to": "answered_at",
    "hours": {day: "09:00-17:00" for day in ["monday", "tuesday", "wednesday", "thursday", "friday"]},
    "utc_offset": "+02:00",
}


def minutes(begin, end):
    _, answer = rehearse(OpeningHours, [{"created_at": begin, "answered_at": end}], OPTIONS)
    return answer.refused[0].reason if answer.refused else answer.lines()[0].get("open_minutes")


class Test(unittest.TestCase):
    def test_only_opening_hours_count(self):
        # 2 June 2014 is a Monday; 09:00 there is 07:00 in UTC.
        self.assertEqual(minutes("2014-06-02T08:00:00Z", "2014-06-02T08:30:30Z"), 30.5)
        self.assertEqual(minutes("2014-06-02T05:00:00Z", "2014-06-02T08:00:00Z"), 60)
        self.assertEqual(minutes("2014-06-02T14:30:00Z", "2014-06-03T07:10:00Z"), 40)
        self.assertEqual(minutes("2014-06-06T14:30:00Z", "2014-06-09T07:15:00Z"), 45)
        self.assertEqual(minutes("2014-06-07T09:00:00Z", "2014-06-08T09:00:00Z"), 0)
        self.assertEqual(minutes("2014-06-03T09:00:00Z", "2014-06-02T09:00:00Z"), 0)
        self.assertEqual(minutes(1401696000, "2014-06-02T10:00:00+02:00"), 0)

    def test_what_is_open_has_no_minutes_and_what_is_no_time_is_refused(self):
        self.assertIsNone(minutes("2014-06-02T08:00:00Z", None))
        self.assertIn("Invalid isoformat", minutes("yesterday", "2014-06-02T08:00:00Z"))
        self.assertIn("more than ten years", minutes("1970-01-01T00:00:00Z", "2014-06-02T08:00:00Z"))

    def test_options_that_make_no_sense(self):
        with self.assertRaisesRegex(ValueError, "monday: 17:00-09:00 ends before it begins"):
            OpeningHours(OPTIONS | {"hours": {"monday": "17:00-09:00"}})

    def test_the_column_is_told(self):
        effect, _ = rehearse(OpeningHours, [], OPTIONS)
        self.assertEqual(effect.reads, ["created_at", "answered_at"])
        self.assertEqual([(one.name, one.kind) for one in effect.fields], [("open_minutes", "number")])


if __name__ == "__main__":
    unittest.main()
