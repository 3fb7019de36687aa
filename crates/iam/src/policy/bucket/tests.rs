use super::*;
use crate::policy::key::ConditionKey;
use std::borrow::Cow;

struct Nothing;

impl Values for Nothing {
    fn all(&self, _: &ConditionKey) -> Vec<Cow<'_, str>> {
        Vec::new()
    }
}

fn parse_one(statement: &str) -> Result<BucketPolicy, PolicyError> {
    BucketPolicy::parse(format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#).as_bytes(), "bkt")
}

fn read_all() -> BucketPolicy {
    let statement = r#"{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bkt/*"}"#;
    parse_one(statement).unwrap()
}

fn allows(policy: &BucketPolicy, action: Action, key: Option<&str>) -> bool {
    policy.judge(Who::Account(""), action, "bkt", key, &Nothing) == Verdict::Allow
}

#[test]
fn everybody_may_what_the_policy_says_and_nothing_else() {
    let policy = read_all();
    assert!(allows(&policy, Action::GetObject, Some("a/b")));
    assert!(!allows(&policy, Action::PutObject, Some("a/b")));
    assert!(!allows(&policy, Action::ListBucket, None));
}

#[test]
fn a_bucket_is_not_what_is_in_it() {
    let listing =
        r#"{"Effect":"Allow","Principal":{"AWS":["*"]},"Action":["s3:ListBucket"],"Resource":["arn:aws:s3:::bkt"]}"#;
    let policy = parse_one(listing).unwrap();
    assert!(allows(&policy, Action::ListBucket, None));
    assert!(allows(&policy, Action::ListBucketVersions, None), "who may list may list versions");
    assert!(!allows(&policy, Action::GetObject, Some("k")));
    let within = r#"{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::bkt/*"}"#;
    assert!(!allows(&parse_one(within).unwrap(), Action::ListBucket, None));
}

#[test]
fn only_patterns_that_match_nobody_match_whoever_is_anonymous() {
    let of = |principal: &str| {
        let statement = format!(
            r#"{{"Effect":"Allow","Principal":{principal},"Action":"s3:GetObject","Resource":"arn:aws:s3:::bkt/*"}}"#
        );
        parse_one(&statement)
    };
    assert!(allows(&of(r#"{"AWS":"*"}"#).unwrap(), Action::GetObject, Some("k")));
    assert!(!allows(&of(r#"{"AWS":["arn:aws:iam::1:root"]}"#).unwrap(), Action::GetObject, Some("k")));
    assert!(!allows(&of(r#"{"CanonicalUser":"*"}"#).unwrap(), Action::GetObject, Some("k")));
    for bad in [r#""alice""#, r#"{"AWS":[]}"#, "null", "5"] {
        assert_eq!(of(bad).unwrap_err(), PolicyError::Principal, "{bad}");
    }
    assert_eq!(read_all().to_json()["Statement"][0]["Principal"], json!({"AWS": ["*"]}));
}

#[test]
fn resources_must_be_of_the_bucket_and_fit_the_actions() {
    let of = |action: &str, resource: &str| {
        let statement =
            format!(r#"{{"Effect":"Allow","Principal":"*","Action":"{action}","Resource":"arn:aws:s3:::{resource}"}}"#);
        parse_one(&statement).map(drop)
    };
    assert!(matches!(of("s3:GetObject", "other/*"), Err(PolicyError::OtherBucket(_))));
    assert!(of("s3:ListBucket", "bkt").is_ok() && of("s3:ListBucket", "*").is_ok());
    assert!(matches!(of("s3:ListBucket", "bkt/*"), Err(PolicyError::ActionWithoutResource(_))));
    assert!(matches!(of("s3:GetObject", "bkt"), Err(PolicyError::ActionWithoutResource(_))));
    assert!(of("s3:*", "bkt*").is_ok() && of("s3:*", "bkt").is_err());
    assert!(of("s3:Whatever", "bkt").is_ok(), "names of actions aren't checked");
}

#[test]
fn whoever_is_denied_is_not_let_in_by_another_statement() {
    let both = r#"{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bkt/*"},
        {"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bkt/hidden*"}"#;
    let policy = parse_one(both).unwrap();
    assert!(allows(&policy, Action::GetObject, Some("k")) && !allows(&policy, Action::GetObject, Some("hidden/k")));
}

#[test]
fn a_policy_is_public_if_anybody_can_fulfil_its_conditions() {
    let of = |principal: &str, condition: &str| {
        let document = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{principal},"Action":"s3:GetObject",
            "Resource":"arn:aws:s3:::bkt/*","Condition":{{{condition}}}}}]}}"#
        );
        BucketPolicy::parse(document.as_bytes(), "bkt").unwrap().is_public()
    };
    let web = r#""StringLike":{"aws:Referer":"https://a/*"}"#;
    assert!(of("\"*\"", web), "anybody can send that");
    assert!(!of("{\"AWS\":\"arn:aws:iam::x:root\"}", web));
    assert!(!of("\"*\"", r#""IpAddress":{"aws:SourceIp":"10.0.0.0/32"}"#));
    assert!(of("\"*\"", r#""IpAddress":{"aws:SourceIp":["10.0.0.0/32","0.0.0.0/1"]}"#));
    assert!(of("\"*\"", r#""NotIpAddress":{"aws:SourceIp":"10.0.0.0/32"}"#));
    assert!(!of("\"*\"", r#""StringEquals":{"aws:username":"alice"}"#));
}

#[test]
fn users_are_named_with_or_without_an_arn() {
    let of = |principal: &str, account: &str| {
        Principal { users: vec![principal.to_owned()], ..Principal::default() }.names(Who::Account(account))
    };
    assert!(of("*", "") && of("*", "alice") && of("alice", "alice") && of("arn:aws:iam:::user/alice", "alice"));
    assert!(of("arn:aws:iam::123456789012:user/team/alice", "alice"));
    assert!(!of("arn:aws:iam:::user/", "") && !of("alice", "bob") && !of("arn:aws:iam:::user/alice", "user/alice"));
}

#[test]
fn what_only_aws_knows_is_told_from_what_minio_reads() {
    let of = |action: &str, condition: &str| {
        let document = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":"*","Action":"{action}",
            "Resource":"arn:aws:s3:::bkt/*"{condition}}}]}}"#
        );
        BucketPolicy::parse(document.as_bytes(), "bkt").unwrap().is_minios("bkt")
    };
    assert!(of("s3:GetObject", "") && of("s3:*", ""));
    assert!(!of("s3:GetObjectAcl", ""));
    assert!(!of("s3:PutObject", r#","Condition":{"StringEquals":{"s3:x-amz-acl":"private"}}"#));
    assert!(!of("s3:GetObject", r#","Condition":{"StringLikeIfExists":{"aws:Referer":"a"}}"#));
}

#[test]
fn services_may_only_where_they_are_named_and_what_is_denied_to_nobody() {
    let judge = |statements: &[&str]| {
        let policy = parse_one(&statements.join(",")).expect("a policy");
        policy.judge(Who::Service("logging.s3.amazonaws.com"), Action::PutObject, "bkt", Some("k"), &Nothing)
    };
    let statement = |effect: &str, principal: &str| {
        let about = r#""Action":"s3:PutObject","Resource":"arn:aws:s3:::bkt/*""#;
        format!(r#"{{"Effect":"{effect}","Principal":{principal},{about}}}"#)
    };
    let named = statement("Allow", r#"{"Service":"logging.s3.amazonaws.com"}"#);
    assert_eq!(judge(&[&named]), Verdict::Allow);
    for other in [r#""*""#, r#"{"Service":"other.s3.amazonaws.com"}"#, r#"{"AWS":"logging.s3.amazonaws.com"}"#] {
        assert_eq!(judge(&[&statement("Allow", other)]), Verdict::Silent, "{other}");
    }
    assert_eq!(judge(&[&named, &statement("Deny", r#""*""#)]), Verdict::Deny);
    assert_eq!(judge(&[&named, &statement("Deny", r#"{"AWS":"alice"}"#)]), Verdict::Allow);
    let user = parse_one(&named).expect("a policy");
    let by_name = Who::Account("logging.s3.amazonaws.com");
    assert_eq!(user.judge(by_name, Action::PutObject, "bkt", Some("k"), &Nothing), Verdict::Silent);
    assert!(!user.is_public());
}

#[test]
fn arns_are_compared_with_wildcards() {
    struct Source;
    impl Values for Source {
        fn all(&self, key: &ConditionKey) -> Vec<Cow<'_, str>> {
            let source = key.to_string() == "aws:SourceArn";
            source.then_some(Cow::Borrowed("arn:aws:s3:::photos")).into_iter().collect()
        }
    }
    let holds = |operator: &str, wanted: &str| {
        let statement = format!(
            r#"{{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bkt/*",
                "Condition":{{"{operator}":{{"aws:SourceArn":"{wanted}"}}}}}}"#
        );
        let policy = parse_one(&statement).expect("a policy");
        assert!(!policy.is_minios("bkt"), "MinIO knows no {operator}");
        policy.judge(Who::Account(""), Action::GetObject, "bkt", Some("k"), &Source) == Verdict::Allow
    };
    for operator in ["ArnLike", "ArnEquals"] {
        assert!(holds(operator, "arn:aws:s3:::photos") && holds(operator, "arn:aws:s3:::ph*"), "{operator}");
        assert!(!holds(operator, "arn:aws:s3:::videos"), "{operator}");
    }
    for operator in ["ArnNotLike", "ArnNotEquals"] {
        assert!(!holds(operator, "arn:aws:s3:::ph*") && holds(operator, "arn:aws:s3:::videos"), "{operator}");
    }
}
