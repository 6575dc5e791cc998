//! Which questions were answered inside a transaction that had written already: what they showed may be undone.

/// From behind one question up to another, for each transaction since the last commit.
#[derive(Default)]
pub(super) struct Shown(Vec<(u32, u32)>);

impl Shown {
    /// The transaction has written, when so many questions were asked.
    pub(super) fn begin(&mut self, asked: u32) {
        if !matches!(self.0.last(), Some((_, u32::MAX))) {
            self.0.push((asked, u32::MAX));
        }
    }

    /// The transaction is lost.
    pub(super) fn end(&mut self, asked: u32) {
        if let Some((_, end)) = self.0.last_mut() {
            *end = asked.min(*end);
        }
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Whether what this question showed may be undone.
    pub(super) fn has(&self, question: u32) -> bool {
        let mut spans = self.0.iter();
        spans.any(|(begin, end)| question > *begin && question <= *end)
    }
}
