//! Did you mean …? The word nearest to a wrong one.

/// The candidate a misspelt word was most likely meant to be, if any is near enough to be worth offering.
pub(crate) fn nearest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(distance, candidate)| {
            *distance <= word.len() / 3 + 1 || continues(word, candidate)
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// A list for a sentence: `` `a`, `b` or `c` ``.
pub(crate) fn list<'a>(words: impl IntoIterator<Item = &'a str>, conjunction: &str) -> String {
    let mut quoted: Vec<String> = words.into_iter().map(|word| format!("`{word}`")).collect();
    let last = quoted.pop().unwrap_or_default();
    if quoted.is_empty() {
        return last;
    }
    format!("{} {conjunction} {last}", quoted.join(", "))
}

/// `author` is no misspelling of `author_id`, but it is what people write for it.
fn continues(word: &str, candidate: &str) -> bool {
    let prefix = |short: &str, long: &str| {
        long.strip_prefix(short)
            .is_some_and(|rest| rest.starts_with('_'))
    };
    prefix(word, candidate) || prefix(candidate, word)
}

/// How many letters have to be added, taken away, replaced or swapped with their neighbour.
fn distance(left: &str, right: &str) -> usize {
    let left: Vec<char> = left.to_lowercase().chars().collect();
    let right: Vec<char> = right.to_lowercase().chars().collect();
    let mut rows: Vec<Vec<usize>> = (0..=left.len())
        .map(|i| (i..=i + right.len()).collect())
        .collect();
    for i in 1..=left.len() {
        for j in 1..=right.len() {
            let replaced = rows[i - 1][j - 1] + usize::from(left[i - 1] != right[j - 1]);
            let mut least = replaced.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
            if i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = least;
        }
    }
    rows[left.len()][right.len()]
}

#[cfg(test)]
mod tests {
    use super::{distance, list, nearest};

    const WORDS: [&str; 4] = ["primary_key", "generated", "unique", "author_id"];

    #[test]
    fn a_misspelt_word_finds_the_one_it_was_meant_to_be() {
        assert_eq!(nearest("primry_key", WORDS), Some("primary_key"));
        assert_eq!(nearest("Unique", WORDS), Some("unique"));
        assert_eq!(nearest("uniuqe", WORDS), Some("unique"));
    }

    #[test]
    fn the_beginning_of_a_name_finds_the_whole() {
        assert_eq!(nearest("author", WORDS), Some("author_id"));
    }

    #[test]
    fn a_strange_word_finds_nothing() {
        assert_eq!(nearest("banana", WORDS), None);
    }

    #[test]
    fn swapped_neighbours_are_one_mistake() {
        assert_eq!(distance("abcd", "abdc"), 1);
        assert_eq!(distance("", "abc"), 3);
    }

    #[test]
    fn a_list_reads_as_a_sentence() {
        assert_eq!(list(["a"], "or"), "`a`");
        assert_eq!(list(["a", "b", "c"], "or"), "`a`, `b` or `c`");
    }
}
