use super::*;

#[test]
fn names_are_distinct_and_in_the_namespace_of_their_kind() {
    let mut names: Vec<_> = Action::ALL.iter().map(|action| action.as_str()).collect();
    for action in Action::ALL {
        let namespace = match action.kind() {
            Kind::Bucket | Kind::Object => "s3:",
            Kind::Admin | Kind::AdminByWildcard => "admin:",
            Kind::Kms => "kms:",
            Kind::Sts => "sts:",
        };
        assert!(action.as_str().starts_with(namespace), "{action}");
    }
    names.sort_unstable();
    let count = names.len();
    names.dedup();
    assert_eq!(names.len(), count);
}

#[test]
fn a_set_holds_exactly_what_was_put_in() {
    for chosen in Action::ALL {
        let mut set = ActionSet::default();
        set.insert(*chosen);
        assert_eq!(set.iter().collect::<Vec<_>>(), [*chosen]);
    }
}
