//! Archives from strangers: what comes out, and what does not.

mod packing;

use flate2::{Compression, write::GzEncoder};
use formats::archive::{ArchiveError, UnpackLimits, Unpacked, unpack};
use packing::{Member, zip};
use std::{collections::BTreeMap, fs, io::Write as _, path::Path};
use tar::{Builder, EntryType, Header};

/// What came out of an archive, and the files by name.
type CameOut = (Result<Unpacked, ArchiveError>, BTreeMap<String, Vec<u8>>);

fn unpacked_within(bytes: &[u8], limits: &UnpackLimits) -> CameOut {
    let folder = tempfile::tempdir().expect("a folder");
    let (archive, into) = (folder.path().join("archive"), folder.path().join("into"));
    fs::write(&archive, bytes).expect("written");
    fs::create_dir(&into).expect("a folder");
    let unpacked = unpack(&archive, &into, limits, &mut |_| true);
    let mut files = BTreeMap::new();
    collect(&into, &into, &mut files);
    let beside = fs::read_dir(folder.path()).expect("read").count();
    assert_eq!(beside, 2, "something was written beside the folder");
    (unpacked, files)
}

fn unpacked(bytes: &[u8]) -> CameOut {
    unpacked_within(bytes, &UnpackLimits::default())
}

fn collect(root: &Path, folder: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).expect("read") {
        let path = entry.expect("an entry").path();
        let kind = fs::symlink_metadata(&path).expect("there").file_type();
        assert!(!kind.is_symlink(), "{} is a link", path.display());
        if kind.is_dir() {
            collect(root, &path, files);
        } else {
            let name = path.strip_prefix(root).expect("inside").display().to_string();
            files.insert(name, fs::read(&path).expect("read"));
        }
    }
}

fn names(files: &BTreeMap<String, Vec<u8>>) -> Vec<&str> {
    files.keys().map(String::as_str).collect()
}

fn left_out(unpacked: &Unpacked) -> Vec<(&str, &str)> {
    unpacked.left_out.iter().map(|member| (member.name.as_str(), member.why)).collect()
}

fn refused((unpacked, files): CameOut) -> String {
    let error = unpacked.expect_err(&format!("{:?} came out", names(&files)));
    error.to_string()
}

/// A tar with one member whose name no builder would write.
fn tar_of(members: &[(&str, EntryType, &[u8])]) -> Vec<u8> {
    let mut builder = Builder::new(Vec::new());
    for (name, kind, bytes) in members {
        let mut header = Header::new_ustar();
        let field = &mut header.as_old_mut().name;
        field[..name.len()].copy_from_slice(name.as_bytes());
        header.set_entry_type(*kind);
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        if *kind == EntryType::Symlink {
            header.set_link_name("/etc/passwd").expect("a name");
        }
        header.set_cksum();
        builder.append(&header, *bytes).expect("memory");
    }
    builder.into_inner().expect("memory")
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(bytes).expect("memory");
    packed.finish().expect("memory")
}

#[test]
fn what_was_packed_comes_out_of_each_kind() {
    let tar = tar_of(&[("a/b.txt", EntryType::Regular, b"bytes"), ("a/", EntryType::Directory, b"")]);
    let mut stored = Member::new("a/b.txt", "bytes");
    stored.method = 0;
    for bytes in [zip(&[Member::new("a/b.txt", "bytes")]), zip(&[stored]), gzip(&tar), tar] {
        let (unpacked, files) = unpacked(&bytes);
        let unpacked = unpacked.expect("unpacked");
        assert_eq!((unpacked.files, unpacked.bytes, unpacked.left_out_count), (1, 5, 0));
        assert_eq!(files, BTreeMap::from([("a/b.txt".to_owned(), b"bytes".to_vec())]));
    }
}

#[test]
fn members_that_lead_out_of_the_folder_are_left_out_by_name() {
    let evil = ["../x", "/tmp/x", "a/../../x", "..\\x", "C:\\x"];
    let members: Vec<Member<'_>> =
        evil.into_iter().chain(["fine"]).map(|name| Member::new(name, "x")).collect();
    let tar: Vec<_> =
        evil.into_iter().chain(["fine"]).map(|name| (name, EntryType::Regular, &b"x"[..])).collect();
    for bytes in [zip(&members), tar_of(&tar)] {
        let (unpacked, files) = unpacked(&bytes);
        let unpacked = unpacked.expect("unpacked");
        assert_eq!(names(&files), ["fine"]);
        assert_eq!(left_out(&unpacked).into_iter().map(|(name, _)| name).collect::<Vec<_>>(), evil);
    }
}

#[test]
fn links_and_devices_are_left_out_and_nothing_is_written_through_them() {
    let mut link = Member::new("a", "/etc");
    link.unix_mode = 0o120_777;
    let (outcome, files) = unpacked(&zip(&[link, Member::new("a/passwd", "x")]));
    assert_eq!(left_out(&outcome.expect("unpacked")), [("a", "it is a link")]);
    assert_eq!(names(&files), ["a/passwd"]);
    let tar = tar_of(&[
        ("a", EntryType::Symlink, b""),
        ("b", EntryType::Link, b""),
        ("c", EntryType::Fifo, b""),
        ("d", EntryType::Char, b""),
        ("a/passwd", EntryType::Regular, b"x"),
    ]);
    let (outcome, files) = unpacked(&tar);
    let outcome = outcome.expect("unpacked");
    let whys: Vec<_> = left_out(&outcome).into_iter().map(|(_, why)| why).collect();
    assert_eq!(whys, ["it is a link", "it is a link", "it is no regular file", "it is no regular file"]);
    assert_eq!(names(&files), ["a/passwd"]);
}

#[test]
fn the_second_member_of_a_name_is_left_out() {
    let members = [Member::new("a", "first"), Member::new("./a", "second"), Member::new("a/b", "third")];
    let (outcome, files) = unpacked(&zip(&members));
    let outcome = outcome.expect("unpacked");
    let names: Vec<_> = left_out(&outcome).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["./a", "a/b"]);
    assert_eq!(files["a"], b"first");
}

#[test]
fn more_bytes_members_or_times_the_archive_than_allowed_end_it() {
    let limits = UnpackLimits { entries: 3, bytes: 10_000, ratio: 10, free_bytes: 1_000 };
    let zeros = |count| vec![0; count];
    let refused_within = |bytes: &[u8]| refused(unpacked_within(bytes, &limits));
    let bomb = refused_within(&zip(&[Member::new("a", zeros(9_000))]));
    assert!(bomb.contains("More than 10 times"), "{bomb}");
    let tape = refused_within(&gzip(&tar_of(&[("a", EntryType::Regular, &zeros(9_000))])));
    assert!(tape.contains("More than 10 times"), "{tape}");
    let mut noise = 1_u32;
    let noisy: Vec<u8> = std::iter::repeat_with(|| {
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (noise >> 24) as u8
    })
    .take(10_001)
    .collect();
    let large = refused_within(&zip(&[Member::new("a", noisy)]));
    assert!(large.contains("More than 10000 bytes"), "{large}");
    let names = ["a", "b", "c", "d"];
    let many = refused_within(&zip(&names.map(|name| Member::new(name, "x"))));
    assert!(many.contains("more than 3 members"), "{many}");
    let tape = tar_of(&names.map(|name| (name, EntryType::Regular, &b"x"[..])));
    assert!(refused_within(&tape).contains("more than 3 members"));
}

/// Of a link whose bytes are never wanted, and of names without end.
#[test]
fn what_is_passed_over_counts_too() {
    let limits = UnpackLimits { ratio: 10, free_bytes: 1_000, ..UnpackLimits::default() };
    let link = gzip(&tar_of(&[("a", EntryType::Link, &[0; 90_000])]));
    assert!(refused(unpacked_within(&link, &limits)).contains("More than 10 times"));
    let name = gzip(&tar_of(&[("a", EntryType::GNULongName, &[b'a'; 90_000])]));
    assert!(refused(unpacked_within(&name, &limits)).contains("more than 64 KiB"));
}

#[test]
fn members_that_share_bytes_make_a_zip_unusable() {
    let whole = zip(&[Member::new("a", "x"), Member::new("b", "y")]);
    // Both entries of the list name the first member's place.
    let at = whole.windows(4).rposition(|bytes| bytes == b"PK\x01\x02").expect("the second entry");
    let mut shared = whole;
    shared[at + 42..at + 46].copy_from_slice(&0_u32.to_le_bytes());
    assert!(refused(unpacked(&shared)).contains("shares its bytes"));
}

#[test]
fn a_password_another_method_and_another_kind_are_refused_by_name() {
    let mut member = Member::new("secret.jpg", "x");
    member.flags |= 1;
    let told = refused(unpacked(&zip(&[member.clone()])));
    assert!(told.contains("\"secret.jpg\" is under a password"), "{told}");
    (member.flags, member.method) = (1 << 11, 14);
    let told = refused(unpacked(&zip(&[member])));
    assert!(told.contains("packed by method 14"), "{told}");
    for (magic, name) in
        [(&b"7z\xbc\xaf\x27\x1c\0\0"[..], "7z"), (b"Rar!\x1a\x07\x01\0", "rar"), (b"BZh9", "bzip2")]
    {
        let told = refused(unpacked(magic));
        assert!(told.contains(name), "{told}");
    }
    assert!(refused(unpacked(b"{}")).contains("no archive"));
}

#[test]
fn damaged_members_are_left_out_and_damaged_archives_refused() {
    let mut member = Member::new("a", "bytes");
    member.checksum = Some(7);
    let (outcome, files) = unpacked(&zip(&[member, Member::new("b", "y")]));
    assert_eq!(left_out(&outcome.expect("unpacked")), [("a", "its bytes are not those that were packed")]);
    assert_eq!(names(&files), ["b"]);
    let whole = zip(&[Member::new("a", "bytes"), Member::new("b", "y")]);
    let tape = gzip(&tar_of(&[("a", EntryType::Regular, b"bytes"), ("b", EntryType::Regular, &[7; 4_000])]));
    for (bytes, cut) in [(&whole, whole.len() - 30), (&whole, 20), (&tape, tape.len() - 30)] {
        let told = refused(unpacked(&bytes[..cut]));
        assert!(told.contains("damaged"), "{told}");
    }
}

#[test]
fn names_in_an_old_code_page_are_read_and_counted() {
    let mut member = Member::new("", "x");
    (member.name, member.flags) = (b"gr\x94\xe1e.jpg", 0);
    let (outcome, files) = unpacked(&zip(&[member]));
    assert_eq!(outcome.expect("unpacked").foreign_names, 1);
    assert_eq!(names(&files), ["größe.jpg"]);
}

#[test]
fn whoever_asks_for_an_end_gets_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let archive = folder.path().join("a.zip");
    fs::write(&archive, zip(&[Member::new("a", "bytes")])).expect("written");
    let into = folder.path().join("into");
    fs::create_dir(&into).expect("a folder");
    let ended = unpack(&archive, &into, &UnpackLimits::default(), &mut |_| false);
    assert!(matches!(ended, Err(ArchiveError::Cancelled)));
}

/// Whatever the bytes are: no panic, and nothing outside the folder.
#[test]
fn no_change_of_a_byte_and_no_cut_breaks_the_reader() {
    let limits = UnpackLimits { entries: 50, bytes: 100_000, ratio: 100, free_bytes: 50_000 };
    let members = [Member::new("a/b.txt", "bytes"), Member::new("c", vec![7; 500])];
    let tar = tar_of(&[("a/b.txt", EntryType::Regular, b"bytes"), ("c", EntryType::Symlink, b"")]);
    for whole in [zip(&members), gzip(&tar), tar] {
        let step = (whole.len() / 120).max(1);
        for at in (0..whole.len()).step_by(step) {
            let mut changed = whole.clone();
            changed[at] ^= 0xff;
            // Whether it is read is the archive's affair.
            let _ = unpacked_within(&changed, &limits);
            let _ = unpacked_within(&whole[..at], &limits);
        }
    }
}
