//! How much a guest can have.

use hearth_model::limits;

use super::*;

/// Fills a file until there is no room; returns how much went in.
fn fill(guest: &mut Guest, path: &str) -> u64 {
    let fd = guest.create(path).expect("there is room");
    let chunk = vec![0x5a; 100_000];
    let mut written = 0;
    let error = loop {
        match guest.write_at(&fd, &chunk, written) {
            Ok(more) => written += more,
            Err(error) => break error,
        }
    };
    assert_eq!(error, ErrorCode::InsufficientSpace);
    guest.close(fd);
    written
}

#[test]
fn a_full_tmp_is_no_space_left_and_nothing_worse() {
    let mut guest = Guest::new(8 * MIB);
    let mut neighbour = Guest::new(8 * MIB);
    let written = fill(&mut guest, "/tmp/big");
    assert_eq!(written, 8 * MIB - 4096, "all but the file's own block");
    assert_eq!(guest.used(), 8 * MIB);
    assert_eq!(neighbour.used(), 0);
    neighbour.write("/tmp/x", b"x").expect("there is room");

    let full = Err(ErrorCode::InsufficientSpace);
    assert_eq!(guest.create("/tmp/more").map(drop), full);
    assert_eq!(guest.mkdir("/tmp/more"), full);
    assert_eq!(guest.symlink("big", "/tmp/more"), full);
    assert_eq!(guest.link("/tmp/big", "/tmp/more"), full);
    assert_eq!(guest.list("/tmp").expect("is there"), ["big"]);
    guest.rename("/tmp/big", "/tmp/bigger").expect("a name for a name");

    let data = guest.read("/tmp/bigger").expect("is there");
    assert!(data.len() as u64 == written && data.iter().all(|byte| *byte == 0x5a), "back from disk");
    let fd = guest.create("/tmp/bigger").expect("is there");
    assert_eq!(guest.write_at(&fd, b"over", written - 4), Ok(4), "what is there can be overwritten");
    guest.close(fd);

    guest.unlink("/tmp/bigger").expect("is there");
    assert_eq!(guest.used(), 0);
    assert_eq!(fill(&mut guest, "/tmp/again"), written);
}

#[test]
fn what_is_cut_off_or_replaced_is_given_back() {
    let mut guest = Guest::new(8 * MIB);
    fill(&mut guest, "/tmp/a");
    let fd = guest.create("/tmp/a").expect("is there");
    let to = borrow(&fd);
    guest.call(|view| view.set_size(to, 5000)).expect("cuts");
    assert_eq!(guest.used(), 3 * 4096);
    let to = borrow(&fd);
    guest.call(|view| view.set_size(to, 1 << 40)).expect("a hole takes no space");
    assert_eq!(guest.used(), 3 * 4096);
    guest.close(fd);

    guest.write("/tmp/b", b"b").expect("there is room");
    assert_eq!(guest.used(), 5 * 4096);
    guest.rename("/tmp/b", "/tmp/a").expect("replaces");
    assert_eq!(guest.used(), 2 * 4096);
    let fd = guest.open_with("/tmp/a", OpenFlags::TRUNCATE, DescriptorFlags::WRITE).expect("is there");
    guest.close(fd);
    assert_eq!(guest.used(), 4096);
}

#[test]
fn an_unlinked_file_lives_until_it_is_closed() {
    let mut guest = Guest::new(8 * MIB);
    let (one, two) = (guest.create("/tmp/x").expect("room"), guest.open("/tmp/x").expect("is there"));
    guest.write_at(&one, &[7; 10_000], 0).expect("there is room");
    guest.unlink("/tmp/x").expect("is there");
    assert_eq!(guest.list("/tmp").expect("is there"), [""; 0]);
    assert_eq!(guest.used(), 4 * 4096);

    guest.write("/tmp/x", b"another").expect("there is room");
    assert_eq!(guest.read_at(&two, 3, 0), Ok((vec![7; 3], false)));
    let to = borrow(&two);
    assert_eq!(guest.call(|view| view.stat(to)).expect("is open").link_count, 0);
    let to = borrow(&two);
    let stream = guest.call(|view| view.read_via_stream(to, 9_999)).expect("is open");
    guest.close(one);
    guest.close(two);
    assert_eq!(guest.used(), 6 * 4096, "the stream still reads it");
    assert_eq!(&guest.table.get_mut(&stream).expect("is open").read(9).expect("has data")[..], [7]);
    guest.table.delete(stream).expect("is open");
    assert_eq!(guest.used(), 2 * 4096);
}

#[test]
fn tmp_outlives_a_reset_and_open_files_do_not() {
    let mut guest = Guest::new(8 * MIB);
    guest.write("/tmp/kept", &[1; 3_000_000]).expect("there is room");
    let used = guest.used();
    let _left_open = guest.open("/tmp/kept").expect("is there");
    let _left_open = guest.create("/tmp/gone").expect("there is room");
    guest.unlink("/tmp/gone").expect("is there");
    assert_eq!(guest.used(), used + 4096);
    guest.reset();
    assert_eq!(guest.used(), used);
    assert_eq!(guest.list("/tmp").expect("is there"), ["kept"]);
    assert!(guest.read("/tmp/kept").expect("is there") == [1; 3_000_000]);
}

#[test]
fn small_files_are_limited_too() {
    let mut guest = Guest::new(MIB);
    let mut made = 0_u64;
    while guest.mkdir(&format!("/tmp/{made}")).is_ok() {
        made += 1;
    }
    assert_eq!(made, MIB / 4096);
    guest.rmdir("/tmp/0").expect("is empty");
    guest.mkdir("/tmp/again").expect("there is room");
}

#[test]
fn every_name_of_a_file_counts() {
    let mut guest = Guest::new(MIB);
    guest.write("/tmp/a", b"a").expect("there is room");
    guest.link("/tmp/a", "/tmp/b").expect("there is room");
    assert_eq!(guest.used(), 3 * 4096);
    guest.unlink("/tmp/a").expect("is there");
    assert_eq!(guest.used(), 2 * 4096);
    assert_eq!(guest.text("/tmp/b").expect("is there"), "a");
    guest.unlink("/tmp/b").expect("is there");
    assert_eq!(guest.used(), 0);
}

#[test]
fn open_files_are_limited_and_closing_makes_room() {
    let mut guest = Guest::new(8 * MIB);
    let mut open = Vec::new();
    let error = loop {
        match guest.open("/var/task/app.py") {
            Ok(fd) => open.push(fd),
            Err(error) => break error,
        }
    };
    assert_eq!(error, ErrorCode::InsufficientMemory);
    assert_eq!(open.len() + guest.preopens.len(), limits::OPEN_FILES);
    assert_eq!(guest.create("/tmp/x").map(drop), Err(ErrorCode::InsufficientMemory));
    assert_eq!(guest.list("/tmp/.").map(drop), Err(ErrorCode::InsufficientMemory));
    assert_eq!(guest.used(), 0, "nothing was made");
    assert!(preopens::Host::get_directories(&mut guest.view()).is_err());

    guest.close(open.pop().expect("is open"));
    let fd = guest.create("/tmp/x").expect("one was closed");
    guest.close(fd);
    guest.reset();
    guest.open("/var/task/app.py").expect("all were closed");
}
