//! The README's program is an example, word for word; the examples are run by their own tests. Its tables of costs have a
//! row for everything that is measured.

#[path = "../benches/side_by_side/names.rs"]
mod names;

use names::CASES;

const README: &str = include_str!("../README.md");

#[test]
fn every_program_in_the_readme_is_an_example() {
    let examples = [
        include_str!("../examples/blog.rs"),
        include_str!("../examples/queries.rs"),
        include_str!("../examples/session.rs"),
        include_str!("../examples/types.rs"),
    ];
    let blocks: Vec<&str> = README.split("```rust").skip(1).filter_map(body).collect();
    assert!(!blocks.is_empty(), "the README shows no program");
    for block in blocks {
        let known = examples
            .iter()
            .any(|example| example.contains(block.trim()));
        assert!(
            known,
            "no example holds this program of the README:\n{block}"
        );
    }
}

/// What stands between the fence's own line and the closing fence.
fn body(block: &str) -> Option<&str> {
    let (_, rest) = block.split_once('\n')?;
    rest.split_once("```").map(|(body, _)| body)
}

#[test]
fn every_file_the_readme_points_to_is_there() {
    let inline = README.split("](").skip(1);
    let inline = inline.filter_map(|rest| rest.split_once(')'));
    // At its end, so that the documentation can say where else they are.
    let defined = README.lines().filter(|line| line.starts_with('['));
    let defined = defined.filter_map(|line| line.split_once("]: "));
    let links = inline
        .map(|(link, _)| link)
        .chain(defined.map(|(_, link)| link));
    let files: Vec<&str> = links.filter(|link| !link.contains("://")).collect();
    assert!(!files.is_empty(), "the README points to no file");
    for file in files {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("..")
            .join(file);
        assert!(
            path.exists(),
            "the README points to {file}, which is not there"
        );
    }
}

#[test]
fn the_tables_of_costs_have_a_row_for_each_measure_and_no_other() {
    let measured: Vec<String> = CASES
        .iter()
        .flat_map(|(case, ways)| ways.iter().map(|way| names::row(case, way)))
        .collect();
    assert_eq!(
        first_column("bench: side by side"),
        measured,
        "run `cargo bench -- --readme`"
    );
    let cases: Vec<&str> = CASES.iter().map(|(case, _)| *case).collect();
    assert_eq!(
        first_column("bench: rivals"),
        cases,
        "run `cargo bench --manifest-path benches/rivals/Cargo.toml -- --readme`"
    );
}

/// What the rows of the table between two markers are called.
fn first_column(marker: &str) -> Vec<String> {
    let (_, rest) = README
        .split_once(&format!("<!-- {marker} -->\n"))
        .expect("a marker before the table");
    let (table, _) = rest
        .split_once(&format!("<!-- /{marker} -->\n"))
        .expect("a marker behind the table");
    let rows = table.lines().filter(|line| line.starts_with('|')).skip(2);
    let names = rows.filter_map(|row| row.split('|').nth(1));
    names.map(|name| name.trim().to_owned()).collect()
}
