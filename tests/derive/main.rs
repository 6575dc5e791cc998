//! What `#[derive(Entity)]` accepts, and what it says when it does not. The cases of `fail` are named by the mistake.
//!
//! After a wanted change of a message: `TRYBUILD=overwrite cargo test -p tests --test derive`.

#[test]
fn right_entities_are_accepted() {
    trybuild::TestCases::new().pass("derive/pass/*.rs");
}

#[test]
fn mistakes_are_explained() {
    trybuild::TestCases::new().compile_fail("derive/fail/*.rs");
}
