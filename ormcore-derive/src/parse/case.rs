//! Names in another case: `rename_all = "kebab-case"`.

use super::snake;

/// How the words of a name are put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Case {
    Lower,
    Upper,
    Pascal,
    Camel,
    Snake,
    ScreamingSnake,
    Kebab,
}

impl Case {
    /// What users call them; serde calls them so too.
    pub(crate) const NAMES: [&str; 7] = [
        "lowercase",
        "UPPERCASE",
        "PascalCase",
        "camelCase",
        "snake_case",
        "SCREAMING_SNAKE_CASE",
        "kebab-case",
    ];

    /// The case of such a name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let cases = [
            Self::Lower,
            Self::Upper,
            Self::Pascal,
            Self::Camel,
            Self::Snake,
            Self::ScreamingSnake,
            Self::Kebab,
        ];
        let mut named = Self::NAMES.into_iter().zip(cases);
        named
            .find(|(other, _)| *other == name)
            .map(|(_, case)| case)
    }

    /// A variant's or field's name in this case.
    pub(crate) fn of(self, name: &str) -> String {
        let snake = snake(name);
        match self {
            Self::Lower => snake.replace('_', ""),
            Self::Upper => snake.replace('_', "").to_uppercase(),
            Self::Pascal => snake.split('_').map(capitalized).collect(),
            Self::Camel => {
                let mut words = snake.split('_');
                let first = words.next().unwrap_or_default().to_owned();
                first + &words.map(capitalized).collect::<String>()
            }
            Self::Snake => snake,
            Self::ScreamingSnake => snake.to_uppercase(),
            Self::Kebab => snake.replace('_', "-"),
        }
    }
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::Case;

    #[test]
    fn a_name_is_written_in_every_case() {
        for (case, expected) in [
            ("lowercase", "inprogress"),
            ("UPPERCASE", "INPROGRESS"),
            ("PascalCase", "InProgress"),
            ("camelCase", "inProgress"),
            ("snake_case", "in_progress"),
            ("SCREAMING_SNAKE_CASE", "IN_PROGRESS"),
            ("kebab-case", "in-progress"),
        ] {
            let case = Case::named(case).expect("a case");
            assert_eq!(case.of("InProgress"), expected);
            assert_eq!(case.of("in_progress"), expected);
        }
        assert_eq!(Case::named("Snake"), None);
    }
}
