//! The use cases: authorize, apply the bucket's rules, call the store.
