#pragma once
/// How the C library's allocator is set for scanning. For the whole process.

namespace milterd::clamav {

/// A scan of the smallest message takes some forty blocks of half a megabyte. By default each is
/// mapped, its pages are cleared as they are touched, and it is given back: half of the CPU of a
/// scan (docs/findings.md). From now on such blocks stay with the process, within bounds: some tens
/// of megabytes in each of a few arenas. Before any thread starts.
void keep_scan_memory();

/// Gives back what is free, after an engine has gone. Thread-safe.
void return_free_memory();

}  // namespace milterd::clamav
