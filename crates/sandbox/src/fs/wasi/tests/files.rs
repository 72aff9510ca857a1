//! Files: data, attributes, identity.

use super::{
    types::{Advice, DescriptorType},
    *,
};

fn seconds(time: Option<wasmtime_wasi::p2::bindings::clocks::wall_clock::Datetime>) -> u64 {
    time.expect("is kept").seconds
}

#[test]
fn data_is_written_and_read_anywhere() {
    let mut guest = Guest::new(8 * MIB);
    let fd = guest.create("/tmp/x").expect("there is room");
    assert_eq!(guest.write_at(&fd, b"end", 5000), Ok(3));
    assert_eq!(guest.write_at(&fd, b"", 9000), Ok(0));
    assert_eq!(guest.read_at(&fd, 3, 5000), Ok((b"end".to_vec(), true)));
    assert_eq!(guest.read_at(&fd, 2, 5000), Ok((b"en".to_vec(), false)));
    assert_eq!(guest.read_at(&fd, 4, 4999), Ok((b"\0end".to_vec(), true)));
    assert_eq!(guest.read_at(&fd, 4, 5003), Ok((Vec::new(), true)));
    assert_eq!(guest.read_at(&fd, 4, u64::MAX), Ok((Vec::new(), true)));
    assert_eq!(guest.read_at(&fd, 0, 0), Ok((Vec::new(), false)));
    assert_eq!(guest.write_at(&fd, b"x", u64::MAX), Err(ErrorCode::FileTooLarge));
    let to = borrow(&fd);
    assert_eq!(guest.call(|view| view.set_size(to, u64::MAX)), Err(ErrorCode::FileTooLarge));
    assert_eq!(guest.read("/tmp/x").expect("is there").len(), 5003);
}

#[test]
fn large_files_come_back_from_disk_as_they_went() {
    let mut guest = Guest::new(16 * MIB);
    let data: Vec<u8> = (0_u32..3_000_000).flat_map(|number| number.to_le_bytes()).collect();
    guest.write("/tmp/big", &data).expect("there is room");
    assert!(guest.read("/tmp/big").expect("is there") == data);

    let fd = guest.create("/tmp/big").expect("is there");
    guest.write_at(&fd, b"across two blocks", 8 * MIB - 5).expect("is there");
    assert_eq!(guest.read_at(&fd, 17, 8 * MIB - 5), Ok((b"across two blocks".to_vec(), false)));
    let (read, at_end) = guest.read_at(&fd, u64::MAX, 0).expect("is there");
    assert_eq!((read.len(), at_end), (64 * 1024, false), "a call has its limit");
}

#[tokio::test]
async fn times_are_those_of_the_clock() {
    let mut guest = Guest::new(MIB);
    let start = 1_700_000_000;
    guest.write("/tmp/x", b"x").expect("there is room");
    guest.wait(Duration::from_secs(10)).await;
    guest.read("/tmp/x").expect("is there");
    let stat = guest.stat("/tmp/x").expect("is there");
    assert_eq!(seconds(stat.data_access_timestamp), start);
    assert_eq!(seconds(stat.data_modification_timestamp), start);
    assert_eq!(seconds(guest.stat("/tmp").expect("is there").data_modification_timestamp), start);

    guest.write("/tmp/x", b"y").expect("there is room");
    let stat = guest.stat("/tmp/x").expect("is there");
    assert_eq!(seconds(stat.data_modification_timestamp), start + 10);
    assert_eq!(seconds(stat.status_change_timestamp), start + 10);

    guest.wait(Duration::from_secs(10)).await;
    guest.rename("/tmp/x", "/tmp/y").expect("is there");
    let stat = guest.stat("/tmp/y").expect("is there");
    assert_eq!(seconds(stat.data_modification_timestamp), start + 10);
    assert_eq!(seconds(stat.status_change_timestamp), start + 20);
    assert_eq!(seconds(guest.stat("/tmp").expect("is there").data_modification_timestamp), start + 20);

    let packaged = guest.stat("/var/task/app.py").expect("is there");
    assert_eq!(seconds(packaged.data_modification_timestamp), 315_532_800);
}

#[test]
fn times_can_be_set() {
    let mut guest = Guest::new(MIB);
    guest.write("/tmp/x", b"x").expect("there is room");
    guest.symlink("x", "/tmp/link").expect("there is room");
    let (fd, _) = guest.split("/tmp");
    let mut set = |flags, path: &str, accessed, modified| {
        let (fd, path) = (borrow(&fd), path.to_owned());
        guest.call(|view| view.set_times_at(fd, flags, path, accessed, modified))
    };
    set(PathFlags::SYMLINK_FOLLOW, "link", at(5), NewTimestamp::NoChange).expect("is there");
    set(PathFlags::empty(), "link", NewTimestamp::NoChange, at(6)).expect("is there");
    assert_eq!(set(PathFlags::empty(), "none", at(5), at(5)), Err(ErrorCode::NoEntry));
    assert_eq!(set(PathFlags::empty(), "x", at(u64::MAX), at(5)), Err(ErrorCode::Overflow));
    let (file, link) = (guest.stat("/tmp/x").expect("is there"), guest.lstat("/tmp/link").expect("is there"));
    assert_eq!(seconds(file.data_access_timestamp), 5);
    assert_eq!(file.data_access_timestamp.expect("is kept").nanoseconds, 5);
    assert_eq!(seconds(file.data_modification_timestamp), 1_700_000_000);
    assert_eq!(seconds(link.data_access_timestamp), 1_700_000_000);
    assert_eq!(seconds(link.data_modification_timestamp), 6);

    let fd = guest.open("/tmp/x").expect("is there");
    let to = borrow(&fd);
    guest.call(|view| view.set_times(to, NewTimestamp::Now, at(7))).expect("is open");
    let stat = guest.call(|view| view.stat(fd)).expect("is open");
    assert_eq!(
        (seconds(stat.data_access_timestamp), seconds(stat.data_modification_timestamp)),
        (1_700_000_000, 7)
    );
}

#[test]
fn attributes_tell_what_a_path_leads_to() {
    let mut guest = Guest::new(MIB);
    guest.write("/tmp/x", b"12345").expect("there is room");
    guest.link("/tmp/x", "/tmp/y").expect("there is room");
    guest.symlink("x", "/tmp/link").expect("there is room");
    let cases = [
        ("/tmp/x", DescriptorType::RegularFile, 2, 5),
        ("/tmp/link", DescriptorType::RegularFile, 2, 5),
        ("/tmp", DescriptorType::Directory, 1, 4096),
        ("/tmp/", DescriptorType::Directory, 1, 4096),
        ("/var/task/lib", DescriptorType::Directory, 1, 4096),
        ("/var/task/app.py", DescriptorType::RegularFile, 1, 8),
    ];
    for (path, kind, links, size) in cases {
        let stat = guest.stat(path).expect(path);
        assert_eq!((stat.type_, stat.link_count, stat.size), (kind, links, size), "{path}");
        let fd = guest.open(path).expect(path);
        let to = borrow(&fd);
        assert_eq!(guest.call(|view| view.get_type(to)), Ok(kind));
        guest.close(fd);
    }
    let stat = guest.lstat("/tmp/link").expect("is there");
    assert_eq!((stat.type_, stat.size), (DescriptorType::SymbolicLink, 1));
    assert_eq!(guest.readlink("/tmp/link").as_deref(), Ok("x"));
    assert_eq!(guest.readlink("/tmp/x"), Err(ErrorCode::Invalid));
    for path in ["/tmp/none", "/tmp/none/x"] {
        assert_eq!(guest.stat(path).map(drop), Err(ErrorCode::NoEntry));
    }
    assert_eq!(guest.stat("/tmp/x/").map(drop), Err(ErrorCode::NotDirectory));
    assert_eq!(guest.stat("/tmp/x/y").map(drop), Err(ErrorCode::NotDirectory));
}

#[test]
fn files_are_told_apart() {
    let mut guest = Guest::new(MIB);
    guest.write("/tmp/x", b"x").expect("there is room");
    guest.write("/tmp/y", b"x").expect("there is room");
    guest.link("/tmp/x", "/tmp/x2").expect("there is room");
    let paths = ["/tmp/x", "/tmp/y", "/tmp", "/var/task", "/opt", "/var/task/app.py", "/opt/bin"];
    let mut hash = |path: &str| {
        let (fd, path) = guest.split(path);
        guest.call(|view| view.metadata_hash_at(fd, PathFlags::empty(), path.to_owned())).expect("is there")
    };
    for (number, one) in paths.iter().enumerate() {
        for other in &paths[number + 1..] {
            assert_ne!(hash(one).lower, hash(other).lower, "{one}, {other}");
        }
    }
    assert_eq!(hash("/tmp/x").lower, hash("/tmp/x2").lower);
    assert_eq!(hash("/tmp/x").upper, hash("/tmp/x2").upper);
    assert_eq!(hash("/var/task/app.py").lower, hash("app.py").lower);
    let before = hash("/tmp/x");
    guest.write("/tmp/x", b"xx").expect("there is room");
    let fd = guest.open("/tmp/x").expect("is there");
    let (to, same) = (borrow(&fd), guest.open("/tmp/x2").expect("is there"));
    let after = guest.call(|view| view.metadata_hash(to)).expect("is open");
    assert_eq!(before.lower, after.lower, "the inode's number stays");
    assert_ne!(before.upper, after.upper, "its state does not");

    let other = guest.open("/tmp/y").expect("is there");
    assert!(guest.view().is_same_object(borrow(&fd), same).expect("are open"));
    assert!(!guest.view().is_same_object(borrow(&fd), other).expect("are open"));
    guest.unlink("/tmp/y").expect("is there");
    guest.write("/tmp/z", b"x").expect("there is room");
    let z = guest.open("/tmp/z").expect("is there");
    assert_ne!(guest.call(|view| view.metadata_hash(z)).expect("is open").lower, after.lower);
}

#[test]
fn requests_are_granted() {
    let mut guest = Guest::new(MIB);
    for path in ["/tmp", "/var/task/app.py"] {
        let fd = guest.open(path).expect(path);
        for advice in [Advice::Normal, Advice::WillNeed, Advice::DontNeed] {
            let to = borrow(&fd);
            assert_eq!(guest.call(|view| view.advise(to, 0, u64::MAX, advice)), Ok(()));
        }
        let (one, two) = (borrow(&fd), borrow(&fd));
        assert_eq!(guest.call(|view| view.sync(one)), Ok(()));
        assert_eq!(guest.call(|view| view.sync_data(two)), Ok(()));
    }
}

#[test]
fn using_what_was_dropped_ends_the_guest() {
    let mut guest = Guest::new(MIB);
    let fd = guest.open("/tmp").expect("is there");
    let stale = borrow(&fd);
    guest.close(fd);
    assert!(matches!(guest.view().stat(stale), Err(Failure::Trap(_))));
}
