//! The chrono types: `timestamptz`, `timestamp`, `date` and `time`.

use super::field::put_fixed;
use super::{DecodeError, KeyValue, values};
use ::chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use bytes::BytesMut;
use postgres_types::IsNull;

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

/// Writes a timestamp without that detour, and just as the driver does: what is finer than a microsecond is cut off towards
/// the year 2000.
#[inline]
fn put_instant(value: &DateTime<Utc>, out: &mut BytesMut) -> Result<IsNull, DecodeError> {
    let micros = value.timestamp_micros().checked_sub(EPOCH_MICROS);
    let micros = micros.ok_or("the time lies outside what PostgreSQL can hold")?;
    let cut_off = micros < 0 && !value.timestamp_subsec_nanos().is_multiple_of(1_000);
    let micros = micros + i64::from(cut_off);
    Ok(put_fixed(out, micros.to_be_bytes()))
}

values! {
    DateTime<Utc> => "timestamptz", decode = |_, raw| instant(raw), put = |value, _, out| put_instant(value, out), key = |key| KeyValue::other(*key);
    NaiveDateTime => "timestamp", decode = |_, raw| Ok(instant(raw)?.naive_utc()), put = |value, _, out| put_instant(&value.and_utc(), out);
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

#[cfg(test)]
mod tests {
    use super::{DateTime, Utc, put_instant};
    use bytes::BytesMut;
    use postgres_types::{ToSql as _, Type};

    #[test]
    fn an_instant_in_a_column_is_the_instant_of_a_parameter() {
        let seconds = [
            -4_000_000_000_000,
            -946_684_800,
            -1,
            0,
            1,
            946_684_799,
            946_684_800,
            4_000_000_000_000,
        ];
        for seconds in seconds {
            for nanos in [0, 1, 999, 1_000, 1_001, 999_999_999, 1_500_000_500] {
                let Some(value) = DateTime::<Utc>::from_timestamp(seconds, nanos) else {
                    continue;
                };
                let (mut field, mut param) = (BytesMut::new(), BytesMut::new());
                put_instant(&value, &mut field).unwrap();
                value.to_sql(&Type::TIMESTAMPTZ, &mut param).unwrap();
                assert_eq!(
                    (&field[..4], &field[4..]),
                    (&[0, 0, 0, 8][..], &param[..]),
                    "{value:?}"
                );
            }
        }
    }
}
