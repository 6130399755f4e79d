#pragma once
/// libmilter, served: from the listening socket to the last answer.

#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "milterd/log.hpp"
#include "milterd/mta/callback_gate.hpp"
#include "milterd/mta/listener.hpp"
#include "milterd/pipeline/pipeline.hpp"
#include "milterd/result.hpp"

namespace milterd {

/// "1.0.1"
std::string libmilter_version();

/// One per process, and it cannot be started twice: so it is with libmilter. Used by one thread.
class Server {
 public:
  struct Settings {
    Listener listener;
    std::shared_ptr<const Pipeline> pipeline;
    Logger& log;  ///< Outlives the server.
    std::chrono::milliseconds progress_interval{2'000};
  };
  /// Serves from when it returns. Error: libmilter refuses to start, or a thread cannot be made.
  static Result<std::unique_ptr<Server>> start(Settings settings);
  /// Stops without waiting for messages in hand; drain() before is the friendly way.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// New connections get this pipeline; those that are open keep theirs.
  void store(std::shared_ptr<const Pipeline> pipeline);
  /// False when libmilter has given up by itself; it has said why in the log.
  bool running() const { return running_.load(); }
  /// Takes no new connection, refuses new messages with 421 4.3.2, and returns when no message is
  /// in hand any more, or after `patience`. True when all have ended.
  bool drain(std::chrono::milliseconds patience);
  /// Ends libmilter and all sessions. False when a callback is still under way: then nothing that
  /// callbacks use may be destroyed, and the process should end by _exit(2).
  bool stop();
  /// As smtpd_milters takes it.
  const std::string& address() const { return listener_.text(); }

 private:
  explicit Server(Settings& settings);
  Result<> serve();
  Result<> hand_over_socket();
  void close_entrance();

  Listener listener_;
  Logger& log_;
  bool owns_socket_ = true;  ///< libmilter took ours, and did not make one of its own.
  bool entrance_closed_ = false;
  bool stopped_ = false;
  std::atomic<bool> running_ = false;
  std::unique_ptr<SharedState> state_;
  std::thread libmilter_;
};

}  // namespace milterd
