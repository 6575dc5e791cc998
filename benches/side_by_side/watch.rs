//! Who watches: the columns of the tables.

/// What listens to a handle's spans and metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Watch {
    /// `Config::telemetry(false)`.
    Off,
    /// Telemetry is on, and no SDK behind it.
    NoSdk,
    /// An SDK that keeps metrics and samples no trace.
    NoneSampled,
    TenthSampled,
    AllSampled,
}

impl Watch {
    /// In the order of the columns.
    pub(crate) const ALL: [Self; 5] = [
        Self::Off,
        Self::NoSdk,
        Self::NoneSampled,
        Self::TenthSampled,
        Self::AllSampled,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Off => "telemetry off",
            Self::NoSdk => "no SDK",
            Self::NoneSampled => "none sampled",
            Self::TenthSampled => "10 % sampled",
            Self::AllSampled => "all sampled",
        }
    }
}
