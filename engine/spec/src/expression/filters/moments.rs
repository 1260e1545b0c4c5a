//! Filters of time.

use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Unit, Zoned, ZonedRound};
use minijinja::Value;

use super::text;
use crate::time::{Shift, TimeFormat};

/// A timestamp, or a day as its midnight in UTC.
fn moment(value: &Value) -> Result<Timestamp, String> {
    let text = text(value);
    let read = TimeFormat::Rfc3339.read(&text).or_else(|| TimeFormat::Date.read(&text));
    read.ok_or_else(|| format!("`{text}` is no timestamp; `parse_time` reads other formats"))
}

pub(super) fn parse(value: &Value, given: &[Value]) -> Result<Value, String> {
    let (written, name) = (text(value), text(&given[0]));
    let moment = TimeFormat::parse(&name)?.read(&written);
    moment
        .map(|moment| Value::from(moment.to_string()))
        .ok_or_else(|| format!("`{written}` is not written as `{name}`"))
}

pub(super) fn format(value: &Value, given: &[Value]) -> Result<Value, String> {
    Ok(Value::from(TimeFormat::parse(&text(&given[0]))?.write(moment(value)?)))
}

pub(super) fn add(value: &Value, given: &[Value]) -> Result<Value, String> {
    Ok(Value::from(Shift::parse(&text(&given[0]))?.from(moment(value)?).to_string()))
}

pub(super) fn unix(value: &Value, _: &[Value]) -> Result<Value, String> {
    Ok(Value::from(moment(value)?.as_second()))
}

/// A stretch of the calendar that begins somewhere.
#[derive(Clone, Copy)]
pub(super) enum Stretch {
    Hour,
    Day,
    Week,
    Month,
    Year,
}

pub(super) fn unit(text: &str) -> Result<Stretch, String> {
    match text {
        "hour" => Ok(Stretch::Hour),
        "day" => Ok(Stretch::Day),
        "week" => Ok(Stretch::Week),
        "month" => Ok(Stretch::Month),
        "year" => Ok(Stretch::Year),
        _ => Err(format!("`{text}` has no beginning; there are `hour`, `day`, `week`, `month` and `year`")),
    }
}

pub(super) fn start_of(value: &Value, given: &[Value]) -> Result<Value, String> {
    let zoned = moment(value)?.to_zoned(TimeZone::UTC);
    let start = match unit(&text(&given[0]))? {
        Stretch::Hour => zoned.round(ZonedRound::new().smallest(Unit::Hour).mode(jiff::RoundMode::Floor)),
        Stretch::Day => zoned.start_of_day(),
        Stretch::Week => week(&zoned),
        Stretch::Month => zoned.first_of_month().and_then(|first| first.start_of_day()),
        Stretch::Year => zoned.first_of_year().and_then(|first| first.start_of_day()),
    };
    start.map(|start| Value::from(start.timestamp().to_string())).map_err(|error| error.to_string())
}

fn week(zoned: &Zoned) -> Result<Zoned, jiff::Error> {
    let days = i64::from(zoned.weekday().since(Weekday::Monday));
    zoned.checked_sub(jiff::Span::new().days(days))?.start_of_day()
}
