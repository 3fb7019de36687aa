use super::*;

fn layout(arguments: &[&str], set_size: Option<usize>) -> Result<Layout, LayoutError> {
    let arguments: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
    Layout::from_arguments(&arguments, set_size, Path::new("/srv"))
}

fn sets_and_size(argument: &str) -> Option<(usize, usize)> {
    let size = choose(argument)?;
    let pattern = Pattern::parse(argument).unwrap();
    Some((pattern.expand().len() / size, size))
}

fn choose(argument: &str) -> Option<usize> {
    let pattern = Pattern::parse(argument).unwrap();
    choose_set_size(argument, pattern.expand().len(), Some(pattern.leftmost()), None).ok()
}

#[test]
fn a_single_range_and_a_plain_list_take_the_largest_size() {
    let table = [
        (2, 1, 2),
        (3, 1, 3),
        (4, 1, 4),
        (5, 1, 5),
        (6, 1, 6),
        (7, 1, 7),
        (8, 1, 8),
        (10, 1, 10),
        (11, 1, 11),
        (12, 1, 12),
        (13, 1, 13),
        (14, 1, 14),
        (16, 1, 16),
        (18, 2, 9),
        (20, 2, 10),
        (22, 2, 11),
        (24, 2, 12),
        (28, 2, 14),
        (30, 2, 15),
        (32, 2, 16),
        (34, 17, 2),
        (36, 3, 12),
        (40, 4, 10),
        (48, 3, 16),
        (60, 4, 15),
        (64, 4, 16),
    ];
    for (drives, sets, size) in table {
        assert_eq!(sets_and_size(&format!("/d{{1...{drives}}}")), Some((sets, size)), "{drives}");
        let list: Vec<String> = (0..drives).map(|drive| format!("/d{drive}")).collect();
        let plain = Layout::from_arguments(&list, None, Path::new("/")).unwrap();
        assert_eq!(plain.pools[0].set_size, size, "{drives} plain");
    }
    for drives in [17, 19, 23, 29, 31, 37] {
        assert_eq!(sets_and_size(&format!("/d{{1...{drives}}}")), None, "{drives}");
    }
}

#[test]
fn sets_are_spread_evenly_over_the_leftmost_range() {
    let table = [
        (2, 2, 1, 4),
        (3, 4, 1, 12),
        (3, 16, 4, 12),
        (4, 1, 1, 4),
        (4, 2, 1, 8),
        (4, 4, 1, 16),
        (4, 8, 2, 16),
        (4, 12, 3, 16),
        (5, 4, 2, 10),
        (5, 16, 8, 10),
        (6, 4, 2, 12),
        (6, 8, 4, 12),
        (7, 4, 2, 14),
        (8, 4, 2, 16),
        (8, 16, 8, 16),
        (9, 8, 8, 9),
        (11, 4, 4, 11),
        (12, 8, 8, 12),
        (16, 4, 4, 16),
        (20, 16, 32, 10),
        (24, 4, 8, 12),
        (32, 16, 32, 16),
    ];
    for (nodes, drives, sets, size) in table {
        let argument = format!("http://node{{1...{nodes}}}/drive{{1...{drives}}}");
        assert_eq!(sets_and_size(&argument), Some((sets, size)), "{argument}");
    }
    for (nodes, drives) in [(17, 2), (17, 16)] {
        assert_eq!(sets_and_size(&format!("http://node{{1...{nodes}}}/drive{{1...{drives}}}")), None);
    }
}

#[test]
fn the_size_asked_for_must_divide_the_drives_and_needs_no_symmetry() {
    assert_eq!(layout(&["/d{1...16}"], Some(4)).unwrap().pools[0].set_size, 4);
    let plain: Vec<String> = (1..=8).map(|drive| format!("/d{drive}")).collect();
    assert_eq!(Layout::from_arguments(&plain, Some(4), Path::new("/")).unwrap().pools[0].set_size, 4);
    assert_eq!(
        layout(&["/d{1...16}"], Some(3)).unwrap_err().to_string(),
        "Invalid set drive count. Acceptable values for 16 number drives are [2, 4, 8, 16]"
    );
    assert_eq!(layout(&["/n{1...3}/d{1...16}"], Some(16)).unwrap().pools[0].set_size, 16);
}

#[test]
fn one_plain_argument_is_a_single_drive() {
    let single = layout(&["./data"], None).unwrap();
    assert!(single.is_single_drive());
    assert_eq!(single.pools[0].argument, "./data");
    assert_eq!(single.pools[0].drives, [PathBuf::from("/srv/data")]);
    assert!(!layout(&["/d{1...2}"], None).unwrap().is_single_drive());
}

#[test]
fn each_argument_with_ellipses_is_a_pool_named_by_its_text() {
    let two = layout(&["/a{1...4}", "/b{1...2}"], None).unwrap();
    assert_eq!(two.pools.len(), 2);
    assert_eq!(two.pools[0].argument, "/a{1...4}");
    assert_eq!(two.pools[1].drives, ["/b1", "/b2"].map(PathBuf::from));
    let plain = layout(&["/b", "/a"], None).unwrap();
    assert_eq!(plain.pools[0].argument, "/b /a");
    assert_eq!(plain.pools[0].drives, ["/b", "/a"].map(PathBuf::from));
}

#[test]
fn mistakes_are_named() {
    assert_eq!(layout(&[], None).unwrap_err(), LayoutError::NoDrives);
    assert_eq!(
        layout(&["/a{1...4}", "/b"], None).unwrap_err().to_string(),
        "all args must have ellipses for pool expansion (Invalid arguments specified) args: [/a{1...4} /b]"
    );
    assert_eq!(layout(&["/d1", "/d1"], None).unwrap_err().to_string(), "Input args ([/d1 /d1]) has duplicate ellipses");
    assert!(matches!(layout(&["/d{1...1}"], None), Err(LayoutError::TooFewDrives { .. })));
    assert!(layout(&["/d{1...17}"], None).unwrap_err().to_string().contains("number of drives 17 is not divisible"));
    assert!(matches!(layout(&["/a{1...17}/b{1...2}"], None), Err(LayoutError::Asymmetric { .. })));
    assert!(matches!(
        layout(&["/a{1...4}", "/./a{1...4}"], None),
        Err(LayoutError::Endpoint(EndpointError::Duplicate { .. }))
    ));
}
