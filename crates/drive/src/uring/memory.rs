//! Whether the page cache has room.

/// Free memory below this part of all makes the kernel drop pages for new ones, or is about to: what files are read into then
/// was somebody's.
const FREE_PART: u64 = 16;

/// Whether what is read into the page cache drives out something else.
pub(super) fn is_full() -> bool {
    let info = rustix::system::sysinfo();
    info.freeram < info.totalram / FREE_PART
}
