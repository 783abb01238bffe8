//! What portals were: keeping readings as versions, and telling cabinets what changed from one to the
//! next. Cabinets are told of the time since their own link alone (SEC-77).

mod keeping;
mod telling;
