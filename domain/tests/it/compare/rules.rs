//! What belongs together, one rule each.
