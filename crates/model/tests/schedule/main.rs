//! Schedules: which expressions are accepted, when they fire, whether that is what trying every minute finds, and how many of
//! them fire together.

mod brute_force;
mod expressions;
mod firings;
mod timetable;
mod world;
