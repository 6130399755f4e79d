#pragma once
/// How much memory the process may still take.

#include <cstdint>
#include <optional>
#include <string>

namespace milterd::clamav {

/// Bytes: what the kernel calls available, or what is left below the limit of a control group (of
/// version 2 or 1) that the process is in, whichever is less. Pages that only cache files count as
/// free there, since they are given up. Empty where nothing can be read. `root` is for tests: the
/// directory that holds proc/ and sys/.
std::optional<std::uint64_t> available_memory(const std::string& root = "/");

/// Bytes for an engine, where the last one took `engine` bytes for files of `old_size`, and now
/// they are of `new_size`. Rather too many.
std::uint64_t memory_needed(std::uint64_t engine, std::uint64_t old_size, std::uint64_t new_size);

/// Bytes of this process in memory now; 0 where they cannot be read.
std::uint64_t resident_memory();

}  // namespace milterd::clamav
