//! The protocol, request by request, on a whole server without its sockets.

mod access;
mod buckets;
mod conditions;
mod configurations;
mod cors;
mod forms;
mod identities;
mod lifecycle;
mod listings;
mod objects;
mod permissions;
mod select;
mod server;
mod uploads;
mod versions;
