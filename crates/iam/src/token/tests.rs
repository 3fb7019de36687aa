use super::*;
use serde_json::json;

const NOW: Timestamp = Timestamp::from_secs(1_795_416_000);
const SERVICE_ACCOUNT_TOKEN: &str = "eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9.eyJhY2Nlc3NLZXkiOiJTVkNFWEFNUExFMDAwMSIsInBhcmVudCI6ImFsaWNlIiwic2EtcG9saWN5IjoiaW5oZXJpdGVkLXBvbGljeSJ9.nOTb1ONaBPoHTuEIDvMoq8XTaDt_teTnoZncn4tYkDSttYclaNtxOo1EIbBxN_1b4J6zn0NA7goCtGiBvf1w9g";
const TEMPORARY_TOKEN: &str = "eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9.eyJhY2Nlc3NLZXkiOiJTVFNFWEFNUExFMDAwMDAwMDAwMSIsImV4cCI6MTc5NTQxNjI0MCwicGFyZW50IjoiYWxpY2UifQ.rAhBUtObfN9clQcRf691CiRXJCufeuo_r5k1s7bX6Xg71QmcP-aycD3940b3yP0w39H-cApcTKmOdI8JCfh9ow";

fn claims(value: Value) -> Claims {
    match value {
        Value::Object(map) => Claims::new(map),
        _ => unreachable!("tests give objects"),
    }
}

fn token(header: &Value, payload: &Value, secret: &str) -> Secret {
    let signed = [header, payload].map(|part| URL_SAFE_NO_PAD.encode(part.to_string())).join(".");
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(signed.as_bytes());
    Secret::new(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())))
}

#[test]
fn tokens_are_minios_to_the_byte() {
    let account = claims(json!({"sa-policy": "inherited-policy", "parent": "alice", "accessKey": "SVCEXAMPLE0001"}));
    assert_eq!(account.sign(&Secret::new("svcexamplesecret1")).expose(), SERVICE_ACCOUNT_TOKEN);
    let temporary = claims(json!({"accessKey": "STSEXAMPLE0000000001", "exp": 1_795_416_240, "parent": "alice"}));
    assert_eq!(temporary.sign(&Secret::new("rootpass123")).expose(), TEMPORARY_TOKEN);
    let read = Claims::verify(&Secret::new(TEMPORARY_TOKEN), &[&Secret::new("rootpass123")], NOW);
    assert_eq!(read, Ok(temporary));
}

#[test]
fn any_of_the_secrets_may_have_signed() {
    let (own, root) = (Secret::new("own-secret"), Secret::new("rootpass123"));
    assert!(Claims::verify(&Secret::new(TEMPORARY_TOKEN), &[&own, &root], NOW).is_ok());
    assert_eq!(Claims::verify(&Secret::new(TEMPORARY_TOKEN), &[&own], NOW), Err(TokenError::Signature));
    assert_eq!(Claims::verify(&Secret::new(TEMPORARY_TOKEN), &[], NOW), Err(TokenError::Signature));
}

#[test]
fn a_token_ends_when_it_says_and_begins_when_it_says() {
    let secret = Secret::new("12345678");
    let verify = |payload: Value| Claims::verify(&claims(payload).sign(&secret), &[&secret], NOW).map(drop);
    let now = NOW.secs();
    assert_eq!(verify(json!({"accessKey": "a", "exp": now + 1})), Ok(()));
    assert_eq!(verify(json!({"accessKey": "a", "exp": now})), Err(TokenError::Expired));
    assert_eq!(verify(json!({"accessKey": "a", "nbf": now + 1})), Err(TokenError::NotYet));
    assert_eq!(verify(json!({"accessKey": "a", "iat": now + 1})), Err(TokenError::NotYet));
    assert_eq!(verify(json!({"accessKey": "a", "exp": "soon"})), Err(TokenError::Malformed));
    assert_eq!(verify(json!({"sub": "a"})), Ok(()));
    assert_eq!(verify(json!({"parent": "a"})), Err(TokenError::NoAccessKey));
}

#[test]
fn other_algorithms_are_refused_and_the_three_are_not_confused() {
    let secret = Secret::new("12345678");
    let payload = json!({"accessKey": "a"});
    let verify = |alg: &str| {
        let token = token(&json!({ "alg": alg }), &payload, "12345678");
        Claims::verify(&token, &[&secret], NOW).map(drop)
    };
    assert_eq!(verify("HS256"), Ok(()));
    assert_eq!(verify("HS512"), Err(TokenError::Signature), "signed with SHA-256");
    for alg in ["none", "None", "", "RS256", "hs256"] {
        assert_eq!(verify(alg), Err(TokenError::Algorithm), "{alg}");
    }
    let unsigned = [json!({"alg": "HS512"}), payload].map(|part| URL_SAFE_NO_PAD.encode(part.to_string())).join(".");
    assert_eq!(Claims::verify(&Secret::new(format!("{unsigned}.")), &[&secret], NOW), Err(TokenError::Signature));
}

#[test]
fn what_is_no_token_is_malformed() {
    let secret = Secret::new("12345678");
    for text in ["", "a", "a.b", "a.b.c", "..", "e30.e30", "!!.e30.AA", &"x".repeat(MAX_TOKEN + 1)] {
        let refused = Claims::verify(&Secret::new(text), &[&secret], NOW);
        assert!(matches!(refused, Err(TokenError::Malformed | TokenError::Algorithm)), "{text:.20}: {refused:?}");
    }
}

#[test]
fn claims_are_found_by_the_names_of_conditions() {
    let claims = claims(json!({"ldapUsername": "bob", "ldapUser": "uid=bob", "Email": "b@x", "groups": ["a", "b"]}));
    assert_eq!(claims.by_condition_name("username"), Some("bob"));
    assert_eq!(claims.by_condition_name("user"), Some("uid=bob"));
    assert_eq!(claims.by_condition_name("email"), Some("b@x"));
    assert_eq!(claims.by_condition_name("groups"), None, "it is a list");
    assert_eq!(claims.texts("groups"), Some(vec!["a".to_owned(), "b".to_owned()]));
}
