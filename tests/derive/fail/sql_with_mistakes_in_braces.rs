//! What stands in the braces of `sql!` is a value; the text is there when the program is compiled.

use ormcore::sql;

fn main() {
    let (id, text) = (1, "SELECT 1");
    let _ = sql!(text);
    let _ = sql!();
    let _ = sql!("SELECT 1", id);
    let _ = sql!("SELECT {}");
    let _ = sql!("SELECT {id");
    let _ = sql!("SELECT id}");
    let _ = sql!("SELECT {id:?}");
    let _ = sql!("SELECT $1 + {id}");
    let _ = sql!("SELECT {id +}");
}
