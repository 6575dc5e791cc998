//! The statements of a text of SQL, one by one, so that each has a span, a place in an error, and can run without a
//! transaction.

/// A statement without its semicolon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Statement<'t> {
    pub(super) text: &'t str,
    /// In which line of the text it begins, from 0.
    pub(super) line: usize,
}

impl Statement<'_> {
    /// In which line of the text that is, counted in characters of the statement from 1, as PostgreSQL does.
    pub(super) fn line_of(&self, position: u32) -> usize {
        let before = usize::try_from(position.saturating_sub(1)).unwrap_or(usize::MAX);
        let before = self.text.chars().take(before);
        self.line + before.filter(|letter| *letter == '\n').count()
    }
}

/// Splits at the semicolons that end statements: not at those in quotes, comments, parentheses and bodies of functions.
pub(super) fn statements(text: &str) -> Vec<Statement<'_>> {
    let mut found = Vec::new();
    let mut reader = Reader::default();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let (length, piece) = piece(rest, text[..at].chars().next_back());
        match piece {
            Piece::Space => {}
            Piece::End if reader.is_outside() => {
                found.extend(reader.statement(text, at));
                reader = Reader::default();
            }
            piece => reader.take(at, &rest[..length], &piece),
        }
        at += length;
    }
    found.extend(reader.statement(text, text.len()));
    found
}

/// What stands next.
#[derive(PartialEq, Eq)]
enum Piece {
    /// Blanks and comments.
    Space,
    Word,
    Open,
    Close,
    End,
    /// Quoted, or of no interest.
    Other,
}

/// What is known of the statement so far.
#[derive(Default)]
struct Reader<'t> {
    begins: Option<usize>,
    parentheses: usize,
    /// How many BEGIN and CASE wait for their END, in the body of a function that is not quoted.
    blocks: usize,
    words: Vec<&'t str>,
}

impl<'t> Reader<'t> {
    fn take(&mut self, at: usize, text: &'t str, piece: &Piece) {
        self.begins.get_or_insert(at);
        match piece {
            Piece::Open => self.parentheses += 1,
            Piece::Close => self.parentheses = self.parentheses.saturating_sub(1),
            Piece::Word => {
                if self.words.len() < 4 {
                    self.words.push(text);
                }
                if self.parentheses == 0 && self.makes_a_function() {
                    let is = |word: &str| text.eq_ignore_ascii_case(word);
                    if is("BEGIN") || self.blocks > 0 && is("CASE") {
                        self.blocks += 1;
                    } else if is("END") {
                        self.blocks = self.blocks.saturating_sub(1);
                    }
                }
            }
            Piece::Space | Piece::End | Piece::Other => {}
        }
    }

    /// `CREATE [OR REPLACE] {FUNCTION | PROCEDURE}`: only there BEGIN begins a body.
    fn makes_a_function(&self) -> bool {
        let is = |place: usize, words: &[&str]| {
            let found = self.words.get(place);
            found.is_some_and(|found| words.iter().any(|word| word.eq_ignore_ascii_case(found)))
        };
        let kind = match is(1, &["OR"]) && is(2, &["REPLACE"]) {
            true => 3,
            false => 1,
        };
        is(0, &["CREATE"]) && is(kind, &["FUNCTION", "PROCEDURE"])
    }

    fn is_outside(&self) -> bool {
        self.parentheses == 0 && self.blocks == 0
    }

    fn statement(&self, text: &'t str, end: usize) -> Option<Statement<'t>> {
        let begins = self.begins?;
        Some(Statement {
            text: text.get(begins..end)?.trim_end(),
            line: text[..begins].matches('\n').count(),
        })
    }
}

/// How long the next piece is, and what it is.
fn piece(rest: &str, before: Option<char>) -> (usize, Piece) {
    let Some(first) = rest.chars().next() else {
        return (0, Piece::Space);
    };
    let whole = |inside: Option<usize>| inside.unwrap_or(rest.len());
    match first {
        ';' => (1, Piece::End),
        '(' => (1, Piece::Open),
        ')' => (1, Piece::Close),
        '\'' => (whole(quoted(rest, '\'', false)), Piece::Other),
        '"' => (whole(quoted(rest, '"', false)), Piece::Other),
        'E' | 'e' if rest[1..].starts_with('\'') => {
            let end = quoted(&rest[1..], '\'', true).map(|end| end + 1);
            (whole(end), Piece::Other)
        }
        '$' if !before.is_some_and(is_of_name) => match dollar_quoted(rest) {
            Some(length) => (length, Piece::Other),
            None => (1, Piece::Other),
        },
        '-' if rest.starts_with("--") => (whole(rest.find('\n')), Piece::Space),
        '/' if rest.starts_with("/*") => (whole(comment(rest)), Piece::Space),
        _ if first.is_whitespace() => (first.len_utf8(), Piece::Space),
        _ if is_of_name(first) => {
            let end = rest.find(|letter| !is_of_name(letter) && letter != '$');
            (whole(end), Piece::Word)
        }
        _ => (first.len_utf8(), Piece::Other),
    }
}

fn is_of_name(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// Where the quoted text ends that begins here. A doubled quote is two of them, which makes no difference.
fn quoted(rest: &str, quote: char, escapes: bool) -> Option<usize> {
    let mut letters = rest.char_indices().skip(1);
    while let Some((at, letter)) = letters.next() {
        if letter == '\\' && escapes {
            letters.next();
        } else if letter == quote {
            // Here a backslash goes on meaning what it did.
            let doubled = rest[at + 1..].starts_with(quote);
            if !(doubled && escapes) {
                return Some(at + 1);
            }
            letters.next();
        }
    }
    None
}

/// Where `$tag$ … $tag$` ends; nothing where it is no such quote.
fn dollar_quoted(rest: &str) -> Option<usize> {
    let tag_ends = rest[1..].find('$')? + 2;
    let tag = &rest[..tag_ends];
    let name = &tag[1..tag_ends - 1];
    if !name.chars().all(is_of_name) || name.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    let end = rest[tag_ends..]
        .find(tag)
        .map(|at| tag_ends + at + tag.len());
    Some(end.unwrap_or(rest.len()))
}

/// Where a comment ends, which may hold others.
fn comment(rest: &str) -> Option<usize> {
    let (mut depth, mut at) = (0_usize, 0);
    loop {
        let next = rest.get(at..)?.find(['/', '*'])?;
        at += next;
        if rest[at..].starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if rest[at..].starts_with("*/") {
            (depth, at) = (depth.saturating_sub(1), at + 2);
            if depth == 0 {
                return Some(at);
            }
        } else {
            at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Statement, statements};

    fn texts(sql: &str) -> Vec<&str> {
        statements(sql).into_iter().map(|one| one.text).collect()
    }

    #[test]
    fn semicolons_end_statements() {
        assert_eq!(
            texts("SELECT 1; SELECT 2;\n;;\nSELECT 3"),
            ["SELECT 1", "SELECT 2", "SELECT 3"]
        );
        for nothing in ["", " \n", ";", "-- a; b", "/* a; /* b; */ c; */ ; -- d"] {
            assert_eq!(texts(nothing), [""; 0], "{nothing}");
        }
    }

    #[test]
    fn semicolons_inside_of_something_do_not() {
        for sql in [
            "SELECT 'a;b', 'it''s;', '\\'",
            r"SELECT E'a\';b', e'\\;', E'it''s\';'",
            r#"SELECT ";", "a"";""#,
            "SELECT $$a;b$$, $ä_1$;$$;$ä_1$",
            "DO $$ BEGIN PERFORM 1; END $$",
            "SELECT 1 -- ;\n + /* ; /* ; */ ; */ 1",
            "CREATE RULE a AS ON INSERT TO b DO ALSO (SELECT 1; SELECT 2)",
            "CREATE FUNCTION a() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 1 END; END",
            "create or replace procedure a() begin atomic insert into b values (1); end",
            "SELECT a$b FROM c WHERE d = $1 AND e$ = 1",
        ] {
            let two = format!("{sql};\nSELECT 2");
            assert_eq!(texts(&two), [sql, "SELECT 2"]);
        }
        assert_eq!(texts("BEGIN; SELECT 1; END"), ["BEGIN", "SELECT 1", "END"]);
        assert_eq!(texts("SELECT 'a; b"), ["SELECT 'a; b"]);
    }

    #[test]
    fn a_statement_knows_its_lines() {
        let found = statements("-- One.\nSELECT 1;\n\n/* Two. */ SELECT\n  'ä',\n  b;\n");
        let expected = Statement {
            text: "SELECT\n  'ä',\n  b",
            line: 3,
        };
        assert_eq!((found[0].line, found[1]), (1, expected));
        assert_eq!(found[1].line_of(1), 3);
        assert_eq!(found[1].line_of(10), 4);
        assert_eq!(found[1].line_of(17), 5);
    }
}
