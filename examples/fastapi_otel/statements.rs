//! Which statements a request sent, and how often each: what the trees of `terminal.rs` have no room for.

use std::fmt::Write as _;

use crate::{
    terminal::{Screen, fit},
    traces::{Role, Trace},
};

const TEXT: &str = "db.query.text";

/// A headline for each trace, and a line for each statement in it that differs from those before.
pub(crate) fn listed(traces: &[&Trace], screen: Screen) -> String {
    let mut text = String::new();
    for trace in traces {
        let _ = writeln!(text, "{}", fit(&trace.request, screen.width).trim_end());
        for (statement, times) in counted(trace) {
            let line = fit(&format!("{times:>4} × {statement}"), screen.width);
            let _ = writeln!(text, "{}", line.trim_end());
        }
    }
    text
}

/// In the order they were first sent.
fn counted(trace: &Trace) -> Vec<(&str, usize)> {
    let mut counted: Vec<(&str, usize)> = Vec::new();
    let sent = trace
        .spans
        .iter()
        .filter(|span| span.role == Role::Statement);
    for span in sent {
        let statement = span.attributes.get(TEXT).and_then(|text| text.as_str());
        let statement = statement.unwrap_or(&span.label);
        match counted.iter_mut().find(|(known, _)| *known == statement) {
            Some((_, times)) => *times += 1,
            None => counted.push((statement, 1)),
        }
    }
    counted
}

#[cfg(test)]
mod tests {
    use opentelemetry::trace::TracerProvider;
    use opentelemetry_sdk::trace::SdkTracerProvider;

    use super::listed;
    use crate::{
        terminal::Screen,
        traces::{
            Limits, TraceStore,
            fixture::{Posts, get_posts},
        },
    };

    #[test]
    fn each_statement_is_listed_once_with_how_often_it_was_sent() {
        let store = TraceStore::new(Limits::default());
        let provider = SdkTracerProvider::builder()
            .with_span_processor(store.recorder())
            .build();
        get_posts(&provider.tracer("fixture"), Posts::Lazy);
        let screen = Screen {
            width: 60,
            colours: false,
        };
        assert_eq!(
            listed(&[&store.recent(1)[0]], screen),
            "GET /posts\n   \
             1 × SELECT p.id, p.author_id, p.title, p.published FROM …\n  \
             10 × SELECT id, name, email, age, created_at FROM users W…\n"
        );
    }
}
