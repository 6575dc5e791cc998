//! The chrono types: `timestamptz`, `timestamp`, `date` and `time`.

use super::{DecodeError, KeyValue, values};
use ::chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};

/// Microseconds from 1970, where Unix counts from, to 2000, where PostgreSQL does.
const EPOCH_MICROS: i64 = 946_684_800_000_000;

/// Reads a timestamp without the detour over the driver's calendar arithmetic.
#[inline]
fn instant(raw: &[u8]) -> Result<DateTime<Utc>, DecodeError> {
    let bytes = <[u8; 8]>::try_from(raw)?;
    let micros = i64::from_be_bytes(bytes);
    micros
        .checked_add(EPOCH_MICROS)
        .and_then(DateTime::from_timestamp_micros)
        .ok_or_else(|| {
            "the time lies outside what chrono can hold (infinity, or beyond the year 262142)"
                .into()
        })
}

values! {
    DateTime<Utc> => "timestamptz", decode = |_, raw| instant(raw), key = |key| KeyValue::other(*key);
    NaiveDateTime => "timestamp", decode = |_, raw| Ok(instant(raw)?.naive_utc());
    NaiveDate => "date", decode = |_, raw| date(raw), key = |key| KeyValue::other(*key);
    NaiveTime => "time", decode = |_, raw| time(raw);
}

/// Days since 2000-01-01; the two ends of the range are PostgreSQL's infinities.
fn date(raw: &[u8]) -> Result<NaiveDate, DecodeError> {
    let days = i32::from_be_bytes(<[u8; 4]>::try_from(raw)?);
    let epoch = NaiveDate::from_ymd_opt(2000, 1, 1).ok_or("2000-01-01 is no date")?;
    TimeDelta::try_days(days.into())
        .and_then(|days| epoch.checked_add_signed(days))
        .ok_or_else(|| {
            "the date lies outside what chrono can hold (infinity, or beyond the year 262142)"
                .into()
        })
}

/// Microseconds since midnight; PostgreSQL's 24:00:00 has no counterpart in chrono.
fn time(raw: &[u8]) -> Result<NaiveTime, DecodeError> {
    let micros = i64::from_be_bytes(<[u8; 8]>::try_from(raw)?);
    u32::try_from(micros / 1_000_000)
        .ok()
        .zip(u32::try_from(micros % 1_000_000 * 1_000).ok())
        .and_then(|(seconds, nanos)| NaiveTime::from_num_seconds_from_midnight_opt(seconds, nanos))
        .ok_or_else(|| "24:00:00 is a time of PostgreSQL that chrono cannot hold".into())
}
