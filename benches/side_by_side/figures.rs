//! Medians, and how far from them the rounds are.

/// The median, and in brackets what the middle 80 % span.
pub(crate) fn spread(ratios: &[f64]) -> String {
    format!(
        "{:.2} [{:.2}–{:.2}]",
        quantile(ratios, 0.5),
        quantile(ratios, 0.1),
        quantile(ratios, 0.9)
    )
}

/// The same in fewer letters: the median, and half of that span.
pub(crate) fn plus_minus(ratios: &[f64]) -> String {
    let half = (quantile(ratios, 0.9) - quantile(ratios, 0.1)) / 2.0;
    format!("{:.2} ±{half:.2}", quantile(ratios, 0.5))
}

pub(crate) fn quantile(values: &[f64], at: f64) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values
        .get(((values.len().saturating_sub(1)) as f64 * at).round() as usize)
        .copied()
        .unwrap_or(f64::NAN)
}
