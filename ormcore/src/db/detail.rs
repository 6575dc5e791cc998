//! What a `DETAIL` tells beside values: the columns of a constraint.

/// What PostgreSQL quotes with, in the languages it speaks.
const QUOTES: [char; 8] = ['"', '«', '»', '„', '“', '”', '「', '」'];

/// The columns in `Key (author_id, title)=(1, …) …`, whatever the language; and apart from them those of a key that rows of
/// this table still refer to: there they are another table's.
pub(super) fn columns(code: &str, detail: &str, table: Option<&str>) -> (Vec<String>, Vec<String>) {
    let names = || names(detail).unwrap_or_default();
    match code {
        "23505" | "23P01" => (names(), Vec::new()),
        "23503" | "23001" => {
            let ending = detail.rsplit(')').next().unwrap_or_default();
            let mut quoted = ending.split(QUOTES).map(str::trim);
            match quoted.any(|quoted| Some(quoted) == table) {
                true => (Vec::new(), names()),
                false => (names(), Vec::new()),
            }
        }
        _ => (Vec::new(), Vec::new()),
    }
}

/// Reads up to `)=(`, behind which values begin.
fn names(detail: &str) -> Option<Vec<String>> {
    let (mut names, mut name) = (Vec::new(), String::new());
    let (mut depth, mut quoted) = (0_usize, false);
    let mut rest = detail.split_once('(')?.1.chars();
    while let Some(letter) = rest.next() {
        match letter {
            '"' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted && depth == 0 => {
                names.push(unquoted(&name));
                return rest.as_str().starts_with("=(").then_some(names);
            }
            ')' if !quoted => depth -= 1,
            ',' if !quoted && depth == 0 => {
                names.push(unquoted(&name));
                name.clear();
                continue;
            }
            _ => {}
        }
        name.push(letter);
    }
    None
}

/// A name without the quotes around it, if it is quoted as a whole.
fn unquoted(name: &str) -> String {
    let name = name.trim();
    let inner = name
        .strip_prefix('"')
        .and_then(|name| name.strip_suffix('"'));
    inner.map_or_else(|| name.to_owned(), |inner| inner.replace("\"\"", "\""))
}

#[cfg(test)]
mod tests {
    use super::columns;

    #[test]
    fn columns_are_read_and_values_are_not() {
        let posts = Some("posts");
        for (code, detail, expected, referred) in [
            (
                "23505",
                "Key (email)=(a)=(b) already exists.",
                &["email"][..],
                &[][..],
            ),
            (
                "23505",
                "Schlüssel »(a, b)=(1, x)« existiert bereits.",
                &["a", "b"],
                &[],
            ),
            (
                "23505",
                r#"Key ("a ""b"", (c", d)=(1, 2) already exists."#,
                &["a \"b\", (c", "d"],
                &[],
            ),
            (
                "23505",
                "Key (lower(email), f(a, b))=(x, y) already exists.",
                &["lower(email)", "f(a, b)"],
                &[],
            ),
            (
                "23503",
                r#"Key (author_id)=(4) is not present in table "users"."#,
                &["author_id"],
                &[],
            ),
            (
                "23503",
                r#"Key (id)=(4) is still referenced from table "posts"."#,
                &[],
                &["id"],
            ),
            (
                "23503",
                "La clé (id)=(4) est toujours référencée à partir de la table « posts ».",
                &[],
                &["id"],
            ),
            ("23502", "Failing row contains (1, null)=(x).", &[], &[]),
            ("23505", "Key (email", &[], &[]),
            ("23505", "", &[], &[]),
        ] {
            let (own, others) = columns(code, detail, posts);
            assert_eq!(own, expected, "{detail}");
            assert_eq!(others, referred, "{detail}");
        }
    }
}
