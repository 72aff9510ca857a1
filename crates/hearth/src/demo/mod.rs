//! `hearth demo`: what cold and warm mean, shown with real handlers in real sandboxes.
//!
//! Every stage measures something and returns its figures; showing them is apart, so that people and programs see the
//! same. No figure is written down anywhere: they are all of the run that shows them.

mod bill;
mod chart;
mod stage;
mod stages;
mod story;
mod text;
mod upload;

pub(crate) use self::story::tell;
