//! Two specifications side by side: what is the same is found, what is not is named, and nothing
//! else is.

mod changes;
mod copy;
mod files;
mod findings;
mod properties;
mod rules;
mod world;
