//! Getting out: of a directory, of a mount, of an environment.

use proptest::prelude::*;

use super::{
    types::{DescriptorType, MetadataHashValue},
    *,
};

/// A guest with a file outside of the directory in which an attacker is.
fn jail() -> (Guest, Fd) {
    let mut guest = Guest::new(MIB);
    guest.write("/tmp/secret", b"secret").expect("there is room");
    guest.mkdir("/tmp/outside").expect("there is room");
    guest.mkdir("/tmp/jail").expect("there is room");
    guest.mkdir("/tmp/jail/a").expect("there is room");
    guest.mkdir("/tmp/jail/a/b").expect("there is room");
    guest.write("/tmp/jail/a/b/c", b"free").expect("there is room");
    let jail = guest.open("/tmp/jail").expect("is there");
    (guest, jail)
}

#[test]
fn paths_that_climb_out_are_not_permitted() {
    let (mut guest, jail) = jail();
    for path in [
        "..",
        "../secret",
        "../jail/a",
        "a/../..",
        "a/../../secret",
        "a/b/../../../secret",
        "./../secret",
        "a/b/../.././../tmp/secret",
        "/tmp/secret",
        "/",
        "//etc/passwd",
        "../../../../../../etc/passwd",
    ] {
        let path = || path.to_owned();
        let (fd, other) = (|| borrow(&jail), guest.open("/tmp/outside").expect("is there"));
        let none = PathFlags::empty();
        let read = DescriptorFlags::READ;
        let results = [
            guest.call(|view| view.open_at(fd(), none, path(), OpenFlags::empty(), read)).map(drop),
            guest.call(|view| view.open_at(fd(), none, path(), OpenFlags::CREATE, read)).map(drop),
            guest.call(|view| view.stat_at(fd(), none, path())).map(drop),
            guest.call(|view| view.metadata_hash_at(fd(), none, path())).map(drop),
            guest.call(|view| view.set_times_at(fd(), none, path(), at(1), at(1))),
            guest.call(|view| view.readlink_at(fd(), path())).map(drop),
            guest.call(|view| view.create_directory_at(fd(), path())),
            guest.call(|view| view.remove_directory_at(fd(), path())),
            guest.call(|view| view.unlink_file_at(fd(), path())),
            guest.call(|view| view.symlink_at(fd(), "a".to_owned(), path())),
            guest.call(|view| view.link_at(fd(), none, path(), borrow(&other), "x".to_owned())),
            guest.call(|view| view.link_at(fd(), none, "a/b/c".to_owned(), fd(), path())),
            guest.call(|view| view.rename_at(fd(), path(), borrow(&other), "x".to_owned())),
            guest.call(|view| view.rename_at(fd(), "a/b/c".to_owned(), fd(), path())),
        ];
        for (number, result) in results.into_iter().enumerate() {
            assert_eq!(result, Err(ErrorCode::NotPermitted), "{} in call {number}", path());
        }
        guest.close(other);
    }
    assert_eq!(guest.list("/tmp").expect("is there"), ["jail", "outside", "secret"]);
    assert_eq!(guest.text("/tmp/secret").expect("is there"), "secret");
    assert_eq!(guest.text("/tmp/jail/a/b/c").expect("is there"), "free");
}

#[test]
fn paths_may_go_up_as_long_as_they_stay_inside() {
    let (mut guest, jail) = jail();
    for path in ["a/b/c", "a/../a/b/./c", "./a//b///c", "a/b/../../a/b/c"] {
        let fd = guest.open_at(&jail, path, OpenFlags::empty(), DescriptorFlags::READ).expect(path);
        guest.close(fd);
    }
}

#[test]
fn links_cannot_lead_out() {
    let (mut guest, jail) = jail();
    assert_eq!(guest.symlink("/etc/passwd", "/tmp/jail/absolute"), Err(ErrorCode::NotPermitted));
    assert_eq!(guest.symlink("/tmp/jail/a", "/tmp/jail/absolute"), Err(ErrorCode::NotPermitted));
    guest.symlink("../secret", "/tmp/jail/out").expect("a link may say anything");
    guest.symlink("..", "/tmp/jail/a/up").expect("a link may say anything");
    guest.symlink("../../..", "/tmp/jail/a/b/far").expect("a link may say anything");

    let open = |guest: &mut Guest, fd: &Fd, path: &str| {
        guest.open_at(fd, path, OpenFlags::empty(), DescriptorFlags::READ)
    };
    for path in ["out", "a/up/../secret", "a/up/out", "a/b/far", "a/b/far/tmp/secret", "a/b/far/secret"] {
        assert_eq!(open(&mut guest, &jail, path).map(drop), Err(ErrorCode::NotPermitted), "{path}");
    }
    // The same link is good for whoever starts further up.
    assert_eq!(guest.text("/tmp/jail/out").expect("stays in /tmp"), "secret");
    let fd = open(&mut guest, &jail, "a/up/a/b/c").expect("stays in the jail");
    guest.close(fd);

    // Swapping a directory for a link does not help: what is open is the directory, and not its path.
    guest.rename("/tmp/jail", "/tmp/old").expect("is there");
    guest.symlink("outside", "/tmp/jail").expect("there is room");
    open(&mut guest, &jail, "a/b/c").expect("is where it was");
}

#[test]
fn code_and_layers_cannot_be_changed() {
    let mut guest = Guest::new(MIB);
    guest.write("/tmp/x", b"x").expect("there is room");
    let write = DescriptorFlags::READ | DescriptorFlags::WRITE;
    for path in ["/var/task/app.py", "/opt/bin/tool", "app.py", "/var/task/lib/../app.py"] {
        let fd = guest.open(path).expect("is there");
        let (one, two) = (borrow(&fd), borrow(&fd));
        let denied = Err(ErrorCode::ReadOnly);
        let results = [
            guest.open_with(path, OpenFlags::empty(), write).map(drop),
            guest.open_with(path, OpenFlags::empty(), DescriptorFlags::WRITE).map(drop),
            guest.open_with(path, OpenFlags::TRUNCATE, DescriptorFlags::READ).map(drop),
            guest.unlink(path),
            guest.rmdir(path),
            guest.rename(path, &format!("{path}2")),
            guest.link(path, &format!("{path}2")),
            guest.symlink("x", &format!("{path}2")),
            guest.mkdir(&format!("{path}2")),
            guest.create(&format!("{path}2")).map(drop),
            guest.call(|view| view.set_times(one, at(1), at(1))),
        ];
        for (number, result) in results.into_iter().enumerate() {
            assert_eq!(result, denied, "{path} in call {number}");
        }
        assert_eq!(guest.write_at(&fd, b"x", 0), Err(ErrorCode::BadDescriptor));
        assert_eq!(guest.call(|view| view.set_size(two, 0)), Err(ErrorCode::Invalid));
        guest.close(fd);
        assert_eq!(guest.rename(path, "/tmp/y"), Err(ErrorCode::CrossDevice));
        assert_eq!(guest.rename("/tmp/x", path), Err(ErrorCode::CrossDevice));
        assert_eq!(guest.link(path, "/tmp/y"), Err(ErrorCode::CrossDevice));
    }
    assert_eq!(guest.mkdir("/var/task/lib"), Err(ErrorCode::Exist), "as mkdir -p expects");
    assert_eq!(guest.text("/var/task/app.py").expect("is there"), "print(1)");
    assert_eq!(guest.list("/var/task").expect("is there"), ["app.py", "lib"]);
}

#[test]
fn environments_do_not_see_each_other() {
    let (task, opt) = (ReadOnlyTree::from_packages(&[]), ReadOnlyTree::from_packages(&[]));
    let guest = || {
        let clock = Clock::frozen(NOW);
        let files = FileSystem::new(task.clone(), opt.clone(), None, MIB, clock.clone());
        let mut guest = Guest { table: ResourceTable::new(), files, clock, preopens: Vec::new() };
        guest.start();
        guest
    };
    let (mut one, mut two) = (guest(), guest());
    one.write("/tmp/mine", b"mine").expect("there is room");
    assert_eq!(two.list("/tmp").expect("is there"), [""; 0]);
    assert_eq!(two.open("/tmp/mine").map(drop), Err(ErrorCode::NoEntry));
    assert_eq!((one.used(), two.used()), (8192, 0));
}

#[test]
fn names_of_the_host_mean_nothing() {
    let mut guest = Guest::new(MIB);
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    for path in ["/etc/passwd", "/proc/self/environ", "/dev/null", "/home", "C:\\Windows", manifest] {
        assert_eq!(guest.stat(path).map(drop), Err(ErrorCode::NoEntry), "{path}");
    }
    let marker = format!("hearth-{}", std::process::id());
    guest.write(&format!("/tmp/{marker}"), b"x").expect("there is room");
    guest.write(&format!("/tmp/\\{marker}"), b"x").expect("a backslash is a letter like others");
    assert!(!std::env::temp_dir().join(&marker).exists());
    assert!(!std::path::Path::new("/tmp").join(marker).exists());
}

fn path() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        4 => Just(".."),
        1 => Just("."),
        6 => "[abcl]".prop_map(|name| &*name.leak()),
        2 => Just("secret"),
        1 => Just("outside"),
        1 => Just("jail"),
        1 => Just(""),
    ];
    prop::collection::vec(part, 1..8).prop_map(|parts| parts.join("/"))
}

/// Everything that can be reached from a directory through names alone.
fn reachable(guest: &mut Guest, fd: &Fd, found: &mut Vec<MetadataHashValue>) {
    let own = borrow(fd);
    found.push(guest.call(|view| view.metadata_hash(own)).expect("is there"));
    for name in guest.list_fd(fd).expect("is a directory") {
        let (at, of) = (borrow(fd), name.clone());
        let hash = guest.call(|view| view.metadata_hash_at(at, PathFlags::empty(), of)).expect("is there");
        found.push(hash);
        let child = guest.open_at(fd, &name, OpenFlags::DIRECTORY, DescriptorFlags::READ);
        let at = borrow(fd);
        let kind = guest.call(|view| view.stat_at(at, PathFlags::empty(), name)).expect("is there").type_;
        if let Ok(child) = child {
            if kind == DescriptorType::Directory {
                reachable(guest, &child, found);
            }
            guest.close(child);
        }
    }
}

proptest! {
    /// Whatever links and directories an attacker makes, all that a path leads to is below where it starts.
    #[test]
    fn no_path_leads_out(
        links in prop::collection::vec((path(), path()), 0..6),
        moves in prop::collection::vec((path(), path()), 0..3),
        paths in prop::collection::vec(path(), 1..20),
    ) {
        let (mut guest, jail) = jail();
        for (target, path) in links {
            let fd = borrow(&jail);
            let _ = guest.call(|view| view.symlink_at(fd, target, path));
        }
        for (from, to) in moves {
            let (fd, other) = (borrow(&jail), borrow(&jail));
            let _ = guest.call(|view| view.rename_at(fd, from, other, to));
        }
        let mut inside = Vec::new();
        reachable(&mut guest, &jail, &mut inside);
        for path in paths {
            if let Ok(fd) = guest.open_at(&jail, &path, OpenFlags::empty(), DescriptorFlags::READ) {
                let own = borrow(&fd);
                let hash = guest.call(|view| view.metadata_hash(own)).expect("is there");
                prop_assert!(inside.iter().any(|known| known.lower == hash.lower), "{path}");
                guest.close(fd);
            }
        }
        prop_assert_eq!(guest.text("/tmp/secret").expect("is there"), "secret");
        prop_assert_eq!(guest.list("/tmp").expect("is there"), ["jail", "outside", "secret"]);
    }
}
