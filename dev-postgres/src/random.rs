//! Names and passwords nobody can guess.

use std::fs::File;
use std::io::Read;

use crate::Error;

/// Twice as many hexadecimal digits as bytes asked for.
pub(crate) fn hexadecimal<const BYTES: usize>() -> Result<String, Error> {
    let mut bytes = [0; BYTES];
    File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(&mut bytes))
        .map_err(|error| Error::caused("cannot read /dev/urandom", error))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
