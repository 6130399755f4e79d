#pragma once
/// libopendkim with its handles owned. The only file that includes its header.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

// The header says _Bool, which C++ does not know, and has casts that our warnings dislike.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
// NOLINTNEXTLINE(bugprone-reserved-identifier): the name is the header's.
#define _Bool bool
#include <dkim.h>
#undef _Bool
#pragma GCC diagnostic pop

#include "milterd/result.hpp"
#include "milterd/transaction.hpp"

namespace milterd::dkim {

struct CloseLibrary {
  void operator()(DKIM_LIB* library) const { dkim_close(library); }
};
struct FreeMessage {
  void operator()(DKIM* message) const { dkim_free(message); }
};
using LibraryHandle = std::unique_ptr<DKIM_LIB, CloseLibrary>;
using MessageHandle = std::unique_ptr<DKIM, FreeMessage>;

/// A library instance for verifying. It judges neither the age of signatures nor the size of keys:
/// both are ours to judge, by the time that the message is judged by. It evaluates every signature
/// in dkim_eom() as far as the hashes, and is told that there are no keys: it would parse them anew
/// for each message, which takes longer than all the rest.
///
/// `earliest` is the earliest t= it will see, in seconds since 1970: the library's allowance for
/// clocks is subtracted from t= without a check for underflow. Cheap to make (1 us). Thread-safe.
/// Error: no memory, or a library that is not the one this was written for.
Result<LibraryHandle> open_library(std::uint64_t earliest);

/// Any t= from 2001-09-09 on; no DKIM signature is older.
inline constexpr std::uint64_t usual_earliest = 1'000'000'000;

/// The library can be fed with a field: it reads some as C strings and refuses strange names.
bool is_feedable(const HeaderField& field);

/// For the library's arguments, none of which it writes to.
inline unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<unsigned char*>(const_cast<char*>(text.data()));
}

/// "libopendkim cannot WHAT: why"
std::unexpected<Error> library_failure(std::string_view what, DKIM* message, DKIM_STAT status);

/// In pieces, so that `deadline` is looked at now and then.
Result<> feed_body(DKIM* message, std::string_view body,
                   std::chrono::steady_clock::time_point deadline);

/// The end of the message. Error: the library failed; that signatures are bad is none.
Result<> finish(DKIM* message);

/// Those that the library has found, in message order.
std::span<DKIM_SIGINFO*> signatures_of(DKIM* message);

/// Views into the memory of the message.
struct HashViews {
  std::string_view header;
  std::string_view body;
};

/// Of a message that is finished. Only where the library has hashed the signature: it aborts
/// otherwise.
Result<HashViews> hashes_of(DKIM* message, DKIM_SIGINFO* signature);

}  // namespace milterd::dkim
