#include "plugins/clamav/memory_allocator.hpp"

#include <malloc.h>

namespace milterd::clamav {
namespace {

constexpr int mebibyte = 1024 * 1024;
/// Larger blocks are the message's own, not libclamav's tables: they go back at once.
constexpr int mapped_from = 32 * mebibyte;
/// More than this at the end of an arena goes back.
constexpr int kept_at_most = 64 * mebibyte;
/// libmilter's threads come and go, and each arena that one of them has used keeps its memory.
constexpr int arenas = 4;

}  // namespace

void keep_scan_memory() {
  // What the allocator refuses stays as it was: slower, not wrong.
  ::mallopt(M_MMAP_THRESHOLD, mapped_from);
  ::mallopt(M_TRIM_THRESHOLD, kept_at_most);
  ::mallopt(M_ARENA_MAX, arenas);
}

void return_free_memory() { ::malloc_trim(0); }

}  // namespace milterd::clamav
