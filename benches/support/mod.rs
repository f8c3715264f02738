//! What more than one bench measures.
#![allow(missing_docs, reason = "a bench")]

/// The most memory this process ever had resident, in bytes; zero where the
/// system does not say.
pub fn most_resident_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").trim().parse::<u64>().ok());
    kib.unwrap_or(0) * 1024
}
