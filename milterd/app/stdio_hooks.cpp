/// Two functions of the C library that libclamav calls once for each byte of its signature files,
/// taken over for the whole process: linked into the executable itself, which exports its symbols,
/// so the dynamic linker prefers these.
///
/// As soon as a process has a second thread, getting a byte locks and unlocks its stream: that was
/// three fifths of the time that a database took to load (docs/findings.md). No stream is shared
/// between threads here: whoever reads a file with stdio, libraries included, opened it for itself.

#include <cstdio>

// They may be macros.
#undef fgetc
#undef feof

extern "C" {

[[gnu::visibility("default")]] int fgetc(std::FILE* stream) { return fgetc_unlocked(stream); }

[[gnu::visibility("default")]] int feof(std::FILE* stream) noexcept {
  return feof_unlocked(stream);
}
}
