//! Requests to S3.

use std::net::SocketAddr;

use md5::{Digest, Md5};

use crate::http::{Answer, Unknown, ask};

pub(super) struct Bucket {
    pub(super) name: String,
}

impl Bucket {
    /// Asks for an operation on the bucket or something in it; `target` is what comes behind the bucket's name.
    pub(super) fn ask(
        &self,
        server: SocketAddr,
        method: &str,
        target: &str,
        headers: &[&str],
        body: &[u8],
    ) -> Result<Answer, Unknown> {
        ask(server, &format!("{method} /{}{target}", self.name), headers, body)
    }

    /// As [`ask`](Self::ask), and the answer, if there is one, is a success.
    #[track_caller]
    pub(super) fn expect(
        &self,
        server: SocketAddr,
        method: &str,
        target: &str,
        headers: &[&str],
        body: &[u8],
    ) -> Result<Answer, Unknown> {
        let answer = self.ask(server, method, target, headers, body)?;
        assert!(answer.is_ok(), "{method} {}{target}: {} {}", self.name, answer.status, text(&answer));
        Ok(answer)
    }

    /// As [`expect`](Self::expect), while nobody kills anything.
    #[track_caller]
    pub(super) fn must(&self, server: SocketAddr, method: &str, target: &str, body: &[u8]) -> Answer {
        self.expect(server, method, target, &[], body).expect("it answers")
    }

    /// What an object says: all of it, as its ETag has it. `None` if there is none.
    #[track_caller]
    pub(super) fn read(&self, server: SocketAddr, target: &str) -> Option<u64> {
        let answer = self.ask(server, "GET", target, &[], &[]).expect("it answers");
        if answer.status == 404 {
            return None;
        }
        assert!(answer.is_ok(), "{}{target}: {} {}", self.name, answer.status, text(&answer));
        let digits: String =
            answer.body.iter().map(|byte| char::from(*byte)).take_while(char::is_ascii_digit).collect();
        let number = digits.parse().expect("a number comes first");
        assert!(answer.body == content(number), "{}{target}: it is not all of {number}", self.name);
        let expected = etag(&answer.body);
        let found = answer.header("etag").expect("it has one");
        assert!(
            found == expected || found.ends_with("-1\""),
            "{}{target}: {found} is not {expected}",
            self.name
        );
        Some(number)
    }
}

/// What is put under a number: some of it small, some larger than what is written at once.
pub(super) fn content(number: u64) -> Vec<u8> {
    let bytes = match number % 8 {
        7 => 100_000 + usize::try_from(number % 1_000).expect("small") * 500,
        rest => usize::try_from(rest * 40).expect("small"),
    };
    let mut content = format!("{number} ").into_bytes();
    content.resize(content.len() + bytes, b'x');
    content
}

/// The ETag of content, as headers have it.
pub(super) fn etag(content: &[u8]) -> String {
    let digits: String = Md5::digest(content).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("\"{digits}\"")
}

/// What the elements of a name have in them, in order.
pub(super) fn elements(document: &str, name: &str) -> Vec<String> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let behind = document.split(&open).skip(1);
    behind.filter_map(|rest| Some(rest.split_once(&close)?.0.replace("&quot;", "\""))).collect()
}

pub(super) fn text(answer: &Answer) -> String {
    String::from_utf8_lossy(&answer.body).into_owned()
}
