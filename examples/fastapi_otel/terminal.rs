//! Two traces beside each other in a terminal: lazy at the left, eager at the right, on one time scale.

use std::{fmt::Write as _, io::IsTerminal};

use crate::traces::{Role, Span, Trace};

const USUAL_WIDTH: usize = 120;
/// Below this two trees do not fit side by side, and come one after the other.
const NARROW: usize = 96;
/// From here on repetitions are folded: it is the shape that counts, not the hundredth line of it.
const LONG: usize = 40;
const SHOWN_OF_A_REPETITION: usize = 3;
/// The line under the headlines.
const RULE: usize = 2;

/// How to draw.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Screen {
    pub(crate) width: usize,
    pub(crate) colours: bool,
}

impl Screen {
    /// `COLUMNS` and `NO_COLOR` as everywhere else.
    pub(crate) fn detect() -> Self {
        let columns = std::env::var("COLUMNS")
            .ok()
            .and_then(|columns| columns.parse().ok());
        let colours = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        Self {
            width: columns.unwrap_or(USUAL_WIDTH),
            colours,
        }
    }
}

/// The two trees, with a line at the end that says what the right one saves.
pub(crate) fn side_by_side(left: &Trace, right: &Trace, screen: Screen) -> String {
    let longest = left.duration_us.max(right.duration_us);
    let mut text = String::new();
    if screen.width < NARROW {
        for trace in [left, right] {
            let panel = Panel {
                width: screen.width,
                longest,
                colours: screen.colours,
            };
            for line in panel.lines(trace) {
                let _ = writeln!(text, "{}", line.trim_end());
            }
            text.push('\n');
        }
    } else {
        let panel = Panel {
            width: (screen.width - 3) / 2,
            longest,
            colours: screen.colours,
        };
        let (lefts, rights) = (panel.lines(left), panel.lines(right));
        let empty = " ".repeat(panel.width);
        for row in 0..lefts.len().max(rights.len()) {
            let at = |lines: &[String]| lines.get(row).unwrap_or(&empty).clone();
            let between = if row == RULE { "─┼─" } else { " │ " };
            let line = format!("{}{between}{}", at(&lefts), at(&rights));
            let _ = writeln!(text, "{}", line.trim_end());
        }
        text.push('\n');
    }
    let _ = writeln!(text, "{}", verdict(left, right));
    text
}

fn verdict(left: &Trace, right: &Trace) -> String {
    let times = left.duration_us as f64 / right.duration_us.max(1) as f64;
    format!(
        "{} instead of {}, {} instead of {} ({times:.1} times as fast)",
        statements(right.statements),
        left.statements,
        duration(right.duration_us),
        duration(left.duration_us)
    )
}

struct Panel {
    width: usize,
    /// Duration that fills the bars' column, the same in both panels.
    longest: u64,
    colours: bool,
}

enum Row<'a> {
    Span(&'a Span),
    More { blocks: usize, depth: usize },
}

impl Row<'_> {
    fn depth(&self) -> usize {
        match self {
            Self::Span(span) => span.depth,
            Self::More { depth, .. } => *depth,
        }
    }
}

impl Panel {
    fn lines(&self, trace: &Trace) -> Vec<String> {
        let headline = format!(
            "{} in {}",
            statements(trace.statements),
            duration(trace.duration_us)
        );
        let mut lines = vec![
            self.paint("1", fit(&trace.request, self.width)),
            self.paint("1", fit(&headline, self.width)),
            "─".repeat(self.width),
        ];
        let rows = rows(&trace.spans);
        lines.extend(rows.iter().enumerate().map(|(index, row)| {
            let connector = connector(&rows, index);
            match row {
                Row::Span(span) => self.span(&connector, span),
                Row::More { blocks, .. } => self.paint(
                    "2",
                    fit(&format!("{connector}… {blocks} more like this"), self.width),
                ),
            }
        }));
        lines
    }

    fn span(&self, connector: &str, span: &Span) -> String {
        let bar_width = (self.width / 4).min(24);
        let failed = if span.status == "error" { " ✗" } else { "" };
        // The root's label is the headline already.
        let label = if span.role == Role::Server {
            ""
        } else {
            &span.label
        };
        let gap = if label.is_empty() { "" } else { "  " };
        let name = fit(
            &format!("{connector}{}{gap}{label}{failed}", span.name),
            self.width - bar_width - 11,
        );
        let colour = match (span.status, span.role) {
            ("error", _) => "31",
            (_, Role::Statement) => "33",
            (_, Role::Relationship) => "35",
            (_, Role::Server) => "34",
            (_, Role::Session) => "36",
            (_, Role::Other) => "0",
        };
        let bar = self.paint(colour, fit(&self.bar(span, bar_width), bar_width));
        format!("{name} {:>9} {bar}", duration(span.duration_us))
    }

    fn bar(&self, span: &Span, width: usize) -> String {
        let cells = |micros: u64| {
            (micros as f64 / self.longest.max(1) as f64 * width as f64).round() as usize
        };
        let start = cells(span.start_us).min(width - 1);
        // Something that happened is at least a sliver.
        match cells(span.duration_us).min(width - start) {
            0 => format!("{}▏", " ".repeat(start)),
            length => format!("{}{}", " ".repeat(start), "█".repeat(length)),
        }
    }

    fn paint(&self, code: &str, text: String) -> String {
        if self.colours {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text
        }
    }
}

fn rows(spans: &[Span]) -> Vec<Row<'_>> {
    if spans.len() <= LONG {
        return spans.iter().map(Row::Span).collect();
    }
    let mut rows = Vec::new();
    let mut blocks = blocks(spans).peekable();
    while let Some(block) = blocks.next() {
        rows.extend(block.iter().map(Row::Span));
        let mut repeated = 1;
        while let Some(next) = blocks.next_if(|next| alike(block, next)) {
            repeated += 1;
            if repeated <= SHOWN_OF_A_REPETITION {
                rows.extend(next.iter().map(Row::Span));
            }
        }
        if repeated > SHOWN_OF_A_REPETITION {
            rows.push(Row::More {
                blocks: repeated - SHOWN_OF_A_REPETITION,
                depth: block[0].depth,
            });
        }
    }
    rows
}

/// The root by itself, then each of its children with everything below it.
fn blocks(spans: &[Span]) -> impl Iterator<Item = &[Span]> {
    spans.chunk_by(|before, span| before.depth > 0 && span.depth > 1)
}

fn alike(block: &[Span], other: &[Span]) -> bool {
    let same = |(a, b): (&Span, &Span)| {
        (a.depth, &a.name, &a.label, a.status) == (b.depth, &b.name, &b.label, b.status)
    };
    block.len() == other.len() && block.iter().zip(other).all(same)
}

fn connector(rows: &[Row<'_>], index: usize) -> String {
    let depth = rows[index].depth();
    let goes_on = |level: usize| {
        rows[index + 1..]
            .iter()
            .take_while(|row| row.depth() >= level)
            .any(|row| row.depth() == level)
    };
    let above = (1..depth).map(|level| if goes_on(level) { "│  " } else { "   " });
    let own = match (depth, goes_on(depth)) {
        (0, _) => "",
        (_, true) => "├─ ",
        (_, false) => "└─ ",
    };
    above.chain([own]).collect()
}

/// Exactly `width` characters. What came from a client must not steer the terminal.
pub(crate) fn fit(text: &str, width: usize) -> String {
    let shown: String = text
        .chars()
        .map(|char| if char.is_control() { '·' } else { char })
        .collect();
    if shown.chars().count() <= width {
        return format!("{shown:<width$}");
    }
    let cut: String = shown.chars().take(width.saturating_sub(1)).collect();
    format!("{cut}…")
}

fn statements(count: usize) -> String {
    format!("{count} statement{}", if count == 1 { "" } else { "s" })
}

fn duration(micros: u64) -> String {
    match micros {
        0..1_000 => format!("{micros} µs"),
        1_000..1_000_000 => format!("{:.2} ms", micros as f64 / 1e3),
        _ => format!("{:.2} s", micros as f64 / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry::trace::TracerProvider;
    use opentelemetry_sdk::trace::SdkTracerProvider;

    use super::{LONG, Screen, fit, side_by_side};
    use crate::traces::{
        Limits, Span, Trace, TraceStore,
        fixture::{Posts, get_posts},
    };

    fn trace(posts: Posts) -> Trace {
        let store = TraceStore::new(Limits::default());
        let provider = SdkTracerProvider::builder()
            .with_span_processor(store.recorder())
            .build();
        get_posts(&provider.tracer("fixture"), posts);
        store.recent(1).remove(0)
    }

    fn drawn(width: usize) -> String {
        side_by_side(
            &trace(Posts::Lazy),
            &trace(Posts::Eager),
            Screen {
                width,
                colours: false,
            },
        )
    }

    #[test]
    fn the_two_headlines_stand_beside_each_other() {
        let text = drawn(120);
        let lines: Vec<_> = text.lines().collect();
        assert!(
            lines[0].starts_with("GET /posts ") && lines[0].ends_with("GET /posts?eager=true"),
            "{text}"
        );
        assert!(
            lines[1].starts_with("11 statements in ") && lines[1].contains("│ 2 statements in "),
            "{text}"
        );
    }

    #[test]
    fn every_span_of_the_lazy_request_has_its_line() {
        let text = drawn(120);
        assert_eq!(text.matches("db.relationship.load  author").count(), 11);
        assert!(text.contains("│  └─ db.query.find  SELECT users"), "{text}");
        assert!(text.contains("└─ db.relationship.load  author"), "{text}");
        assert!(text.trim_end().ends_with("times as fast)"), "{text}");
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        for width in [60, 80, 100, 120, 200] {
            let text = drawn(width);
            let widest = text
                .lines()
                .filter(|line| !line.ends_with(')'))
                .map(|line| line.chars().count())
                .max();
            assert!(widest <= Some(width), "{widest:?} of {width}\n{text}");
        }
    }

    #[test]
    fn a_long_repetition_is_folded() {
        let mut long = trace(Posts::Lazy);
        let load: Vec<Span> = long.spans[2..4].to_vec();
        while long.spans.len() < LONG + 10 {
            long.spans.extend(load.clone());
        }
        let text = side_by_side(
            &long,
            &trace(Posts::Eager),
            Screen {
                width: 120,
                colours: false,
            },
        );
        assert!(text.contains("└─ … 21 more like this"), "{text}");
    }

    #[test]
    fn colours_can_be_left_out() {
        let screen = Screen {
            width: 120,
            colours: true,
        };
        assert!(
            side_by_side(&trace(Posts::Lazy), &trace(Posts::Eager), screen).contains("\x1b[33m")
        );
        assert!(!drawn(120).contains('\x1b'));
    }

    #[test]
    fn what_a_client_sent_cannot_steer_the_terminal() {
        assert_eq!(fit("a\x1b[2Jb", 8), "a·[2Jb  ");
    }
}
