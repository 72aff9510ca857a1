//! Writes that are cut short: whatever of them reaches the disk, everything is there that was committed before.

use std::{collections::BTreeMap, io, sync::Arc};

use parking_lot::Mutex;
use proptest::prelude::*;
use redb::StorageBackend;
use tempfile::TempDir;

use super::*;

/// A file in memory that remembers what was done to it.
#[derive(Clone, Debug, Default)]
struct Recorder(Arc<Mutex<Recorded>>);

#[derive(Debug, Default)]
struct Recorded {
    content: Vec<u8>,
    operations: Vec<Operation>,
}

#[derive(Clone, Debug)]
enum Operation {
    Write {
        offset: usize,
        data: Vec<u8>,
    },
    SetLength(usize),
    /// What was done before is on the disk.
    Sync,
}

/// What a disk writes as a whole or not at all.
const SECTOR: usize = 512;

const STREAM: Stream = Stream("test.entries");

/// Chance that follows from a seed.
struct Coins(u64);

impl Coins {
    fn toss(&mut self) -> bool {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 63 == 1
    }
}

type State = BTreeMap<Vec<u8>, Vec<u8>>;

impl Recorder {
    fn record(&self, operation: Operation) {
        let mut recorded = self.0.lock();
        operation.apply(&mut recorded.content);
        recorded.operations.push(operation);
    }

    fn operations(&self) -> Vec<Operation> {
        self.0.lock().operations.clone()
    }
}

impl Operation {
    fn apply(&self, content: &mut Vec<u8>) {
        match self {
            Self::Write { offset, data } => {
                let end = offset + data.len();
                if content.len() < end {
                    content.resize(end, 0);
                }
                content[*offset..end].copy_from_slice(data);
            }
            Self::SetLength(length) => content.resize(*length, 0),
            Self::Sync => {}
        }
    }

    /// As [`apply`](Self::apply), but for what does not get to the disk.
    fn apply_in_part(&self, content: &mut Vec<u8>, coins: &mut Coins) {
        match self {
            Self::Write { offset, data } => {
                for (number, sector) in data.chunks(SECTOR).enumerate() {
                    if coins.toss() {
                        let offset = offset + number * SECTOR;
                        Self::Write { offset, data: sector.to_vec() }.apply(content);
                    }
                }
            }
            Self::SetLength(_) if coins.toss() => {}
            Self::SetLength(_) | Self::Sync => self.apply(content),
        }
    }
}

impl StorageBackend for Recorder {
    fn len(&self) -> io::Result<u64> {
        Ok(self.0.lock().content.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let recorded = self.0.lock();
        let begin = usize::try_from(offset).expect("it is small");
        let part = recorded.content.get(begin..begin + out.len()).ok_or(ErrorKind::UnexpectedEof)?;
        out.copy_from_slice(part);
        Ok(())
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.record(Operation::SetLength(usize::try_from(length).expect("it is small")));
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        self.record(Operation::Sync);
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let offset = usize::try_from(offset).expect("it is small");
        self.record(Operation::Write { offset, data: data.to_vec() });
        Ok(())
    }
}

/// Everything that a file went through, and after how many operations it had which entries.
fn history() -> (Vec<Operation>, Vec<(usize, State)>) {
    let recorder = Recorder::default();
    let redb = Builder::new().create_with_backend(recorder.clone()).expect("it is made");
    let mut state = State::new();
    let mut states = vec![(recorder.operations().len(), state.clone())];
    for number in 0..16_u8 {
        let mut change = Change::default();
        for other in 0..=number % 5 {
            let key = vec![number.wrapping_mul(31) % 11, other];
            let value = vec![number; usize::from(number % 4) * 2_500 + usize::from(other)];
            change.put(STREAM, key.clone(), value.clone());
            state.insert(key, value);
        }
        if number % 3 == 2 {
            change.remove_all(STREAM, vec![number % 11]);
            state.retain(|key, _| key[0] != number % 11);
        }
        write(&redb, [change].iter()).expect("it is written");
        states.push((recorder.operations().len(), state.clone()));
    }
    (recorder.operations(), states)
}

/// What is found in a file.
fn found(content: &[u8]) -> Result<State, String> {
    let folder = TempDir::new().expect("a folder");
    fs::write(folder.path().join(FILE), content).expect("written");
    let database = Database::open(folder.path()).map_err(|error| error.to_string())?;
    let mut state = State::new();
    let view = database.view().expect("it was opened");
    let read = view.read(STREAM.0, |key, value| {
        state.insert(key.to_vec(), value.expect("its checksum is right").to_vec());
    });
    read.map_err(|error| error.to_string())?;
    Ok(state)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn what_was_committed_is_there(place in any::<prop::sample::Index>(), seed in any::<u64>()) {
        let (operations, states) = history();
        let (begin, _) = states[0];
        let cut = begin + place.index(operations.len() - begin + 1);
        let synced = operations[..cut].iter().rposition(|operation| matches!(operation, Operation::Sync));
        let (certain, uncertain) = operations[..cut].split_at(synced.expect("it was made"));
        let mut content = Vec::new();
        certain.iter().for_each(|operation| operation.apply(&mut content));
        let mut coins = Coins(seed);
        uncertain.iter().for_each(|operation| operation.apply_in_part(&mut content, &mut coins));
        let last = states.iter().rposition(|(end, _)| *end <= cut).expect("at least the first");
        let possible = &states[last..states.len().min(last + 2)];
        let found = found(&content);
        prop_assert!(
            possible.iter().any(|(_, state)| found.as_ref() == Ok(state)),
            "after {} of {} operations: {:?} is not what was committed, number {}",
            cut,
            operations.len(),
            found.map(|state| state.into_keys().collect::<Vec<_>>()),
            last
        );
    }
}
