//! The rules there are for values: what `#[orm(validate(…))]` names.
//!
//! They are few, and need no other crate: those that have more (garde, validator) check whole structs with derives of their own, and
//! here each column has its rules wherever a value for it is at hand; and with them would come engines for patterns and URLs. What
//! else a program wants of a value is a function of its own, which may well call theirs.

use crate::value::TextValue;
use std::any::Any;
use std::cmp::Ordering;
use std::net::Ipv6Addr;

/// Values that are so long: text by its characters, a list by its elements.
#[diagnostic::on_unimplemented(
    message = "a column of type `{Self}` has no length",
    label = "expected `String`, a newtype of it, or a `Vec`"
)]
pub trait Length {
    /// How long it is.
    fn length(&self) -> usize;
}

impl<T: TextValue> Length for T {
    fn length(&self) -> usize {
        self.as_text().chars().count()
    }
}

impl<T> Length for Vec<T> {
    fn length(&self) -> usize {
        self.len()
    }
}

/// Asks a value of the column's type, or what is in an `Option` of it; called by generated code.
pub fn ruled<T: 'static>(
    value: &dyn Any,
    rule: fn(&T) -> Result<(), &'static str>,
) -> Option<&'static str> {
    let within = || value.downcast_ref::<Option<T>>()?.as_ref();
    rule(value.downcast_ref::<T>().or_else(within)?).err()
}

/// Whether it is as long as that; called by generated code.
pub fn is_long<T: Length>(value: &T, min: Option<usize>, max: Option<usize>) -> bool {
    let length = value.length();
    min.is_none_or(|min| length >= min) && max.is_none_or(|max| length <= max)
}

/// Whether it is no less; called by generated code.
pub fn is_at_least<T: PartialOrd>(value: &T, min: &T) -> bool {
    let order = value.partial_cmp(min);
    order.is_some_and(Ordering::is_ge)
}

/// Whether it is no more; called by generated code.
pub fn is_at_most<T: PartialOrd>(value: &T, max: &T) -> bool {
    let order = value.partial_cmp(max);
    order.is_some_and(Ordering::is_le)
}

/// Whether it is an e-mail address, as HTML has it for what is typed into a form; called by generated code.
pub fn is_email<T: TextValue>(value: &T) -> bool {
    let Some((local, domain)) = value.as_text().split_once('@') else {
        return false;
    };
    let is_local =
        |part: u8| part.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&part);
    !local.is_empty() && local.bytes().all(is_local) && domain.split('.').all(is_label)
}

fn is_label(label: &str) -> bool {
    let is_part = |part: u8| part.is_ascii_alphanumeric() || part == b'-';
    let hyphens = label.starts_with('-') || label.ends_with('-');
    (1..=63).contains(&label.len()) && label.bytes().all(is_part) && !hyphens
}

/// Whether it is the whole address of something in the web; called by generated code.
pub fn is_url<T: TextValue>(value: &T) -> bool {
    let text = value.as_text();
    let Some((scheme, rest)) = text.split_once("://") else {
        return false;
    };
    let is_known = ["http", "https"]
        .iter()
        .any(|known| scheme.eq_ignore_ascii_case(known));
    let is_none =
        |part: char| part.is_whitespace() || part.is_control() || "\"<>\\^`{|}".contains(part);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    is_known && !text.contains(is_none) && is_host(host)
}

fn is_host(host: &str) -> bool {
    let is_port = |port: &str| {
        port.is_empty()
            || port.bytes().all(|digit| digit.is_ascii_digit()) && port.parse::<u16>().is_ok()
    };
    if let Some((address, port)) = host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        let port = port.strip_prefix(':').or(port.is_empty().then_some(""));
        return address.parse::<Ipv6Addr>().is_ok() && port.is_some_and(is_port);
    }
    let (name, port) = host.split_once(':').unwrap_or((host, ""));
    let is_part = |part: char| part.is_alphanumeric() || "-._~%".contains(part);
    !name.is_empty() && name.chars().all(is_part) && is_port(port)
}

#[cfg(test)]
mod tests {
    use super::{is_at_least, is_at_most, is_email, is_long, is_url, ruled};

    #[test]
    fn an_address_of_mail_is_what_a_browser_takes_for_one() {
        let is = |text: &str| is_email(&text.to_owned());
        let label = "a".repeat(63);
        for text in [
            "a@b",
            "ada.l+x@mail.example.org",
            "!#$%&'*+/=?^_`{|}~-@1-2.de",
            &format!("a@{label}.{label}"),
        ] {
            assert!(is(text), "{text}");
        }
        for text in [
            "",
            "ada",
            "@b",
            "a@",
            "a@b@c",
            "a b@c",
            "a@b..c",
            "a@.b",
            "a@b.",
            "a@-b",
            "a@b-",
            "ä@b",
            "a@ä",
            "a@b\n",
            &format!("a@{label}a"),
        ] {
            assert!(!is(text), "{text}");
        }
    }

    #[test]
    fn an_address_in_the_web_says_how_and_where() {
        let is = |text: &str| is_url(&text.to_owned());
        for text in [
            "http://a",
            "HTTPS://example.org:8080/a?b=c#d",
            "https://ada:x@example.org",
            "https://[::1]:80/",
            "http://[::1]",
            "http://bücher.de/ü",
            "http://a:/",
        ] {
            assert!(is(text), "{text}");
        }
        for text in [
            "",
            "example.org",
            "ftp://a",
            "javascript://a",
            "http:/a",
            "http://",
            "http:///a",
            "http://:80",
            "http://a b",
            "http://a:b",
            "http://a:+80",
            "http://a:65536",
            "http://[::1",
            "http://[1]",
            "http://[::1]80",
            "http://a/<b>",
            "http://a\n",
            " http://a",
            "https://ada@",
            "http://a/b\\c",
        ] {
            assert!(!is(text), "{text}");
        }
    }

    #[test]
    fn text_is_as_long_as_it_has_characters_and_a_list_as_it_has_elements() {
        let (text, list) = ("äöü".to_owned(), vec![1, 2, 3]);
        for (min, max, expected) in [
            (Some(3), Some(3), true),
            (Some(4), None, false),
            (None, Some(2), false),
            (None, None, true),
        ] {
            assert_eq!(is_long(&text, min, max), expected);
            assert_eq!(is_long(&list, min, max), expected);
        }
    }

    #[test]
    fn what_is_no_number_is_in_no_range() {
        assert!(is_at_least(&0, &0) && !is_at_least(&-1, &0) && !is_at_least(&f64::NAN, &0.0));
        assert!(is_at_most(&0, &0) && !is_at_most(&1, &0) && !is_at_most(&f64::NAN, &0.0));
    }

    #[test]
    fn a_value_is_looked_at_with_and_without_its_option() {
        fn no(_: &i64) -> Result<(), &'static str> {
            Err("no")
        }
        assert_eq!(ruled(&1_i64, no), Some("no"));
        assert_eq!(ruled(&Some(1_i64), no), Some("no"));
        assert_eq!(ruled(&None::<i64>, no), None);
    }
}
