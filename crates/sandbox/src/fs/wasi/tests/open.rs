//! Opening, with all that can be asked for.

use super::*;

#[derive(Clone, Copy)]
struct Flags(OpenFlags, DescriptorFlags);

fn guest() -> Guest {
    let mut guest = Guest::new(MIB);
    guest.write("/tmp/file", b"content").expect("there is room");
    guest.mkdir("/tmp/dir").expect("there is room");
    for (target, name) in [
        ("file", "to-file"),
        ("dir", "to-dir"),
        ("nothing", "to-nothing"),
        ("loop", "loop"),
        ("dir/", "to-dir/"),
    ] {
        let _ = guest.symlink(target, &format!("/tmp/{name}"));
    }
    guest
}

#[test]
fn open_does_what_posix_says() {
    use ErrorCode::{Exist, Invalid, IsDirectory, Loop, NoEntry, NotDirectory};
    let read = Flags(OpenFlags::empty(), DescriptorFlags::READ);
    let write = Flags(OpenFlags::empty(), DescriptorFlags::WRITE);
    let create = Flags(OpenFlags::CREATE, DescriptorFlags::READ | DescriptorFlags::WRITE);
    let create_to_read = Flags(OpenFlags::CREATE, DescriptorFlags::READ);
    let exclusive = Flags(OpenFlags::CREATE | OpenFlags::EXCLUSIVE, DescriptorFlags::WRITE);
    let truncate = Flags(OpenFlags::TRUNCATE, DescriptorFlags::WRITE);
    let directory = Flags(OpenFlags::DIRECTORY, DescriptorFlags::READ);
    let odd = Flags(OpenFlags::DIRECTORY | OpenFlags::CREATE, DescriptorFlags::READ);
    let cases = [
        ("file", read, Ok("content")),
        ("file", write, Ok("content")),
        ("file", create, Ok("content")),
        ("file", exclusive, Err(Exist)),
        ("file", truncate, Ok("")),
        ("file", directory, Err(NotDirectory)),
        ("file", odd, Err(Invalid)),
        ("file/", read, Err(NotDirectory)),
        ("file/.", read, Err(NotDirectory)),
        ("file/x", create, Err(NotDirectory)),
        ("new", read, Err(NoEntry)),
        ("new", truncate, Err(NoEntry)),
        ("new", directory, Err(NoEntry)),
        ("new", create, Ok("")),
        ("new", create_to_read, Ok("")),
        ("new", exclusive, Ok("")),
        ("new/", create, Err(IsDirectory)),
        ("new/x", create, Err(NoEntry)),
        ("dir", read, Ok("directory")),
        ("dir/", read, Ok("directory")),
        ("dir", directory, Ok("directory")),
        ("dir", write, Err(IsDirectory)),
        ("dir", create, Err(IsDirectory)),
        ("dir", exclusive, Err(Exist)),
        ("dir", truncate, Err(IsDirectory)),
        (".", read, Ok("directory")),
        (".", create, Err(IsDirectory)),
        ("", read, Err(NoEntry)),
        ("to-file", read, Ok("content")),
        ("to-file", truncate, Ok("")),
        ("to-file", exclusive, Err(Exist)),
        ("to-file", directory, Err(NotDirectory)),
        ("to-file/", read, Err(NotDirectory)),
        ("to-dir", directory, Ok("directory")),
        ("to-dir/../file", read, Ok("content")),
        ("to-nothing", read, Err(NoEntry)),
        ("to-nothing", create, Ok("")),
        ("to-nothing", exclusive, Err(Exist)),
        ("loop", read, Err(Loop)),
        ("loop", create, Err(Loop)),
        ("loop/x", create, Err(Loop)),
        ("nul\0", read, Err(Invalid)),
    ];
    for (path, Flags(open, flags), expected) in cases {
        let mut guest = guest();
        let tmp = borrow(&guest.preopens[2].0);
        let opened = guest.open_at(&tmp, path, open, flags).map(|fd| {
            guest.close(fd);
            let path = format!("/tmp/{path}");
            guest.text(&path).unwrap_or_else(|_| "directory".to_owned())
        });
        assert_eq!(opened.as_deref(), expected.as_ref().copied(), "{path} with {open:?}, {flags:?}");
    }
}

#[test]
fn a_link_is_not_followed_unless_asked_for() {
    let mut guest = guest();
    let tmp = borrow(&guest.preopens[2].0);
    let mut open = |path: &str, open: OpenFlags| {
        let (fd, path) = (borrow(&tmp), path.to_owned());
        guest.call(|view| view.open_at(fd, PathFlags::empty(), path, open, DescriptorFlags::READ)).map(drop)
    };
    assert_eq!(open("to-file", OpenFlags::empty()), Err(ErrorCode::Loop));
    assert_eq!(open("to-dir", OpenFlags::DIRECTORY), Err(ErrorCode::NotDirectory));
    assert_eq!(open("to-nothing", OpenFlags::CREATE), Err(ErrorCode::Loop));
    assert_eq!(open("to-dir/", OpenFlags::DIRECTORY), Ok(()), "the slash asks for it");
    assert_eq!(open("to-dir/.", OpenFlags::empty()), Ok(()));
}

#[test]
fn a_file_can_be_made_through_a_link() {
    let mut guest = guest();
    guest.write("/tmp/to-nothing", b"made").expect("there is room");
    assert_eq!(guest.text("/tmp/nothing").expect("is there"), "made");
    assert_eq!(guest.readlink("/tmp/to-nothing").expect("is a link"), "nothing");
}

#[test]
fn long_names_and_paths_are_refused() {
    let mut guest = Guest::new(MIB);
    let longest = "x".repeat(255);
    guest.mkdir(&format!("/tmp/{longest}")).expect("is not too long");
    assert_eq!(guest.mkdir(&format!("/tmp/{longest}x")), Err(ErrorCode::NameTooLong));
    assert_eq!(guest.stat(&format!("/tmp/{longest}x")).map(drop), Err(ErrorCode::NameTooLong));
    let up_and_down = format!("{longest}/../").repeat(15);
    guest.stat(&format!("/tmp/{up_and_down}{}", "/".repeat(200))).expect("is not too long");
    assert_eq!(
        guest.stat(&format!("/tmp/{up_and_down}{}", "/".repeat(300))).map(drop),
        Err(ErrorCode::NameTooLong)
    );
    assert_eq!(guest.symlink(&"x".repeat(4096), "/tmp/link"), Err(ErrorCode::NameTooLong));
    guest.symlink(&"x".repeat(4095), "/tmp/link").expect("is not too long");
    assert_eq!(guest.symlink("", "/tmp/empty"), Err(ErrorCode::NoEntry));
}

#[test]
fn forty_links_are_followed_and_not_one_more() {
    let mut guest = Guest::new(MIB);
    guest.write("/tmp/0", b"end").expect("there is room");
    for number in 1..=41 {
        guest.symlink(&format!("{}", number - 1), &format!("/tmp/{number}")).expect("there is room");
    }
    assert_eq!(guest.text("/tmp/40").expect("forty are fine"), "end");
    assert_eq!(guest.open("/tmp/41").map(drop), Err(ErrorCode::Loop));
    assert!(guest.lstat("/tmp/41").is_ok());
}

#[test]
fn relative_paths_lead_to_the_code() {
    let mut guest = Guest::new(MIB);
    for path in ["app.py", "./app.py", "/var/task/app.py"] {
        assert_eq!(guest.text(path).expect(path), "print(1)");
    }
    let names: Vec<_> = guest.preopens.iter().map(|(_, name)| name.as_str()).collect();
    assert_eq!(names, ["/var/task", "/opt", "/tmp", "."]);
    assert_eq!(guest.text("/opt/bin/tool").expect("is there"), "tool");
    assert_eq!(guest.list("/opt").expect("is there"), ["bin"]);
    assert_eq!(Guest::with(&[], &[], MIB).list("/opt").expect("is there"), [""; 0], "also without layers");
}

#[test]
fn flags_tell_what_a_descriptor_can() {
    let mut guest = guest();
    let (none, read, write) = (DescriptorFlags::empty(), DescriptorFlags::READ, DescriptorFlags::WRITE);
    let mutate = DescriptorFlags::MUTATE_DIRECTORY;
    let sync = DescriptorFlags::FILE_INTEGRITY_SYNC | DescriptorFlags::REQUESTED_WRITE_SYNC;
    let cases = [
        ("/tmp/file", read, read),
        ("/tmp/file", read | write | mutate, read | write),
        ("/tmp/file", write | sync, write),
        ("/tmp/file", none, none),
        ("/tmp/dir", read, read | mutate),
        ("/tmp", read | mutate, read | mutate),
        ("/var/task", read, read),
        ("/var/task/lib", read | mutate, read),
        ("/var/task/app.py", read, read),
    ];
    for (path, asked, expected) in cases {
        let fd = guest.open_with(path, OpenFlags::empty(), asked).expect(path);
        let to = borrow(&fd);
        assert_eq!(guest.call(|view| view.get_flags(to)), Ok(expected), "{path}");
        guest.close(fd);
    }
}
