//! The README's tables: what stands between two markers is what a run wrote there.

use crate::Outcome;
use std::path::Path;

/// Puts this between the markers of this name, which are comments in the README.
pub(crate) fn rewrite(path: &Path, name: &str, text: &str) -> Outcome<()> {
    let readme = std::fs::read_to_string(path)?;
    let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->\n"));
    let (before, rest) = readme
        .split_once(&begin)
        .ok_or_else(|| format!("the README has no {begin}"))?;
    let (_, after) = rest
        .split_once(&end)
        .ok_or_else(|| format!("the README has no {end}"))?;
    std::fs::write(path, format!("{before}{begin}{text}{end}{after}"))?;
    println!("written to {}", path.display());
    Ok(())
}
