//! What becomes of values when a column gets another type.

use super::changes::Risk;
use crate::value::Type;

/// How a column's values become those of another type.
#[derive(Debug)]
pub(super) struct Conversion {
    /// Whether PostgreSQL has to be told how: by their text.
    pub(super) by_text: bool,
    /// Whether foreign keys are in the way.
    pub(super) cuts: bool,
    pub(super) risk: Option<Risk>,
}

/// How values of one type become those of another. Either may be none of PostgreSQL's own.
pub(super) fn conversion(from: Option<&Type>, to: Option<&Type>, declared: &str) -> Conversion {
    let whole = |ty: &Type| {
        [Type::INT2, Type::INT4, Type::INT8]
            .iter()
            .position(|other| other == ty)
    };
    let widths = from.and_then(whole).zip(to.and_then(whole));
    let wider = widths.is_some_and(|(from, to)| from < to);
    let number = from.and_then(whole).is_some() && to == Some(&Type::NUMERIC);
    let real = from == Some(&Type::FLOAT4) && to == Some(&Type::FLOAT8);
    let text = to == Some(&Type::TEXT);
    let limited = declared.contains('(');
    if wider || real || text || number && !limited {
        return Conversion {
            by_text: false,
            cuts: !wider,
            risk: None,
        };
    }
    let one_of = |ty: Option<&Type>, types: &[Type]| ty.is_some_and(|ty| types.contains(ty));
    let moments = [Type::TIMESTAMP, Type::TIMESTAMPTZ];
    let reals = [Type::FLOAT4, Type::FLOAT8];
    let chars = [Type::VARCHAR, Type::BPCHAR];
    let lost = if one_of(from, &moments) && one_of(to, &[Type::DATE, Type::TIME]) {
        Some("a part of the moment")
    } else if one_of(from, &moments) && one_of(to, &moments) {
        Some("the zone: the session's TimeZone stands in")
    } else if one_of(from, &[Type::NUMERIC, Type::FLOAT8]) && one_of(to, &reals) {
        Some("digits")
    } else if limited && !one_of(to, &chars) {
        Some("digits, which are rounded")
    } else {
        None
    };
    Conversion {
        by_text: true,
        cuts: true,
        risk: Some(match lost {
            Some(lost) => Risk::LosesData(format!("the conversion drops {lost}")),
            None => Risk::MayFail(
                "values that the type does not have, and views, checks and indexes on the column"
                    .to_owned(),
            ),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::{Risk, conversion};
    use crate::value::Type;

    #[test]
    fn widening_is_safe_and_all_else_is_not() {
        for (from, to, declared) in [
            (Type::INT4, Type::INT8, "bigint"),
            (Type::INT2, Type::NUMERIC, "numeric"),
            (Type::FLOAT4, Type::FLOAT8, "double precision"),
            (Type::UUID, Type::TEXT, "text"),
        ] {
            let found = conversion(Some(&from), Some(&to), declared);
            assert!(found.risk.is_none() && !found.by_text, "{from} {to}");
        }
        for (from, to, declared, loses) in [
            (Type::INT8, Type::INT4, "integer", false),
            (Type::TEXT, Type::UUID, "uuid", false),
            (Type::INT4, Type::VARCHAR, "varchar(3)", false),
            (Type::INT4, Type::NUMERIC, "numeric(6,2)", true),
            (Type::TIMESTAMPTZ, Type::DATE, "date", true),
            (Type::TIMESTAMP, Type::TIMESTAMPTZ, "timestamptz", true),
            (Type::NUMERIC, Type::FLOAT8, "double precision", true),
        ] {
            let found = conversion(Some(&from), Some(&to), declared);
            let risk = found.risk.expect("a risk");
            assert_eq!(matches!(risk, Risk::LosesData(_)), loses, "{from} {to}");
        }
        assert!(conversion(None, None, "mood").by_text);
    }
}
