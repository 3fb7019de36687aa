//! The protocol, request by request, on a whole server without its sockets.

mod buckets;
mod listings;
mod objects;
mod server;
mod uploads;
mod versions;
