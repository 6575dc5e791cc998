//! E-mail addresses in the one way they are kept, so that the same address is the same text.

const LONGEST: usize = 254;

/// An address without the blanks around it and in small letters: nobody has two accounts that differ by those.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Address(String);

impl Address {
    /// `None` for what cannot be an address. Only a mail to it would tell whether it is one.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let address = text.trim().to_lowercase();
        let spaced = address
            .chars()
            .any(|char| char.is_whitespace() || char.is_control());
        let whole = address
            .rsplit_once('@')
            .is_some_and(|(local, host)| !local.is_empty() && !host.is_empty());
        (whole && !spaced && address.len() <= LONGEST).then_some(Self(address))
    }

    pub(crate) fn into_text(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::Address;

    fn read(text: &str) -> Option<String> {
        Address::read(text).map(Address::into_text)
    }

    #[test]
    fn what_cannot_be_an_address_is_told_from_what_may_be_one() {
        for address in ["ada@example.org", "a+b@x", "\"@\"@example.org"] {
            assert_eq!(read(address).as_deref(), Some(address));
        }
        let long = format!("{}@example.org", "a".repeat(250));
        for nonsense in [
            "",
            "@",
            "ada",
            "ada@",
            "@example.org",
            "a b@example.org",
            "a\n@x",
            "a\0@x",
            &long,
        ] {
            assert_eq!(read(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn blanks_around_it_and_large_letters_do_not_make_another_address() {
        let written = [" ada@example.org\n", "Ada@Example.ORG", "ADA@EXAMPLE.ORG "];
        for written in written {
            assert_eq!(read(written).as_deref(), Some("ada@example.org"));
        }
        assert_eq!(read("ÄDA@example.org").as_deref(), Some("äda@example.org"));
    }
}
