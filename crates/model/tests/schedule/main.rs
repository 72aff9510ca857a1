//! Schedules: which expressions are accepted, when they fire, and whether that is what trying every minute finds.

mod brute_force;
mod expressions;
mod firings;
mod world;
