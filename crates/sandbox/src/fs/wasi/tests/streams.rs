//! Files as streams.

use bytes::Bytes;
use wasmtime_wasi_io::streams::StreamError;

use super::*;

fn writer(guest: &mut Guest, fd: &Fd, offset: u64) -> DynOutputStream {
    let fd = borrow(fd);
    let stream = guest.call(|view| view.write_via_stream(fd, offset)).expect("is writable");
    guest.table.delete(stream).expect("it was just made")
}

fn appender(guest: &mut Guest, fd: &Fd) -> DynOutputStream {
    let fd = borrow(fd);
    let stream = guest.call(|view| view.append_via_stream(fd)).expect("is writable");
    guest.table.delete(stream).expect("it was just made")
}

fn reader(guest: &mut Guest, fd: &Fd, offset: u64) -> DynInputStream {
    let fd = borrow(fd);
    let stream = guest.call(|view| view.read_via_stream(fd, offset)).expect("is readable");
    guest.table.delete(stream).expect("it was just made")
}

/// The error code of a call that failed.
fn code<T: std::fmt::Debug>(guest: &mut Guest, result: Result<T, StreamError>) -> ErrorCode {
    match result.expect_err("it fails") {
        StreamError::LastOperationFailed(error) => guest.stream_error(error).expect("is about files"),
        other => panic!("unexpected: {other}"),
    }
}

#[tokio::test]
async fn what_is_written_is_read() {
    let mut guest = Guest::new(8 * MIB);
    let fd = guest.create("/tmp/x").expect("there is room");
    let mut output = writer(&mut guest, &fd, 2);
    assert_eq!(output.check_write().expect("there is room"), 64 * 1024);
    output.write(Bytes::from_static(b"hello ")).expect("there is room");
    output.blocking_write_and_flush(Bytes::from_static(b"world")).await.expect("there is room");
    output.write_zeroes(2).expect("there is room");
    output.flush().expect("is open");

    let mut input = reader(&mut guest, &fd, 1);
    assert_eq!(&input.read(0).expect("is open")[..], b"");
    assert_eq!(&input.read(8).expect("has data")[..], b"\0hello w");
    assert_eq!(input.skip(2).expect("has data"), 2);
    assert_eq!(&input.blocking_read(100).await.expect("has data")[..], b"ld\0\0");
    assert!(matches!(input.read(1), Err(StreamError::Closed)));
    assert!(matches!(input.blocking_read(1).await, Err(StreamError::Closed)));
    output.write(Bytes::from_static(b"!")).expect("there is room");
    assert_eq!(&input.read(9).expect("the file has grown")[..], b"!");
}

#[test]
fn an_appending_stream_writes_where_the_end_is_by_then() {
    let mut guest = Guest::new(8 * MIB);
    let fd = guest.create("/tmp/log").expect("there is room");
    let (mut one, mut two) = (appender(&mut guest, &fd), appender(&mut guest, &fd));
    for text in ["1", "22", "333"] {
        one.write(Bytes::from_static(text.as_bytes())).expect("there is room");
        two.write(Bytes::from_static(b",")).expect("there is room");
    }
    assert_eq!(guest.text("/tmp/log").expect("is there"), "1,22,333,");
    let to = borrow(&fd);
    guest.call(|view| view.set_size(to, 1)).expect("cuts");
    one.write(Bytes::from_static(b"!")).expect("there is room");
    assert_eq!(guest.text("/tmp/log").expect("is there"), "1!");
}

#[test]
fn a_stream_writes_what_fits_and_goes_on_when_there_is_room_again() {
    let mut guest = Guest::new(8 * 4096);
    guest.write("/tmp/other", &[1; 3 * 4096]).expect("there is room");
    let fd = guest.create("/tmp/x").expect("there is room");
    let mut output = writer(&mut guest, &fd, 0);
    assert_eq!(output.check_write().expect("there is room"), 3 * 4096);
    output.write(vec![2; 3 * 4096].into()).expect("it was permitted");
    let result = output.check_write();
    assert_eq!(code(&mut guest, result), ErrorCode::InsufficientSpace);
    let result = output.write(Bytes::from_static(b"x"));
    assert_eq!(code(&mut guest, result), ErrorCode::InsufficientSpace);

    guest.unlink("/tmp/other").expect("is there");
    output.write(Bytes::from_static(b"x")).expect("there is room again");
    assert_eq!(guest.stat("/tmp/x").expect("is there").size, 3 * 4096 + 1);
    let mut over = writer(&mut guest, &fd, u64::MAX);
    let result = over.check_write();
    assert_eq!(code(&mut guest, result), ErrorCode::FileTooLarge);
}

#[test]
fn other_errors_are_not_about_files() {
    let mut guest = Guest::new(MIB);
    assert_eq!(guest.stream_error(wasmtime::Error::msg("a socket")), None);
}

#[test]
fn streams_need_a_file_that_was_opened_for_them() {
    let mut guest = Guest::new(MIB);
    guest.write("/tmp/x", b"x").expect("there is room");
    let directory = guest.open("/tmp").expect("is there");
    let cases = [
        (directory, ErrorCode::IsDirectory, ErrorCode::BadDescriptor),
        (
            guest.open_with("/tmp/x", OpenFlags::empty(), DescriptorFlags::empty()).expect("is there"),
            ErrorCode::BadDescriptor,
            ErrorCode::BadDescriptor,
        ),
    ];
    for (fd, read, write) in cases {
        let (one, two, three) = (borrow(&fd), borrow(&fd), borrow(&fd));
        assert_eq!(guest.call(|view| view.read_via_stream(one, 0)).map(drop), Err(read));
        assert_eq!(guest.call(|view| view.write_via_stream(two, 0)).map(drop), Err(write));
        assert_eq!(guest.call(|view| view.append_via_stream(three)).map(drop), Err(write));
        assert_eq!(guest.read_at(&fd, 1, 0).map(drop), Err(read));
        assert_eq!(guest.write_at(&fd, b"x", 0).map(drop), Err(write));
        guest.close(fd);
    }
}
