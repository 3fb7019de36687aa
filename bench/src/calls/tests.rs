use super::{an_operation, read_perf, read_strace};

#[test]
fn reads_what_perf_prints() {
    let text = "# started on Mon Nov 23\n\n5000,,raw_syscalls:sys_enter,100,100.00,,\n400,,syscalls:sys_enter_fdatasync,100,100.00,,\n\
                0,,syscalls:sys_enter_open,0,100.00,,\n1000,,syscalls:sys_enter_newfstatat,1,1,,\n<not counted>,,syscalls:sys_enter_write,,,,\n";
    let calls = an_operation("perf", read_perf(text), 100);
    assert_eq!((calls.all, calls.syncs), (50.0, 4.0));
    assert_eq!(calls.named, [("newfstatat".to_owned(), 10.0), ("fdatasync".to_owned(), 4.0)]);
}

#[test]
fn reads_what_strace_prints() {
    let text = "\
% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
 60.00    0.001000          10       300        20 futex
 40.00    0.000500           5       100           fsync
------ ----------- ----------- --------- --------- ----------------
100.00    0.001500           3       400        20 total
";
    let calls = an_operation("strace", read_strace(text), 10);
    assert_eq!((calls.all, calls.syncs), (40.0, 10.0));
    assert_eq!(calls.named[0], ("futex".to_owned(), 30.0));
}
