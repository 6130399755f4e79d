#include "milterd/mta/connections.hpp"

#include <utility>

namespace milterd {

Connection& Connections::add(std::unique_ptr<Connection> connection, std::uint64_t limit) {
  Connection& added = *connection;
  const std::scoped_lock lock(mutex_);
  added.over_limit = admitted_ >= limit;
  admitted_ += added.over_limit ? 0 : 1;
  connections_.emplace(&added, std::move(connection));
  return added;
}

void Connections::remove(Connection& connection) {
  connection.session.reset();
  recount(connection);
  std::unique_ptr<Connection> removed;
  const std::scoped_lock lock(mutex_);
  if (const auto found = connections_.find(&connection); found != connections_.end()) {
    removed = std::move(found->second);
    admitted_ -= removed->over_limit ? 0 : 1;
    connections_.erase(found);
  }
}

void Connections::recount(Connection& connection) {
  const bool is_busy = connection.session && connection.session->in_transaction();
  if (is_busy == connection.counted_as_busy) {
    return;
  }
  connection.counted_as_busy = is_busy;
  const std::scoped_lock lock(mutex_);
  busy_ = is_busy ? busy_ + 1 : busy_ - 1;
  changed_.notify_all();
}

std::size_t Connections::open() const {
  const std::scoped_lock lock(mutex_);
  return admitted_;
}

std::size_t Connections::busy() const {
  const std::scoped_lock lock(mutex_);
  return busy_;
}

bool Connections::wait_until_idle(std::chrono::milliseconds settle,
                                  std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (!changed_.wait_until(lock, deadline, [this] { return busy_ == 0; })) {
      return false;
    }
    if (!changed_.wait_for(lock, settle, [this] { return busy_ != 0; })) {
      return true;
    }
  }
}

void Connections::cancel(CancelReason reason) {
  const std::scoped_lock lock(mutex_);
  for (const auto& [key, connection] : connections_) {
    connection->cancellation.cancel(reason);
  }
}

void Connections::clear() {
  decltype(connections_) doomed;
  const std::scoped_lock lock(mutex_);
  doomed.swap(connections_);
  admitted_ = busy_ = 0;
}

}  // namespace milterd
