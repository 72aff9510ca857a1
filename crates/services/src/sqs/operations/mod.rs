//! What can be done with queues, a module for each part of the API.

mod batch;
mod messages;
mod moves;
mod page;
mod permissions;
mod queues;
mod tags;

pub use self::{
    batch::{BatchEntry, BatchReply, DeleteRequest, VisibilityRequest},
    moves::{MoveTaskView, StartMove},
    page::{Page, PageRequest},
};
