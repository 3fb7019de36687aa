//! Times in conditions: RFC 3339.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

pub(super) fn parse(text: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(text, &Rfc3339).ok()
}
