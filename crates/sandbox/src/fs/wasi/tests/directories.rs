//! Directories, names and links.

use ErrorCode::{Busy, Exist, Invalid, IsDirectory, NoEntry, NotDirectory, NotEmpty, NotPermitted};

use super::{types::DescriptorType, *};

fn guest() -> Guest {
    let mut guest = Guest::new(MIB);
    for path in ["/tmp/dir", "/tmp/dir/sub", "/tmp/empty"] {
        guest.mkdir(path).expect("there is room");
    }
    for path in ["/tmp/file", "/tmp/other", "/tmp/dir/inner"] {
        guest.write(path, path.as_bytes()).expect("there is room");
    }
    guest.symlink("dir", "/tmp/to-dir").expect("there is room");
    guest.symlink("file", "/tmp/to-file").expect("there is room");
    guest.link("/tmp/file", "/tmp/same").expect("there is room");
    guest
}

#[test]
fn rename_does_what_posix_says() {
    let cases = [
        ("file", "new", Ok(())),
        ("file", "other", Ok(())),
        ("file", "same", Ok(())),
        ("file", "file", Ok(())),
        ("file", "dir", Err(IsDirectory)),
        ("file", "empty", Err(IsDirectory)),
        ("file", "to-dir", Ok(())),
        ("file", "to-dir/new", Ok(())),
        ("file", "new/", Err(NotDirectory)),
        ("file/", "new", Err(NotDirectory)),
        ("file", "none/new", Err(NoEntry)),
        ("file", "other/new", Err(NotDirectory)),
        ("none", "new", Err(NoEntry)),
        ("dir", "new", Ok(())),
        ("dir", "new/", Ok(())),
        ("dir/", "new", Ok(())),
        ("dir", "dir", Ok(())),
        ("dir", "empty", Ok(())),
        ("dir", "empty/new", Ok(())),
        ("empty", "dir", Err(NotEmpty)),
        ("dir", "file", Err(NotDirectory)),
        ("dir", "to-dir", Err(NotDirectory)),
        ("dir", "dir/new", Err(Invalid)),
        ("dir", "dir/sub", Err(Invalid)),
        ("dir", "dir/sub/new", Err(Invalid)),
        ("dir/sub", "dir", Err(NotEmpty)),
        ("dir/inner", "dir", Err(IsDirectory)),
        ("to-dir", "new", Ok(())),
        ("to-dir/", "new", Err(NotDirectory)),
        (".", "new", Err(Busy)),
        ("file", ".", Err(Busy)),
        ("dir/.", "new", Err(Busy)),
        ("dir/sub/..", "new", Err(Busy)),
    ];
    for (from, to, expected) in cases {
        let mut guest = guest();
        let before = guest.used();
        let result = guest.rename(&format!("/tmp/{from}"), &format!("/tmp/{to}"));
        assert_eq!(result, expected, "{from} to {to}");
        assert!(guest.used() <= before);
        if result.is_err() {
            assert_eq!(
                guest.list("/tmp").expect("is there"),
                ["dir", "empty", "file", "other", "same", "to-dir", "to-file"]
            );
            assert_eq!(guest.list("/tmp/dir").expect("is there"), ["inner", "sub"]);
        }
    }
}

#[test]
fn rename_moves_content_and_leaves_nothing_behind() {
    let mut guest = guest();
    guest.rename("/tmp/file", "/tmp/dir/moved").expect("is there");
    assert_eq!(guest.text("/tmp/dir/moved").expect("is there"), "/tmp/file");
    assert_eq!(guest.stat("/tmp/file").map(drop), Err(NoEntry));
    guest.rename("/tmp/dir", "/tmp/empty").expect("is empty");
    assert_eq!(guest.list("/tmp/empty").expect("is there"), ["inner", "moved", "sub"]);
    guest.rename("/tmp/empty/sub", "/tmp/top").expect("is there");
    guest.rename("/tmp/empty", "/tmp/top/below").expect("the old parent is no ancestor any more");
    assert_eq!(guest.text("/tmp/top/below/inner").expect("is there"), "/tmp/dir/inner");
    guest.rename("/tmp/same", "/tmp/top/below/moved").expect("two names of one file");
    assert!(guest.stat("/tmp/same").is_ok(), "both stay");
}

#[test]
fn making_and_removing_does_what_posix_says() {
    type Call = fn(&mut Guest, &str) -> Errno<()>;
    let mkdir: Call = |guest, path| guest.mkdir(path);
    let rmdir: Call = |guest, path| guest.rmdir(path);
    let unlink: Call = |guest, path| guest.unlink(path);
    let link: Call = |guest, path| guest.link("/tmp/file", path);
    let symlink: Call = |guest, path| guest.symlink("anything", path);
    let cases = [
        (mkdir, "new", Ok(())),
        (mkdir, "new/", Ok(())),
        (mkdir, "to-dir/new", Ok(())),
        (mkdir, "dir", Err(Exist)),
        (mkdir, "file", Err(Exist)),
        (mkdir, "to-dir", Err(Exist)),
        (mkdir, ".", Err(Exist)),
        (mkdir, "none/new", Err(NoEntry)),
        (mkdir, "file/new", Err(NotDirectory)),
        (rmdir, "empty", Ok(())),
        (rmdir, "empty/", Ok(())),
        (rmdir, "dir", Err(NotEmpty)),
        (rmdir, "file", Err(NotDirectory)),
        (rmdir, "to-dir", Err(NotDirectory)),
        (rmdir, "to-dir/", Err(NotDirectory)),
        (rmdir, "none", Err(NoEntry)),
        (rmdir, ".", Err(Invalid)),
        (rmdir, "empty/.", Err(Invalid)),
        (unlink, "file", Ok(())),
        (unlink, "to-dir", Ok(())),
        (unlink, "file/", Err(NotDirectory)),
        (unlink, "to-dir/", Err(NotDirectory)),
        (unlink, "empty", Err(IsDirectory)),
        (unlink, "empty/", Err(IsDirectory)),
        (unlink, ".", Err(IsDirectory)),
        (unlink, "none", Err(NoEntry)),
        (link, "new", Ok(())),
        (link, "other", Err(Exist)),
        (link, "to-file", Err(Exist)),
        (link, "new/", Err(NoEntry)),
        (link, "dir", Err(Exist)),
        (link, "none/new", Err(NoEntry)),
        (symlink, "new", Ok(())),
        (symlink, "file", Err(Exist)),
        (symlink, "to-file", Err(Exist)),
        (symlink, "new/", Err(NoEntry)),
        (symlink, ".", Err(Exist)),
    ];
    for (number, (call, path, expected)) in cases.into_iter().enumerate() {
        assert_eq!(call(&mut guest(), &format!("/tmp/{path}")), expected, "{path} in case {number}");
    }
}

#[test]
fn hard_links_are_names_of_one_file() {
    let mut guest = guest();
    guest.write("/tmp/same", b"changed!!").expect("there is room");
    assert_eq!(guest.text("/tmp/file").expect("is there"), "changed!!");
    assert_eq!(guest.stat("/tmp/file").expect("is there").link_count, 2);
    assert_eq!(guest.link("/tmp/dir", "/tmp/dir2"), Err(NotPermitted));
    assert_eq!(guest.link("/tmp/none", "/tmp/new"), Err(NoEntry));

    guest.link("/tmp/to-file", "/tmp/link2").expect("a link can have two names");
    assert_eq!(guest.lstat("/tmp/link2").expect("is there").type_, DescriptorType::SymbolicLink);
    let ((fd, _), (other, _)) = (guest.split("/tmp"), guest.split("/tmp"));
    guest
        .call(|view| {
            view.link_at(fd, PathFlags::SYMLINK_FOLLOW, "to-file".to_owned(), other, "file3".to_owned())
        })
        .expect("there is room");
    assert_eq!(guest.lstat("/tmp/file3").expect("is there").type_, DescriptorType::RegularFile);
    assert_eq!(guest.stat("/tmp/file").expect("is there").link_count, 3);
}

#[test]
fn a_removed_directory_can_be_used_no_more() {
    let mut guest = guest();
    let fd = guest.open("/tmp/empty").expect("is there");
    guest.rmdir("/tmp/empty").expect("is empty");
    let create = guest.open_at(&fd, "new", OpenFlags::CREATE, DescriptorFlags::WRITE);
    assert_eq!(create.map(drop), Err(NoEntry));
    let (one, two, other) = (borrow(&fd), borrow(&fd), guest.open("/tmp").expect("is there"));
    assert_eq!(guest.call(|view| view.create_directory_at(one, "new".to_owned())), Err(NoEntry));
    let moved = guest.call(|view| view.rename_at(other, "dir".to_owned(), two, "new".to_owned()));
    assert_eq!(moved, Err(NoEntry));
    assert_eq!(guest.list_fd(&fd), Ok(Vec::new()));
    let to = borrow(&fd);
    assert_eq!(guest.call(|view| view.stat(to)).expect("is open").link_count, 0);
}

#[test]
fn operations_with_paths_need_a_directory() {
    let mut guest = guest();
    let fd = guest.open("/tmp/file").expect("is there");
    let open = guest.open_at(&fd, "x", OpenFlags::CREATE, DescriptorFlags::WRITE);
    assert_eq!(open.map(drop), Err(NotDirectory));
    assert_eq!(guest.list_fd(&fd), Err(NotDirectory));
    let (one, two) = (borrow(&fd), borrow(&fd));
    assert_eq!(guest.call(|view| view.create_directory_at(one, "x".to_owned())), Err(NotDirectory));
    let stat = guest.call(|view| view.stat_at(two, PathFlags::empty(), ".".to_owned()));
    assert_eq!(stat.map(drop), Err(NotDirectory));
}

#[test]
fn listing_survives_changes() {
    let mut guest = Guest::new(8 * MIB);
    for number in 0..100 {
        guest.mkdir(&format!("/tmp/{number:02}")).expect("there is room");
    }
    let (fd, _) = guest.split("/tmp");
    let stream = guest.call(|view| view.read_directory(fd)).expect("is a directory");
    let mut names = Vec::new();
    while let Some(entry) =
        guest.call(|view| view.read_directory_entry(Resource::new_borrow(stream.rep()))).expect("is open")
    {
        assert_eq!(entry.type_, DescriptorType::Directory);
        guest.rmdir(&format!("/tmp/{}", entry.name)).expect("is empty");
        names.push(entry.name);
    }
    assert_eq!(names.len(), 100, "a guest can empty a directory while it lists it");
    assert_eq!(guest.list("/tmp"), Ok(Vec::new()));
    assert_eq!(guest.used(), 0);
}

#[test]
fn code_is_listed_without_dots() {
    let mut guest = Guest::new(MIB);
    assert_eq!(guest.list("/var/task").expect("is there"), ["app.py", "lib"]);
    assert_eq!(guest.list("/var/task/lib/").expect("is there"), ["data.json"]);
    assert_eq!(guest.text("/var/task/lib/../lib/data.json").expect("is there"), "{}");
}
