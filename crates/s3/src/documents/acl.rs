//! Access control lists: there is only one, which gives the owner everything.

use crate::xml::{Reader, XmlError};

/// The answer to every question for an ACL.
pub const ACL: &str = "<AccessControlPolicy><Owner><ID></ID><DisplayName></DisplayName></Owner><AccessControlList>\
    <Grant><Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"CanonicalUser\">\
    <Type>CanonicalUser</Type></Grantee><Permission>FULL_CONTROL</Permission></Grant></AccessControlList>\
    </AccessControlPolicy>";

/// Whether a list's first grant gives full control, as the one list there is does.
pub fn grants_full_control(document: &[u8]) -> Result<bool, XmlError> {
    let mut xml = Reader::open(document, "AccessControlPolicy")?;
    let mut first = None;
    while let Some(name) = xml.child()? {
        if name != "AccessControlList" {
            xml.skip()?;
            continue;
        }
        while let Some(name) = xml.child()? {
            if name != "Grant" {
                xml.skip()?;
                continue;
            }
            let permission = permission(&mut xml)?;
            first = first.or(Some(permission));
        }
    }
    Ok(first.as_deref() == Some("FULL_CONTROL"))
}

fn permission(xml: &mut Reader<'_>) -> Result<String, XmlError> {
    let mut permission = String::new();
    while let Some(name) = xml.child()? {
        match name.as_str() {
            "Permission" => permission = xml.text()?,
            _ => xml.skip()?,
        }
    }
    Ok(permission)
}
