//! The S3 protocol: operations, XML, streaming bodies, errors.
