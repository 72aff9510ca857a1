//! Takes `multipart/form-data` apart (RFC 7578).

use bytes::{Buf, Bytes, BytesMut};
use thiserror::Error;

use super::Fields;

/// Why a form is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(in crate::s3) enum MalformedForm {
    /// Not what the media type says.
    #[error("The body of your POST request is not well-formed multipart/form-data.")]
    NotMultipart,
    /// More in front of the file than AWS takes.
    #[error("Your POST request fields preceding the upload file were too large.")]
    FieldsTooLarge,
}

/// What is in front of the file, all together. Source: "POST Object" in the S3 API reference.
const FIELDS_BYTES: usize = 20 * 1024;

/// Reads the fields in front of the file, and then the file.
#[derive(Debug)]
pub(in crate::s3) struct Decoder {
    /// What stands between two parts.
    delimiter: Vec<u8>,
    buffer: BytesMut,
    fields: Fields,
    file_name: String,
    /// The file has come to its end.
    ended: bool,
}

impl Decoder {
    /// `boundary` is that of the media type.
    pub(super) fn new(boundary: &str) -> Self {
        Self {
            delimiter: format!("\r\n--{boundary}").into_bytes(),
            // As if there were a part before the first one.
            buffer: BytesMut::from("\r\n"),
            fields: Fields::default(),
            file_name: String::new(),
            ended: false,
        }
    }

    /// Takes what came in front of the file; whether the file has begun.
    pub(super) fn fields(&mut self, input: &[u8]) -> Result<bool, MalformedForm> {
        self.buffer.extend_from_slice(input);
        loop {
            if !self.buffer.starts_with(&self.delimiter) {
                return if self.buffer.len() > self.delimiter.len() {
                    Err(MalformedForm::NotMultipart)
                } else {
                    Ok(false)
                };
            }
            let Some(head) = find(&self.buffer, b"\r\n\r\n") else { return self.wait() };
            let part = PartHead::read(&self.buffer[self.delimiter.len()..head])?;
            if part.name == "file" {
                self.buffer.advance(head + 4);
                self.file_name = part.file_name;
                return Ok(true);
            }
            let content = &self.buffer[head + 4..];
            let Some(end) = find(content, &self.delimiter) else { return self.wait() };
            let value = std::str::from_utf8(&content[..end]).map_err(|_| MalformedForm::NotMultipart)?;
            self.fields.0.push((part.name, value.to_owned()));
            self.buffer.advance(head + 4 + end);
            self.check_size(0)?;
        }
    }

    /// The fields, and what the browser calls the file.
    pub(super) fn take_fields(&mut self) -> (Fields, String) {
        (std::mem::take(&mut self.fields), std::mem::take(&mut self.file_name))
    }

    /// The next data of the file; `None` if more must come first.
    pub(in crate::s3) fn content(&mut self, input: &mut Bytes) -> Result<Option<Bytes>, MalformedForm> {
        if self.ended {
            // Fields behind the file count for nothing.
            input.clear();
            return Ok(None);
        }
        self.buffer.extend_from_slice(&std::mem::take(input));
        if let Some(end) = find(&self.buffer, &self.delimiter) {
            self.ended = true;
            let content = self.buffer.split_to(end).freeze();
            return Ok((!content.is_empty()).then_some(content));
        }
        // What could be the beginning of a delimiter waits.
        let certain = self.buffer.len().saturating_sub(self.delimiter.len());
        let content = self.buffer.split_to(certain).freeze();
        Ok((!content.is_empty()).then_some(content))
    }

    /// The body is at its end.
    pub(in crate::s3) fn finish(&self) -> Result<(), MalformedForm> {
        if self.ended { Ok(()) } else { Err(MalformedForm::NotMultipart) }
    }

    /// The file has not begun, and a field is not whole.
    fn wait(&self) -> Result<bool, MalformedForm> {
        self.check_size(self.buffer.len()).map(|()| false)
    }

    fn check_size(&self, unread: usize) -> Result<(), MalformedForm> {
        let read: usize = self.fields.iter().map(|(name, value)| name.len() + value.len()).sum();
        if read + unread > FIELDS_BYTES { Err(MalformedForm::FieldsTooLarge) } else { Ok(()) }
    }
}

/// The head of a part.
struct PartHead {
    name: String,
    file_name: String,
}

impl PartHead {
    fn read(head: &[u8]) -> Result<Self, MalformedForm> {
        let text = std::str::from_utf8(head).map_err(|_| MalformedForm::NotMultipart)?;
        let mut lines = text.lines().filter_map(|line| line.split_once(':'));
        let disposition = lines.find(|(name, _)| name.trim().eq_ignore_ascii_case("content-disposition"));
        let (_, disposition) = disposition.ok_or(MalformedForm::NotMultipart)?;
        let parameter = |wanted: &str| {
            let mut parameters = disposition.split(';').filter_map(|parameter| parameter.split_once('='));
            let value = parameters.find(|(name, _)| name.trim().eq_ignore_ascii_case(wanted))?.1.trim();
            Some(value.trim_matches('"').to_owned())
        };
        let name = parameter("name").ok_or(MalformedForm::NotMultipart)?.to_ascii_lowercase();
        Ok(Self { name, file_name: parameter("filename").unwrap_or_default() })
    }
}

/// Where something begins.
fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        let found = from + text[from..].iter().position(|byte| *byte == wanted[0])?;
        if text[found..].starts_with(wanted) {
            return Some(found);
        }
        from = found + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: &str = "--xyz\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nuser/${filename}\r\n\
                        --xyz\r\ncontent-disposition: form-data; name=Content-Type\r\n\r\n\r\n\
                        --xyz\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a b.txt\"\r\n\
                        Content-Type: text/plain\r\n\r\nhello\r\n--xy\r\n--xyz\r\n\
                        Content-Disposition: form-data; name=\"submit\"\r\n\r\nUpload\r\n--xyz--\r\n";

    type Form = (Vec<(String, String)>, String, String);

    fn decode(form: &[u8], piece: usize) -> Result<Form, MalformedForm> {
        let (mut decoder, mut content, mut begun) = (Decoder::new("xyz"), Vec::new(), false);
        for piece in form.chunks(piece) {
            let mut input = Bytes::copy_from_slice(piece);
            if !begun {
                begun = decoder.fields(&std::mem::take(&mut input))?;
            }
            while begun && let Some(data) = decoder.content(&mut input)? {
                content.extend_from_slice(&data);
            }
        }
        decoder.finish()?;
        let (fields, file_name) = decoder.take_fields();
        Ok((fields.0, file_name, String::from_utf8(content).expect("text")))
    }

    #[test]
    fn a_form_is_fields_and_a_file() {
        for piece in [1, 2, 7, 50, 10_000] {
            let (fields, file_name, content) = decode(FORM.as_bytes(), piece).expect("a form");
            let expected = [("key", "user/${filename}"), ("content-type", "")];
            assert_eq!(fields, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
            assert_eq!((file_name.as_str(), content.as_str()), ("a b.txt", "hello\r\n--xy"));
        }
    }

    #[test]
    fn what_is_no_form_is_noticed() {
        let cut = FORM.len() - 90;
        for form in ["", "hello", "--abc\r\n\r\n", &FORM[..cut], "--xyz\r\nname: x\r\n\r\n\r\n--xyz--"] {
            assert_eq!(decode(form.as_bytes(), 10_000), Err(MalformedForm::NotMultipart), "{form}");
        }
        let large = FORM.replace("user/", &"x".repeat(FIELDS_BYTES));
        assert_eq!(decode(large.as_bytes(), 1_000), Err(MalformedForm::FieldsTooLarge));
    }
}
