//! A folder of migrations is named by one literal, and has to be there when the program is compiled.

use ormcore::embed_migrations;

fn main() {
    let folder = "migrations";
    let _ = embed_migrations!("nowhere/migrations");
    let _ = embed_migrations!(folder);
    let _ = embed_migrations!();
}
