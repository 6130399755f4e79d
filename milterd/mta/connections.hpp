#pragma once
/// All connections that are open, and how many of them have a message in hand.

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "milterd/mta/connection.hpp"

namespace milterd {

/// Thread-safe; each Connection itself belongs to the caller whose turn it is.
class Connections {
 public:
  /// Takes `connection` in, and sets its over_limit if `limit` others are open already that were
  /// not themselves over it.
  Connection& add(std::unique_ptr<Connection> connection, std::uint64_t limit);
  /// Destroys it, outside of any lock.
  void remove(Connection& connection);
  /// To be called whenever a transaction may have begun or ended on it.
  void recount(Connection& connection);

  std::size_t open() const;  ///< Without those over the limit.
  std::size_t busy() const;
  /// True as soon as no connection has had a message in hand for `settle`; false at the deadline.
  bool wait_until_idle(std::chrono::milliseconds settle,
                       std::chrono::steady_clock::time_point deadline);
  /// Tells all that is under way that it is for nobody any more.
  void cancel(CancelReason reason);
  /// Destroys all; only once no callback can run any more.
  void clear();

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::unordered_map<const Connection*, std::unique_ptr<Connection>> connections_;
  std::size_t admitted_ = 0;
  std::size_t busy_ = 0;
};

}  // namespace milterd
