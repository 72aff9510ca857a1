//! What a function is, as its owner sees it: settings, code, state.

mod code;
mod dead_letter;
mod logging;
mod record;
mod settings;

pub(super) use self::dead_letter::{invalid as invalid_dead_letter, read as read_dead_letter};
pub use self::{
    code::{Code, CodeDigest, InvalidUpload},
    logging::LoggingChange,
    record::{Content, DeployedVersion, MountedLayer, Phase},
    settings::{Architecture, Settings, SettingsChange},
};
