//! What is known about a statement before it runs, put into words once per plan.

use super::attributes::Attributes;
use super::settings::{Settings, SpanNames};
use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

/// Who is asked.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    pub(crate) address: Arc<str>,
    pub(crate) port: u16,
    pub(crate) database: Arc<str>,
    /// The schema that unqualified names are found in, once a connection has told.
    pub(crate) schema: Arc<OnceLock<String>>,
    /// `host:port/database`, unless the builder names it.
    pub(crate) pool: Arc<str>,
}

impl Server {
    /// `database|schema`, as the PostgreSQL conventions ask; without a schema, the database.
    pub(crate) fn namespace(&self, schema: Option<&str>) -> String {
        let schema = schema.or_else(|| self.schema.get().map(String::as_str));
        match schema {
            Some(schema) => format!("{}|{schema}", self.database),
            None => self.database.to_string(),
        }
    }
}

/// A statement's own facts.
pub(crate) struct Facts {
    pub(crate) operation: &'static str,
    pub(crate) span_name: Cow<'static, str>,
    pub(crate) summary: Arc<str>,
    pub(crate) text: Arc<str>,
    pub(crate) attributes: Attributes,
}

/// What the statement builder knows about a statement of one table or several.
pub(crate) struct Described<'a> {
    pub(crate) operation: &'static str,
    pub(crate) span_name: &'static str,
    pub(crate) summary: String,
    pub(crate) text: &'a Arc<str>,
    pub(crate) collection: Option<&'static str>,
    pub(crate) schema: Option<&'static str>,
    pub(crate) filters: usize,
    pub(crate) order_by: Option<String>,
    pub(crate) aggregates: Option<String>,
    pub(crate) groups: usize,
}

impl Facts {
    pub(crate) fn new(described: Described<'_>, settings: &Settings, server: &Server) -> Self {
        let attributes = Attributes::of_statement(&described, settings, server);
        let summary: Arc<str> = described.summary.into();
        let span_name = match settings.span_names {
            SpanNames::Orm => Cow::Borrowed(described.span_name),
            SpanNames::Semconv => Cow::Owned(summary.to_string()),
        };
        Self {
            operation: described.operation,
            span_name,
            summary,
            text: Arc::clone(described.text),
            attributes,
        }
    }
}
