//! What is bound is a value that a column can hold, or borrowed text.

use ormcore::sql;

struct Secret;

fn main() {
    let (id, secret) = (1, Secret);
    let _ = sql!("SELECT {idd}");
    let _ = sql!("SELECT {secret}");
    let _ = sql!("SELECT {&id}");
}
