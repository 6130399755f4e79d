#pragma once
/// A libunbound context that forwards every question to the configured nameservers.

#include <cstddef>
#include <memory>

#include "milterd/config/config.hpp"
#include "milterd/result.hpp"

struct ub_ctx;

namespace milterd {

/// Waits for libunbound's thread; what is under way is dropped and its callbacks are not called.
struct UnboundContextDeleter {
  void operator()(ub_ctx* context) const;
};
using UnboundContext = std::unique_ptr<ub_ctx, UnboundContextDeleter>;

/// The most look-ups that may be under way, each of which can hold a socket: 4,096, but no more
/// than a quarter of the descriptors that this process may have.
std::size_t most_lookups();

/// A name that libunbound denies by itself, without asking a nameserver (RFC 6761 section 6.4).
inline constexpr const char* internal_name = "milterd.invalid";

/// Error: which nameserver is wrong and why, or why the system's list or the trust anchor file
/// cannot be read.
Result<UnboundContext> make_unbound_context(const DnsSettings& settings);

}  // namespace milterd
