import Glibc

/// This process's id.
func currentProcess() -> Int32 { getpid() }
