#include "plugins/dkim/opendkim.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "plugins/dkim/signature_header.hpp"

namespace milterd::dkim {

namespace {

template <class T>
bool set_option(DKIM_LIB* library, dkim_opts_t option, T value) {
  return dkim_options(library, DKIM_OP_SETOPT, option, &value, sizeof value) == DKIM_STAT_OK;
}

/// Never DKIM_CBSTAT_DEFAULT: the library aborts on some signatures then.
DKIM_CBSTAT no_key(DKIM* /*message*/, DKIM_SIGINFO* /*signature*/, unsigned char* /*buffer*/,
                   std::size_t /*size*/) {
  return DKIM_CBSTAT_NOTFOUND;
}

}  // namespace

Result<LibraryHandle> open_library(std::uint64_t earliest) {
  LibraryHandle library(dkim_init(nullptr, nullptr));
  if (!library) {
    return fail("cannot start libopendkim: out of memory");
  }
  constexpr unsigned int flags = DKIM_LIBFLAGS_DELAYSIGPROC | DKIM_LIBFLAGS_BADSIGHANDLES;
  constexpr unsigned int any_key_size = 0;
  const std::uint64_t clock_drift = std::min(earliest, usual_earliest);
  if (!set_option(library.get(), DKIM_OPTS_FLAGS, flags) ||
      !set_option(library.get(), DKIM_OPTS_MINKEYBITS, any_key_size) ||
      !set_option(library.get(), DKIM_OPTS_CLOCKDRIFT, clock_drift) ||
      dkim_set_key_lookup(library.get(), no_key) != DKIM_STAT_OK) {
    return fail("cannot start libopendkim: it refuses our options; 2.11 is the version that fits");
  }
  return library;
}

bool is_feedable(const HeaderField& field) {
  const std::string_view name = trimmed_name(field);
  return !name.empty() && field.name().find('\t') == std::string_view::npos &&
         field.text().find('\0') == std::string_view::npos &&
         std::ranges::all_of(name, [](char c) { return c > ' ' && c < 0x7f && c != ';'; });
}

std::unexpected<Error> library_failure(std::string_view what, DKIM* message, DKIM_STAT status) {
  const char* result = dkim_getresultstr(status);
  const char* detail = dkim_geterror(message);
  std::string text = "libopendkim cannot ";
  text += what;
  text += ": ";
  text += result == nullptr ? "error " + std::to_string(status) : result;
  if (detail != nullptr && *detail != '\0') {
    text += std::string(" (") + detail + ')';
  }
  return fail(std::move(text));
}

Result<> feed_body(DKIM* message, std::string_view body,
                   std::chrono::steady_clock::time_point deadline) {
  constexpr std::size_t piece = 1024 * 1024;
  // SMTP has a line end there; without it the library refuses a relaxed body.
  std::string_view end = body.empty() || body.ends_with("\r\n") ? "" : "\r\n";
  while (!body.empty()) {
    const std::string_view next = body.substr(0, piece);
    if (const DKIM_STAT status = dkim_body(message, bytes(next), next.size());
        status != DKIM_STAT_OK) {
      return library_failure("hash the body", message, status);
    }
    body.remove_prefix(next.size());
    if (body.empty()) {
      body = std::exchange(end, {});
    } else if (std::chrono::steady_clock::now() >= deadline) {
      return fail("cannot hash the body: the time for this message is over");
    }
  }
  return {};
}

Result<> finish(DKIM* message) {
  switch (const DKIM_STAT status = dkim_eom(message, nullptr); status) {
    case DKIM_STAT_OK:
    case DKIM_STAT_BADSIG:
    case DKIM_STAT_NOSIG:
    case DKIM_STAT_NOKEY:
    case DKIM_STAT_CANTVRFY:
    case DKIM_STAT_SYNTAX:
    case DKIM_STAT_REVOKED:
    case DKIM_STAT_KEYFAIL:
    case DKIM_STAT_MULTIDNSREPLY: return {};
    default: return library_failure("finish the message", message, status);
  }
}

std::span<DKIM_SIGINFO*> signatures_of(DKIM* message) {
  DKIM_SIGINFO** list = nullptr;
  int count = 0;
  if (dkim_getsiglist(message, &list, &count) != DKIM_STAT_OK || list == nullptr) {
    return {};
  }
  return {list, static_cast<std::size_t>(count)};
}

Result<HashViews> hashes_of(DKIM* message, DKIM_SIGINFO* signature) {
  void* header = nullptr;
  void* body = nullptr;
  std::size_t header_size = 0;
  std::size_t body_size = 0;
  if (const DKIM_STAT status =
          dkim_sig_gethashes(signature, &header, &header_size, &body, &body_size);
      status != DKIM_STAT_OK) {
    return library_failure("hash the message", message, status);
  }
  return HashViews{.header = {static_cast<const char*>(header), header_size},
                   .body = {static_cast<const char*>(body), body_size}};
}

}  // namespace milterd::dkim
