//! What tokens are signed with. Without a secret of its own only a developer's start goes on, with one that nobody knows.

use std::fmt;

use jsonwebtoken::{DecodingKey, EncodingKey};

/// In the order in which they are looked at.
const VARIABLES: [&str; 2] = ["JWT_SECRET", "SECRET_KEY"];
/// As many as the hash of HS256 has (RFC 7518, 3.2). Shorter ones can be found out from a single token.
const SHORTEST: usize = 32;
const DEVELOPMENT: &str = "development";

/// At least 32 bytes. Has no `Debug`, or it would be read one day.
pub(crate) struct Secret {
    bytes: Vec<u8>,
    variable: Option<&'static str>,
}

#[derive(Debug)]
pub(crate) enum SecretError {
    Missing { environment: String },
    Short { variable: &'static str },
    Random(getrandom::Error),
}

impl fmt::Display for SecretError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { environment } => write!(
                f,
                "environment variable JWT_SECRET is not set, and this is `{environment}`: set it to the output of \
                 `openssl rand -hex 32` (only with DEPLOYMENT_ENVIRONMENT={DEVELOPMENT} each start makes its own)"
            ),
            Self::Short { variable } => write!(
                f,
                "environment variable {variable} is shorter than {SHORTEST} bytes: set it to the output of \
                 `openssl rand -hex 32`"
            ),
            Self::Random(cause) => write!(
                f,
                "this system has no random bytes for a secret; set JWT_SECRET: {cause}"
            ),
        }
    }
}

impl std::error::Error for SecretError {}

impl Secret {
    /// `environment` is what `deployment.environment.name` says: `development` unless something else was set.
    pub(crate) fn read(
        variable: impl Fn(&str) -> Option<String>,
        environment: &str,
    ) -> Result<Self, SecretError> {
        for name in VARIABLES {
            let Some(value) = variable(name).filter(|value| !value.trim().is_empty()) else {
                continue;
            };
            // As it is, blanks included: this is no text.
            let bytes = value.into_bytes();
            return if bytes.len() < SHORTEST {
                Err(SecretError::Short { variable: name })
            } else {
                Ok(Self {
                    bytes,
                    variable: Some(name),
                })
            };
        }
        if environment == DEVELOPMENT {
            return Self::of_this_start();
        }
        Err(SecretError::Missing {
            environment: environment.to_owned(),
        })
    }

    fn of_this_start() -> Result<Self, SecretError> {
        let mut bytes = vec![0; SHORTEST];
        getrandom::fill(&mut bytes).map_err(SecretError::Random)?;
        Ok(Self {
            bytes,
            variable: None,
        })
    }

    pub(super) fn to_sign(&self) -> EncodingKey {
        EncodingKey::from_secret(&self.bytes)
    }

    pub(super) fn to_check(&self) -> DecodingKey {
        DecodingKey::from_secret(&self.bytes)
    }
}

/// Where it is from, for whoever starts this.
impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.variable {
            Some(name) => write!(f, "tokens are signed with {name}"),
            None => f.write_str(
                "tokens are signed with a secret of this start; set JWT_SECRET to have them outlive it",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;

    const LONG: &str = "0123456789abcdef0123456789abcdef";

    fn read(variables: &[(&str, &str)], environment: &str) -> Result<Secret, String> {
        let variable = |name: &str| {
            let found = variables.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Secret::read(variable, environment).map_err(|error| error.to_string())
    }

    fn refusal(variables: &[(&str, &str)], environment: &str) -> String {
        read(variables, environment).err().expect("a refusal")
    }

    #[test]
    fn in_development_each_start_has_its_own() {
        let of = |_: usize| read(&[("JWT_SECRET", "")], "development").expect("a secret");
        let [one, other] = [0, 1].map(of);
        assert_eq!(one.bytes.len(), 32);
        assert_ne!(one.bytes, other.bytes);
        assert!(one.to_string().contains("set JWT_SECRET"), "{one}");
    }

    #[test]
    fn everywhere_else_a_start_without_one_is_refused() {
        for environment in ["production", "staging", "compose", "Development", ""] {
            let refusal = refusal(&[], environment);
            assert!(refusal.contains("JWT_SECRET is not set"), "{refusal}");
            assert!(refusal.contains("openssl rand -hex 32"), "{refusal}");
        }
    }

    #[test]
    fn a_short_one_is_refused_everywhere_and_not_shown() {
        for environment in ["production", "development"] {
            let refusal = refusal(&[("JWT_SECRET", &LONG[1..])], environment);
            assert!(refusal.contains("JWT_SECRET is shorter than 32 bytes"));
            assert!(!refusal.contains(&LONG[1..]), "{refusal}");
        }
    }

    #[test]
    fn a_long_one_is_taken_as_it_is_under_either_name() {
        for name in ["JWT_SECRET", "SECRET_KEY"] {
            let secret = read(&[(name, LONG)], "production").expect("a secret");
            assert_eq!(secret.bytes, LONG.as_bytes());
            assert_eq!(secret.to_string(), format!("tokens are signed with {name}"));
        }
        let both = [("SECRET_KEY", "short"), ("JWT_SECRET", LONG)];
        assert!(read(&both, "production").is_ok());
    }
}
