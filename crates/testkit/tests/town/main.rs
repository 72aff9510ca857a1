//! Everything together, with real sandboxes: that nothing happens after settling, that nothing is left after a reset, and that the
//! same deeds have the same consequences, and that long times cost nothing.

mod citizen;
mod deed;
mod long;
mod numbered;
mod order;
mod records;
mod replay;
mod reset;
mod settle;
mod town;
mod uploads;
