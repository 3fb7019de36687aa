use super::*;

fn document(default: &str) -> String {
    format!(
        "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>{default}\
         </ApplyServerSideEncryptionByDefault><BucketKeyEnabled>true</BucketKeyEnabled></Rule>\
         </ServerSideEncryptionConfiguration>"
    )
}

fn refused(document: &str) -> String {
    match DefaultEncryption::parse(document.as_bytes()) {
        Err(ServiceError::MalformedDocument { reason }) => reason,
        other => panic!("{other:?}"),
    }
}

#[test]
fn both_kinds_are_kept_as_they_were_meant() {
    let server = DefaultEncryption::parse(document("<SSEAlgorithm>AES256</SSEAlgorithm>").as_bytes()).unwrap();
    assert!(matches!(server.encryption(), Encryption::Server));
    assert_eq!(
        server.to_xml(),
        "<ServerSideEncryptionConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Rule>\
         <ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault>\
         </Rule></ServerSideEncryptionConfiguration>"
    );
    let text = document("<SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>arn:aws:kms:k1</KMSMasterKeyID>");
    let kms = DefaultEncryption::parse(text.as_bytes()).unwrap();
    assert!(kms.to_xml().contains("<KMSMasterKeyID>arn:aws:kms:k1</KMSMasterKeyID>"));
    let Encryption::KeyService { key_id, context } = kms.encryption() else { panic!("not SSE-KMS") };
    assert_eq!((key_id.as_deref(), context.is_empty()), (Some("k1"), true));
    assert_eq!(DefaultEncryption::parse(kms.to_xml().as_bytes()).unwrap(), kms);
    assert_eq!(DefaultEncryption::from_stored(b"").unwrap(), None);
}

#[test]
fn what_cant_be_meant_is_refused() {
    assert_eq!(
        refused("<ServerSideEncryptionConfiguration/>"),
        "only one server-side encryption rule is allowed at a time"
    );
    assert_eq!(
        refused("<ServerSideEncryptionConfiguration><Rule/><Rule/></ServerSideEncryptionConfiguration>"),
        "only one server-side encryption rule is allowed at a time"
    );
    let with_key = document("<SSEAlgorithm>AES256</SSEAlgorithm><KMSMasterKeyID>k</KMSMasterKeyID>");
    assert_eq!(refused(&with_key), "MasterKeyID is allowed with aws:kms only");
    assert_eq!(refused(&document("<SSEAlgorithm>aws:kms</SSEAlgorithm>")), "MasterKeyID is missing with aws:kms");
    assert_eq!(refused(&document("<SSEAlgorithm>aws:kms:dsse</SSEAlgorithm>")), "Unknown SSE algorithm");
    assert_eq!(refused(&document("")), "Unknown SSE algorithm");
}
