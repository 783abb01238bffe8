//! Stopping at a point of the refresh protocol.

use crmap_service::{Checkpoints, Point};

use crate::Said;

const POINTS: [(&str, Point); 7] = [
    ("P0", Point::P0),
    ("P1", Point::P1),
    ("P2", Point::P2),
    ("P3", Point::P3),
    ("P4", Point::P4),
    ("P5", Point::P5),
    ("P6", Point::P6),
];

/// The point of that name.
pub(crate) fn point_of(name: &str) -> Result<Point, String> {
    let found = POINTS.iter().find(|(known, _)| *known == name);
    found
        .map(|(_, point)| *point)
        .ok_or_else(|| format!("`{name}` is none of P0 to P6"))
}

/// Keeps whoever comes to one point there for ever.
pub(crate) struct StopAt(pub(crate) Option<Point>);

impl Checkpoints for StopAt {
    fn reached(&self, point: Point) {
        if self.0 != Some(point) {
            return;
        }
        let name = POINTS.iter().find(|(_, known)| *known == point);
        Said::Reached(name.map_or("", |(name, _)| name).to_owned()).say();
        loop {
            std::thread::park();
        }
    }
}
