//! Names made from names: the table of a struct, the constant of a field.

/// `BlogPost` → `blog_posts`: the table of a struct that does not name one.
///
/// The rules are few, so that one can foresee them; `table = "…"` is for the rest.
pub(crate) fn table(entity: &str) -> String {
    plural(&snake(entity))
}

/// `author_id` → `AUTHOR_ID`: the constant of a field.
pub(crate) fn constant(field: &str) -> String {
    snake(field).to_uppercase()
}

/// `HTTPRequest` → `http_request`.
pub(crate) fn snake(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut snake = String::new();
    for (at, letter) in letters.iter().enumerate() {
        if at > 0 && starts_word(letters[at - 1], *letter, letters.get(at + 1)) {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

fn starts_word(before: char, letter: char, after: Option<&char>) -> bool {
    let ends_capitals = before.is_uppercase() && after.is_some_and(|after| after.is_lowercase());
    letter.is_uppercase() && before != '_' && (!before.is_uppercase() || ends_capitals)
}

fn plural(word: &str) -> String {
    let vowel_before_y = ["ay", "ey", "iy", "oy", "uy"]
        .iter()
        .any(|end| word.ends_with(end));
    match word.strip_suffix('y') {
        Some(stem) if !vowel_before_y => format!("{stem}ies"),
        _ if ["s", "x", "z", "ch", "sh"]
            .iter()
            .any(|end| word.ends_with(end)) =>
        {
            format!("{word}es")
        }
        _ => format!("{word}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::{constant, snake, table};

    #[test]
    fn a_table_is_named_in_the_plural() {
        for (entity, expected) in [
            ("User", "users"),
            ("BlogPost", "blog_posts"),
            ("Category", "categories"),
            ("Day", "days"),
            ("Address", "addresses"),
            ("Box", "boxes"),
            ("Branch", "branches"),
        ] {
            assert_eq!(table(entity), expected);
        }
    }

    #[test]
    fn capitals_in_a_row_are_one_word() {
        for (name, expected) in [
            ("HTTPRequest", "http_request"),
            ("UserID", "user_id"),
            ("OAuth2Token", "o_auth2_token"),
            ("Already_Snake", "already_snake"),
            ("Straße", "straße"),
        ] {
            assert_eq!(snake(name), expected);
        }
    }

    #[test]
    fn a_constant_is_the_field_in_capitals() {
        for (field, expected) in [
            ("id", "ID"),
            ("author_id", "AUTHOR_ID"),
            ("authorId", "AUTHOR_ID"),
            ("_hidden", "_HIDDEN"),
            ("line2", "LINE2"),
        ] {
            assert_eq!(constant(field), expected);
        }
    }
}
