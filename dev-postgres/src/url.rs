//! The address of another database on the same server.

use crate::Error;

/// Keeps user, host and parameters.
pub(crate) fn with_database(url: &str, database: &str) -> Result<String, Error> {
    let (scheme, rest) = url
        .split_once("://")
        .filter(|(scheme, _)| ["postgres", "postgresql"].contains(scheme))
        .ok_or_else(|| {
            Error::new(
                "TEST_DATABASE_URL must look like postgres://user:password@host:port/database",
            )
        })?;
    let (location, parameters) = match rest.split_once('?') {
        Some((location, parameters)) => (location, format!("?{parameters}")),
        None => (rest, String::new()),
    };
    let server = location
        .split_once('/')
        .map_or(location, |(server, _)| server);
    Ok(format!("{scheme}://{server}/{database}{parameters}"))
}

#[cfg(test)]
mod tests {
    use super::with_database;

    #[test]
    fn only_the_database_changes() {
        let changed = |url| with_database(url, "b").map_err(|error| error.to_string());
        assert_eq!(
            changed("postgres://u:p@h:1/a?sslmode=disable").as_deref(),
            Ok("postgres://u:p@h:1/b?sslmode=disable")
        );
        assert_eq!(changed("postgresql://h").as_deref(), Ok("postgresql://h/b"));
        assert!(changed("host=h dbname=a").is_err_and(|message| message.contains("postgres://")));
    }
}
