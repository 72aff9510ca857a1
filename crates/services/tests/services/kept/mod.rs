//! What of functions, their events and their mappings a later process knows.

mod damage;
mod functions;
mod invocations;
mod mappings;
mod unloaded;
mod world;
