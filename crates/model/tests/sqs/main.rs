//! Amazon SQS's queues, seen from outside: what they do, told step by step, and what always holds.

mod dead_letters;
mod fifo;
mod kept;
mod moves;
mod oracle;
mod properties;
mod restarts;
mod standard;
mod waiting;
mod world;
