use super::*;

fn resolve(arguments: &[&str]) -> Result<Vec<PathBuf>, EndpointError> {
    let arguments: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
    paths(&arguments, Path::new("/home/me"))
}

#[test]
fn paths_become_absolute_and_clean() {
    let paths = resolve(&["data", "./d2", "/a//b/./c/../d", "../other/"]).unwrap();
    let expected = ["/home/me/data", "/home/me/d2", "/a/b/d", "/home/other"];
    assert_eq!(paths, expected.map(PathBuf::from));
}

#[test]
fn mistakes_are_named() {
    let cases = [
        (&["/"][..], EndpointError::EmptyOrRoot),
        (&[""], EndpointError::EmptyOrRoot),
        (&["/a/.."], EndpointError::EmptyOrRoot),
        (&["/a", "/b/../a"], EndpointError::Duplicate { path: "/a".to_owned() }),
        (&["http://h/a"], EndpointError::SingleUrl),
        (&["http://h/a", "/b"], EndpointError::MixedStyle),
        (&["https://h/a", "https://h/b"], EndpointError::Remote { argument: "https://h/a".to_owned() }),
        (&["10.0.0.1:9000/x"], EndpointError::MissingScheme { argument: "10.0.0.1:9000/x".to_owned() }),
    ];
    for (arguments, expected) in cases {
        assert_eq!(resolve(arguments).unwrap_err(), expected, "{arguments:?}");
    }
}

#[test]
fn mounts_below_a_drive_are_found() {
    let mounts =
        "dev / ext4 rw 0 0\ndev /data ext4 rw 0 0\nx /data/d1/sub\\040dir xfs rw 0 0\ny /data/d10 xfs rw 0 0\n";
    assert!(check_mounts(Path::new("/data/d10"), mounts).is_ok());
    assert!(check_mounts(Path::new("/other"), mounts).is_ok());
    let found = check_mounts(Path::new("/data/d1"), mounts).unwrap_err();
    assert_eq!(
        found,
        EndpointError::CrossDeviceMounts { path: "/data/d1".to_owned(), mounts: vec!["/data/d1/sub dir".to_owned()] }
    );
}
