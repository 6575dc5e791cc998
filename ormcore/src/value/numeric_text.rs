//! A `numeric` as text.

use super::Numeric;
use super::numeric::Finite;
use std::error::Error as StdError;
use std::fmt;
use std::str::FromStr;

/// PostgreSQL's limits: digits before the point, and after it.
const LONGEST: i64 = 131_072;
const FINEST: i64 = 16_383;

/// Why a text is no [`Numeric`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotNumeric(&'static str);

const NO_NUMBER: NotNumeric = NotNumeric("it is no number");
const TOO_LONG: NotNumeric =
    NotNumeric("a numeric has at most 131072 digits before the point, and 16383 after it");

impl fmt::Display for NotNumeric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl StdError for NotNumeric {}

impl Finite {
    /// Without the groups at both ends that are 0; nothing when there is no such number.
    pub(super) fn new(negative: bool, weight: i64, digits: Vec<i16>, scale: u16) -> Option<Self> {
        let zeros = digits.iter().take_while(|group| **group == 0).count();
        let mut digits = digits;
        digits.drain(..zeros);
        let used = digits
            .iter()
            .rposition(|group| *group != 0)
            .map_or(0, |last| last + 1);
        digits.truncate(used);
        let is_zero = digits.is_empty();
        let weight = if is_zero { 0 } else { weight - zeros as i64 };
        Some(Self {
            negative: negative && !is_zero,
            weight: i16::try_from(weight).ok()?,
            digits,
            scale,
        })
    }

    /// The group that counts 10000 to this power.
    fn group(&self, power: i64) -> i16 {
        let place = usize::try_from(i64::from(self.weight) - power).ok();
        place
            .and_then(|place| self.digits.get(place))
            .copied()
            .unwrap_or(0)
    }
}

/// All digits, with as many after the point as PostgreSQL shows; `NaN`, `Infinity`, `-Infinity`.
impl fmt::Display for Numeric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = match self.written() {
            Ok(number) => number,
            Err(word) => return f.pad(word),
        };
        let first = i64::from(number.weight).max(0);
        let mut text = number.group(first).to_string();
        for power in (0..first).rev() {
            text += &format!("{:04}", number.group(power));
        }
        let mut after = String::new();
        for power in 1..=i64::from(number.scale.div_ceil(4)) {
            after += &format!("{:04}", number.group(-power));
        }
        if number.scale > 0 {
            text += ".";
            text += &after[..usize::from(number.scale)];
        }
        f.pad_integral(!number.negative, "", &text)
    }
}

/// Digits with a point or without, an exponent as in `1.5e-7`, `NaN`, `Infinity`.
impl FromStr for Numeric {
    type Err = NotNumeric;

    fn from_str(text: &str) -> Result<Self, NotNumeric> {
        let (negative, text) = match text.as_bytes() {
            [b'-', ..] => (true, &text[1..]),
            [b'+', ..] => (false, &text[1..]),
            _ => (false, text),
        };
        let is = |words: &[&str]| words.iter().any(|word| word.eq_ignore_ascii_case(text));
        match negative {
            _ if is(&["nan"]) => return Ok(Self::NAN),
            true if is(&["infinity", "inf"]) => return Ok(Self::LOWEST),
            false if is(&["infinity", "inf"]) => return Ok(Self::HIGHEST),
            _ => {}
        }
        let (digits, exponent) = match text.split_once(['e', 'E']) {
            Some((digits, exponent)) => (digits, exponent.parse::<i32>().map_err(|_| NO_NUMBER)?),
            None => (text, 0),
        };
        let (before, after) = digits.split_once('.').unwrap_or((digits, ""));
        let digits = [before, after].concat();
        if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(NO_NUMBER);
        }
        let before = before.len() as i64 + i64::from(exponent);
        let scale = (after.len() as i64 - i64::from(exponent)).max(0);
        let leading = digits.bytes().take_while(|digit| *digit == b'0').count() as i64;
        let is_zero = leading == digits.len() as i64;
        if scale > FINEST || !is_zero && before - leading > LONGEST {
            return Err(TOO_LONG);
        }
        // Groups begin at the point.
        let weight = (before + 3).div_euclid(4) - 1;
        let shift = (weight + 1) * 4 - before;
        let groups = grouped(&digits, shift as usize);
        let scale = u16::try_from(scale).map_err(|_| TOO_LONG)?;
        let number = Finite::new(negative, weight, groups, scale).ok_or(TOO_LONG)?;
        Ok(Self::finite(number))
    }
}

/// Digits in groups of four, with so many zeros before them.
fn grouped(digits: &str, zeros: usize) -> Vec<i16> {
    let mut groups = vec![0; (digits.len() + zeros).div_ceil(4)];
    for (place, digit) in (zeros..).zip(digits.bytes()) {
        const WORTH: [i16; 4] = [1000, 100, 10, 1];
        groups[place / 4] += i16::from(digit - b'0') * WORTH[place % 4];
    }
    groups
}

impl From<i64> for Numeric {
    fn from(number: i64) -> Self {
        let digits = number.unsigned_abs().to_string();
        let groups = digits.len().div_ceil(4);
        let digits = grouped(&digits, groups * 4 - digits.len());
        let finite = Finite::new(number < 0, groups as i64 - 1, digits, 0);
        // 19 digits are five groups.
        finite.map_or(Self::NAN, Self::finite)
    }
}

#[cfg(test)]
mod tests {
    use super::{FINEST, LONGEST, Numeric};
    use bytes::BytesMut;
    use postgres_types::{FromSql as _, ToSql as _, Type};

    fn number(text: &str) -> Numeric {
        text.parse()
            .unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn what_is_read_is_written() {
        for (text, written) in [
            ("0", "0"),
            ("-0.00", "0.00"),
            ("+1", "1"),
            ("00012", "12"),
            ("12345", "12345"),
            ("10000", "10000"),
            ("100000000.0001", "100000000.0001"),
            (".5", "0.5"),
            ("5.", "5"),
            ("0.0000000000000001", "0.0000000000000001"),
            ("1.5e-7", "0.00000015"),
            ("1.5E+9", "1500000000"),
            ("123.456e1", "1234.56"),
            ("123456e-3", "123.456"),
            ("9999.9999", "9999.9999"),
            (
                "-79228162514264337593543950336.10",
                "-79228162514264337593543950336.10",
            ),
            ("nan", "NaN"),
            ("-inf", "-Infinity"),
            ("INFINITY", "Infinity"),
        ] {
            let number = number(text);
            assert_eq!(number.to_string(), written, "{text}");
            let mut raw = BytesMut::new();
            number.to_sql(&Type::NUMERIC, &mut raw).expect("bytes");
            let read = Numeric::from_sql(&Type::NUMERIC, &raw).expect("a number");
            assert_eq!((read.to_string(), &read), (written.to_owned(), &number));
        }
        for number in [0, 1, -1, 9_999, 10_000, i64::MIN, i64::MAX] {
            assert_eq!(Numeric::from(number).to_string(), number.to_string());
        }
        assert_eq!(
            format!("{:>6}|{:06}", number("-1.5"), number("1")),
            "  -1.5|000001"
        );
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in [
            "",
            "-",
            ".",
            "1.2.3",
            "1e",
            "e1",
            "1_000",
            "0x10",
            "1 ",
            "--1",
            "１",
            "-nano",
            "1e99999999999",
        ] {
            assert!(text.parse::<Numeric>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_limits_are_those_of_postgresql() {
        let longest = "9".repeat(LONGEST as usize) + "." + &"9".repeat(FINEST as usize);
        assert_eq!(number(&longest).to_string(), longest);
        assert_eq!(number("1e131071").to_string().len(), LONGEST as usize);
        assert_eq!(number("1e-16383").to_string().len(), FINEST as usize + 2);
        assert_eq!(number("0e200000"), number("0"));
        for text in [
            "1e131072",
            "1e-16384",
            "1e2147483647",
            "1e-2147483648",
            &(longest + "9"),
        ] {
            assert!(text.parse::<Numeric>().is_err(), "{}", &text[..9]);
        }
    }

    #[test]
    fn numbers_are_in_the_order_of_postgresql() {
        let order = [
            "-inf", "-10000", "-1.5", "-0.1", "0", "0.00001", "0.1", "1", "1.5", "9999", "10000",
            "inf", "nan",
        ];
        assert!(order.map(number).is_sorted_by(|one, other| one < other));
        assert_eq!(number("1.0"), number("1.00"));
        assert_eq!(number("-0"), number("0.0"));
        assert_eq!(number("nan"), number("NaN"));
    }

    #[test]
    fn bytes_that_are_no_number_are_refused() {
        for raw in [
            &[][..],
            &[0, 1, 0, 0, 0, 0, 0, 0],
            &[0, 1, 0, 0, 0, 0, 0, 0, 0x27, 0x10],
            &[0, 0, 0, 0, 0x80, 0, 0, 0],
            &[0, 0, 0, 0, 0, 0, 0, 0, 0],
        ] {
            assert!(Numeric::from_sql(&Type::NUMERIC, raw).is_err(), "{raw:?}");
        }
    }
}
