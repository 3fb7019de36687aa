//! A process that is forbidden a system call, as containers do it.

use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;

/// The call fails with EPERM in the process (seccomp(2)), and works in all others.
pub fn io_uring(command: &mut Command) {
    /// Offset of the call's number in what a filter sees (`struct seccomp_data`).
    const NUMBER: u32 = 0;
    let statement = |code: u32, k: u32| filter(code, 0, 0, k);
    let setup = u32::try_from(libc::SYS_io_uring_setup).unwrap();
    let refused = libc::SECCOMP_RET_ERRNO | u32::try_from(libc::EPERM).unwrap();
    let filters = [
        statement(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, NUMBER),
        filter(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, 0, 1, setup),
        statement(libc::BPF_RET | libc::BPF_K, refused),
        statement(libc::BPF_RET | libc::BPF_K, libc::SECCOMP_RET_ALLOW),
    ];
    let apply = move || {
        let mut filters = filters;
        let program = libc::sock_fprog { len: 4, filter: filters.as_mut_ptr() };
        // SAFETY: both calls take numbers, and a pointer to a program and its four filters that outlive the call; they are
        // allowed between fork and exec.
        let refused = unsafe {
            libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0
                || libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &raw const program) != 0
        };
        if refused { Err(io::Error::last_os_error()) } else { Ok(()) }
    };
    // SAFETY: the closure makes two system calls and allocates nothing.
    unsafe { command.pre_exec(apply) };
}

fn filter(code: u32, jt: u8, jf: u8, k: u32) -> libc::sock_filter {
    libc::sock_filter { code: u16::try_from(code).unwrap(), jt, jf, k }
}
