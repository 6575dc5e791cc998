//! The README's program is an example, word for word; the examples are run by their own tests.

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
