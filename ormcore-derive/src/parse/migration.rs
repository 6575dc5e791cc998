//! The form of a migration's file: its name, and the parts of its text.
//!
//! This file stands twice, in the library and in its macros, so that what is embedded and what is read from a folder is
//! refused for the same reasons. A test sees to it that the two are the same.

/// The text of a file in its parts.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Parts<'t> {
    /// Whether the file does not say `-- NO TRANSACTION`.
    pub(crate) transactional: bool,
    pub(crate) up: Part<'t>,
    pub(crate) down: Option<Part<'t>>,
}

/// SQL, and the line of the file it begins in, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part<'t> {
    pub(crate) sql: &'t str,
    pub(crate) line: usize,
}

/// The version and the name: `20261120_173000` and `add_users` of `20261120_173000_add_users.sql`.
pub(crate) fn version_and_name(file: &str) -> Result<(&str, &str), String> {
    let wrong = || {
        format!(
            "`{file}` is no name of a migration: it is written YYYYMMDD_HHMMSS_name.sql, such as \
             `20261120_173000_add_users.sql`"
        )
    };
    let stem = file.strip_suffix(".sql").ok_or_else(wrong)?;
    let (version, rest) = stem.split_at_checked(15).ok_or_else(wrong)?;
    let name = rest.strip_prefix('_').ok_or_else(wrong)?;
    let is_of_name = |letter: char| letter.is_alphanumeric() || "_-".contains(letter);
    match is_moment(version) && !name.is_empty() && name.chars().all(is_of_name) {
        true => Ok((version, name)),
        false => Err(wrong()),
    }
}

/// Whether it is a day and a time of day.
fn is_moment(version: &str) -> bool {
    let digits = |from: usize, to: usize| {
        let digits = version.get(from..to)?;
        let all = digits.bytes().all(|digit| digit.is_ascii_digit());
        all.then(|| digits.parse::<u32>().ok())?
    };
    let within = |from, to, first, last| {
        let number = digits(from, to);
        number.is_some_and(|number| (first..=last).contains(&number))
    };
    within(0, 4, 1, 9999)
        && within(4, 6, 1, 12)
        && within(6, 8, 1, 31)
        && version.get(8..9) == Some("_")
        && within(9, 11, 0, 23)
        && within(11, 13, 0, 59)
        && within(13, 15, 0, 59)
}

/// Finds the parts below the lines `-- UP` and `-- DOWN`.
pub(crate) fn parts(text: &str) -> Result<Parts<'_>, String> {
    let text = text.trim_start_matches('\u{feff}');
    let (mut up, mut down) = (None, None);
    let (mut transactional, mut number, mut at) = (true, 0, 0);
    // Where the part ends that stands before the line.
    let mut ends = text.len();
    for line in text.split_inclusive('\n') {
        let begin = at;
        (number, at) = (number + 1, at + line.len());
        let line = line.trim();
        let comment = line.strip_prefix("--").map(str::trim);
        let is = |word: &str| comment.is_some_and(|comment| comment.eq_ignore_ascii_case(word));
        if is("UP") {
            if up.is_some() {
                return Err(format!(
                    "line {number} is a second `-- UP`, or stands behind `-- DOWN`"
                ));
            }
            up = Some((at, number + 1));
        } else if is("DOWN") {
            if up.is_none() || down.is_some() {
                return Err(format!(
                    "line {number} is a second `-- DOWN`, or stands before `-- UP`"
                ));
            }
            ends = begin;
            down = Some((at, number + 1));
        } else if is("NO TRANSACTION") {
            if number > 1 {
                return Err(format!(
                    "line {number}: `-- NO TRANSACTION` is the first line of a file, or not in it"
                ));
            }
            transactional = false;
        } else if up.is_none() && comment.is_none() && !line.is_empty() {
            return Err(format!(
                "line {number} stands before `-- UP`, and would never run"
            ));
        }
    }
    let (from, line) = up.ok_or("it has no line `-- UP`, below which the SQL stands")?;
    let part = |from, to, line| Part {
        sql: text.get(from..to).unwrap_or_default(),
        line,
    };
    Ok(Parts {
        transactional,
        up: part(from, ends, line),
        down: down.map(|(from, line)| part(from, text.len(), line)),
    })
}
