#pragma once
/// A stream socket whose every operation has a deadline.

#include <chrono>
#include <cstddef>
#include <span>
#include <string_view>

#include "milterd/result.hpp"
#include "plugins/chained_milter/protocol/endpoint.hpp"

namespace milterd::milter {

using Clock = std::chrono::steady_clock;

/// Errors say what happened, not on what: "connection refused", "no answer for 30.0 s".
class MilterSocket {
 public:
  /// Tries each address that the host has. A name is looked up by the system's resolver, whose time
  /// limits are its own: name hosts that /etc/hosts knows, or addresses.
  static Result<MilterSocket> connect(const Endpoint& endpoint, Clock::time_point deadline);
  /// Takes over a connected stream socket.
  explicit MilterSocket(int descriptor);
  ~MilterSocket();
  MilterSocket(MilterSocket&& other) noexcept;
  MilterSocket& operator=(MilterSocket&& other) noexcept;
  MilterSocket(const MilterSocket&) = delete;
  MilterSocket& operator=(const MilterSocket&) = delete;

  /// All of `first` and then of `second`.
  Result<> send(std::string_view first, std::string_view second, Clock::time_point deadline);
  /// As much of it as the system takes without waiting: so many bytes.
  std::size_t send_now(std::string_view bytes) noexcept;
  /// At least one byte; 0 where the other side has closed.
  Result<std::size_t> receive(std::span<char> space, Clock::time_point deadline);

 private:
  int descriptor_;
};

}  // namespace milterd::milter
