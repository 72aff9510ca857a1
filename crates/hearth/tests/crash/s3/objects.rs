//! A client of a bucket without versions.

use std::{collections::BTreeMap, net::SocketAddr};

use super::bucket::{Bucket, content, elements, etag, text};
use crate::{client::Client, http::Unknown, random::Random};

/// The only client of its bucket.
pub(super) struct Objects {
    bucket: Bucket,
    random: Random,
    /// The number of the last content.
    last: u64,
    /// What each key can have; `None` is nothing. After an operation without an answer, that is what it had, or what it got.
    known: BTreeMap<String, Vec<Option<u64>>>,
    upload: Option<Upload>,
}

/// An upload that is under way.
struct Upload {
    key: String,
    id: String,
    /// What each part can have.
    parts: BTreeMap<u32, Vec<Option<u64>>>,
    /// It may have been completed or aborted.
    perhaps_ended: bool,
}

/// So many keys are used.
const KEYS: u64 = 12;

impl Objects {
    pub(super) fn new(client: usize, random: Random) -> Self {
        let bucket = Bucket { name: format!("objects-{client}") };
        Self { bucket, random, last: 0, known: BTreeMap::new(), upload: None }
    }

    fn key(&mut self) -> String {
        format!("/folder/{}", self.random.below(KEYS))
    }

    fn put(&mut self, server: SocketAddr) -> Result<(), Unknown> {
        let (key, number) = (self.key(), self.draw());
        self.perhaps(&key, &[Some(number)]);
        self.bucket.expect(server, "PUT", &key, &[], &content(number))?;
        self.surely(key, Some(number));
        Ok(())
    }

    fn delete(&mut self, server: SocketAddr) -> Result<(), Unknown> {
        let key = self.key();
        self.perhaps(&key, &[None]);
        self.bucket.expect(server, "DELETE", &key, &[], &[])?;
        self.surely(key, None);
        Ok(())
    }

    fn copy(&mut self, server: SocketAddr) -> Result<(), Unknown> {
        let (from, to) = (self.key(), self.key());
        let source = self.known.get(&from).cloned().unwrap_or_default();
        let [Some(number)] = source[..] else { return self.put(server) };
        if from == to {
            return self.put(server);
        }
        self.perhaps(&to, &[Some(number)]);
        let header = format!("x-amz-copy-source: {}{from}", self.bucket.name);
        self.bucket.expect(server, "PUT", &to, &[&header], &[])?;
        self.surely(to, Some(number));
        Ok(())
    }

    /// Begins an upload, or goes on with it, or ends it.
    fn upload(&mut self, server: SocketAddr) -> Result<(), Unknown> {
        let (turn, part) = (self.random.below(6), 1 + u32::from(self.random.below(2) == 1));
        let Some(mut upload) = self.upload.take() else {
            let key = self.key();
            let answer = self.bucket.expect(server, "POST", &format!("{key}?uploads"), &[], &[])?;
            let id = elements(&text(&answer), "UploadId").remove(0);
            self.upload = Some(Upload { key, id, parts: BTreeMap::new(), perhaps_ended: false });
            return Ok(());
        };
        let target = format!("{}?uploadId={}", upload.key, upload.id);
        let named = upload.parts.get(&part).map(Vec::as_slice);
        if turn == 0 {
            upload.perhaps_ended = true;
            self.upload = Some(upload);
            self.bucket.expect(server, "DELETE", &target, &[], &[])?;
            self.upload = None;
        } else if let (1, Some([Some(number)])) = (turn, named) {
            let (key, number) = (upload.key.clone(), *number);
            upload.perhaps_ended = true;
            self.upload = Some(upload);
            self.perhaps(&key, &[Some(number)]);
            let document = format!(
                "<CompleteMultipartUpload><Part><PartNumber>{part}</PartNumber><ETag>{}</ETag></Part></CompleteMultipartUpload>",
                etag(&content(number))
            );
            self.bucket.expect(server, "POST", &target, &[], document.as_bytes())?;
            self.upload = None;
            self.surely(key, Some(number));
        } else {
            let number = self.draw();
            let target = format!("{target}&partNumber={part}");
            upload.parts.entry(part).or_insert_with(|| vec![None]).push(Some(number));
            let upload = self.upload.insert(upload);
            self.bucket.expect(server, "PUT", &target, &[], &content(number))?;
            upload.parts.insert(part, vec![Some(number)]);
        }
        Ok(())
    }

    fn draw(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    fn perhaps(&mut self, key: &str, also: &[Option<u64>]) {
        self.known.entry(key.to_owned()).or_insert_with(|| vec![None]).extend(also);
    }

    fn surely(&mut self, key: String, number: Option<u64>) {
        self.known.insert(key, vec![number]);
    }

    fn check_upload(&mut self, server: SocketAddr) {
        let Some(mut upload) = self.upload.take() else { return };
        let (name, target) = (&self.bucket.name, format!("{}?uploadId={}", upload.key, upload.id));
        let answer = self.bucket.ask(server, "GET", &target, &[], &[]).expect("it answers");
        if answer.status == 404 {
            assert!(upload.perhaps_ended, "{name}: an upload is lost");
            return;
        }
        assert!(answer.is_ok(), "{name}: {}", text(&answer));
        let list = text(&answer);
        let numbers =
            elements(&list, "PartNumber").into_iter().map(|number| number.parse().expect("a number"));
        let found: BTreeMap<u32, String> = numbers.zip(elements(&list, "ETag")).collect();
        for (part, known) in &mut upload.parts {
            let tag = found.get(part);
            let is = |number: &Option<u64>| number.map(|number| etag(&content(number))).as_ref() == tag;
            known.retain(is);
            assert!(!known.is_empty(), "{name}: part {part} is {tag:?}");
        }
        upload.parts.retain(|_, known| known[0].is_some());
        upload.perhaps_ended = false;
        self.upload = Some(upload);
    }
}

impl Client for Objects {
    fn begin(&mut self, server: SocketAddr) {
        self.bucket.must(server, "PUT", "", &[]);
    }

    fn step(&mut self, server: SocketAddr) -> Result<(), Unknown> {
        match self.random.below(10) {
            0..4 => self.put(server),
            4..6 => self.delete(server),
            6..7 => self.copy(server),
            _ => self.upload(server),
        }
    }

    fn check(&mut self, server: SocketAddr) {
        let listed = elements(&text(&self.bucket.must(server, "GET", "?list-type=2", &[])), "Key");
        for (key, known) in &mut self.known {
            let found = self.bucket.read(server, key);
            assert!(
                known.contains(&found),
                "{}{key}: {found:?} is there, and not one of {known:?}",
                self.bucket.name
            );
            assert_eq!(listed.iter().any(|listed| *listed == key[1..]), found.is_some(), "{listed:?}");
            *known = vec![found];
        }
        self.check_upload(server);
    }
}
