//! The server's configuration, typed, from the environment.
