//! What was sent and cannot be read: which field, and what it has to be, as for one that can be read and not be taken. What
//! is there instead is not repeated, for it may be a password.

use std::{error::Error, iter::successors};

use axum::{
    extract::rejection::{FormRejection, JsonRejection, PathRejection, QueryRejection},
    http::StatusCode,
};
use serde::de::value::Error as FormError;
use serde_json::Error as JsonError;
use serde_path_to_error::Error as At;

use super::Problem;

impl From<JsonRejection> for Problem {
    fn from(rejection: JsonRejection) -> Self {
        match &rejection {
            JsonRejection::JsonDataError(error) => misread::<JsonError>(error),
            JsonRejection::JsonSyntaxError(_) => of_body("must be JSON".to_owned()),
            other => Self::new(other.status(), other.body_text()),
        }
    }
}

impl From<FormRejection> for Problem {
    fn from(rejection: FormRejection) -> Self {
        match &rejection {
            FormRejection::FailedToDeserializeFormBody(error) => misread::<FormError>(error),
            other => Self::new(other.status(), other.body_text()),
        }
    }
}

impl From<QueryRejection> for Problem {
    fn from(rejection: QueryRejection) -> Self {
        misread::<FormError>(&rejection)
    }
}

impl From<PathRejection> for Problem {
    fn from(rejection: PathRejection) -> Self {
        match rejection.status() {
            // Numbers are all there is in paths here.
            StatusCode::BAD_REQUEST => {
                Self::invalid(vec![("id", "must be a whole number".to_owned())])
            }
            _ => Self::failure(),
        }
    }
}

fn of_body(detail: String) -> Problem {
    Problem::invalid(vec![("body", detail)])
}

/// By what serde says about it, which axum has put inside its own error.
fn misread<E: Error + 'static>(rejection: &(dyn Error + 'static)) -> Problem {
    let mut causes = successors(Some(rejection), |error| (*error).source());
    match causes.find_map(|error| error.downcast_ref::<At<E>>()) {
        Some(error) => {
            let path = error.path().to_string();
            Problem::invalid(vec![told(&path, &error.inner().to_string())])
        }
        None => of_body("cannot be read".to_owned()),
    }
}

/// A sentence of serde, without the value that is in most of them.
fn told(path: &str, sentence: &str) -> (String, String) {
    let quoted = sentence.split('`').nth(1).unwrap_or(path);
    for (beginning, detail) in [
        ("missing field", "is missing"),
        ("unknown field", "is not known here"),
        ("duplicate field", "is there twice"),
    ] {
        if sentence.starts_with(beginning) {
            return (quoted.to_owned(), detail.to_owned());
        }
    }
    let name = if path == "." { "body" } else { path };
    let Some((_, expected)) = sentence.rsplit_once(", expected ") else {
        return (name.to_owned(), "cannot be read".to_owned());
    };
    let expected = match expected.split(" at line ").next() {
        Some("i32") => "a whole number of 32 bits",
        Some(expected) if expected.starts_with("struct ") => "an object",
        expected => expected.unwrap_or_default(),
    };
    (name.to_owned(), format!("must be {expected}"))
}
