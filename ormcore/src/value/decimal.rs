//! `rust_decimal::Decimal` as `numeric`.

use super::{DecodeError, KeyValue, values};
use rust_decimal::Decimal;

// A stored number that a Decimal cannot hold exactly, NaN and the infinities are an error, never a rounded value:
// `rust_decimal`'s own decoder rounds.
values! {
    Decimal => "numeric", decode = |_, raw| numeric(raw), key = |key| KeyValue::other(*key);
}

const NEGATIVE: i16 = 0x4000;
const POSITIVE: i16 = 0;

/// Reads groups of four decimal digits: the first counts 10000 to the power of `weight`.
fn numeric(raw: &[u8]) -> Result<Decimal, DecodeError> {
    let mut words = raw
        .chunks_exact(2)
        .map(|word| i16::from_be_bytes([word[0], word[1]]));
    let mut word = || words.next().ok_or("the number is cut off");
    let (groups, weight, sign, display) = (word()?, word()?, word()?, word()?);
    if sign != POSITIVE && sign != NEGATIVE {
        return Err("NaN and the infinities are numbers that Decimal cannot hold".into());
    }
    let mut digits: i128 = 0;
    for _ in 0..groups {
        let group = i128::from(word()?);
        digits = digits
            .checked_mul(10_000)
            .and_then(|digits| digits.checked_add(group))
            .ok_or(TOO_LONG)?;
    }
    let exponent = 4 * (i32::from(weight) - i32::from(groups) + 1);
    let mut number = exact(digits, exponent, u32::from(display.unsigned_abs()))?;
    number.set_sign_negative(sign == NEGATIVE);
    Ok(number)
}

const TOO_LONG: &str = "the number has more digits than Decimal can hold";

/// `digits` times ten to the `exponent`, with as many of the displayed decimal places as there is room for.
fn exact(mut digits: i128, mut exponent: i32, display: u32) -> Result<Decimal, DecodeError> {
    let display = display.min(Decimal::MAX_SCALE);
    if digits == 0 {
        return Ok(Decimal::new(0, display));
    }
    while digits % 10 == 0 {
        digits /= 10;
        exponent += 1;
    }
    let needed = u32::try_from(-exponent).unwrap_or(0);
    (needed..=display.max(needed))
        .rev()
        .find_map(|scale| {
            let zeros = u32::try_from(i64::from(exponent) + i64::from(scale)).ok()?;
            let mantissa = digits.checked_mul(10_i128.checked_pow(zeros)?)?;
            Decimal::try_from_i128_with_scale(mantissa, scale).ok()
        })
        .ok_or_else(|| TOO_LONG.into())
}

#[cfg(test)]
mod tests {
    use super::{exact, numeric};
    use rust_decimal::Decimal;

    #[test]
    fn the_displayed_places_are_kept() {
        assert_eq!(exact(15, -1, 3).unwrap().to_string(), "1.500");
        assert_eq!(exact(0, 0, 2).unwrap().to_string(), "0.00");
        assert_eq!(exact(12, 2, 0).unwrap().to_string(), "1200");
    }

    #[test]
    fn zeros_that_have_no_room_are_left_out() {
        let digits = 79_228_162_514_264_337_593_543_950_335;
        assert_eq!(exact(digits, 0, 20).unwrap(), Decimal::MAX);
        assert_eq!(exact(1, 0, 16_000).unwrap(), Decimal::ONE);
    }

    #[test]
    fn nothing_is_rounded() {
        assert!(exact(79_228_162_514_264_337_593_543_950_336, 0, 0).is_err());
        assert!(exact(1, -29, 29).is_err());
        assert!(exact(1, 29, 0).is_err());
        assert!(exact(1, 40_000, 0).is_err());
    }

    #[test]
    fn a_number_that_is_cut_off_is_an_error() {
        assert!(numeric(&[]).is_err());
        assert!(numeric(&[0, 2, 0, 0, 0, 0, 0, 0, 0, 1]).is_err());
    }
}
