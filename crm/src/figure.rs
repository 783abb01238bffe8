//! What operators watch: each figure with what it tells, so that none is shown without its help.

/// How a figure moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FigureKind {
    /// It only grows.
    Counter,
    /// It comes and goes.
    Gauge,
    /// Spans of time, counted by length.
    Histogram,
}

/// A figure. Its name is lasting: dashboards and alarms know it. What its labels say comes from us
/// alone, never from a portal or a visitor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figure {
    /// Its name, with the unit at the end.
    pub name: &'static str,
    /// How it moves.
    pub kind: FigureKind,
    /// What it tells.
    pub help: &'static str,
}

impl Figure {
    /// A figure that only grows.
    #[must_use]
    pub const fn counter(name: &'static str, help: &'static str) -> Self {
        let kind = FigureKind::Counter;
        Self { name, kind, help }
    }

    /// A figure that comes and goes.
    #[must_use]
    pub const fn gauge(name: &'static str, help: &'static str) -> Self {
        let kind = FigureKind::Gauge;
        Self { name, kind, help }
    }

    /// Spans of time.
    #[must_use]
    pub const fn histogram(name: &'static str, help: &'static str) -> Self {
        let kind = FigureKind::Histogram;
        Self { name, kind, help }
    }
}
