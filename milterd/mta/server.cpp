#include "milterd/mta/server.hpp"

#include <libmilter/mfapi.h>
#include <pthread.h>
#include <sys/stat.h>
#include <system_error>
#include <utility>

#include "milterd/mta/callbacks.hpp"
#include "milterd/mta/libmilter_log.hpp"
#include "milterd/mta/socket_address.hpp"

namespace milterd {
namespace {

// libmilter's own limit, 64 KiB a packet, cuts the connection of MTAs with longer header fields.
constexpr std::size_t largest_packet = 1024 * 1024;
// Scanners want this much; libmilter makes its threads with the default attributes.
constexpr std::size_t least_stack = 2 * 1024 * 1024;
// Seconds that the rest of a packet may take, and an idle connection may stay: longer than any
// SMTP timeout of an MTA (RFC 5321 section 4.5.3.2).
constexpr int packet_timeout = 3600;
// Between the end of xxfi_eom and libmilter's write of its answer nothing tells us when it is done.
constexpr std::chrono::milliseconds settle_time{100};
constexpr std::chrono::milliseconds callback_patience{2'000};
constexpr std::chrono::milliseconds wake_interval{20};

void ensure_stack_size() {
  pthread_attr_t attributes;
  std::size_t size = 0;
  if (pthread_getattr_default_np(&attributes) != 0) {
    return;
  }
  if (pthread_attr_getstacksize(&attributes, &size) == 0 && size < least_stack &&
      pthread_attr_setstacksize(&attributes, least_stack) == 0) {
    (void)pthread_setattr_default_np(&attributes);
  }
  pthread_attr_destroy(&attributes);
}

bool open_socket(std::string where) {
  return smfi_setconn(where.data()) == MI_SUCCESS && smfi_opensocket(false) == MI_SUCCESS;
}

std::string libmilter_text(const SocketAddress& address) {
  const std::string port = std::to_string(address.port);
  switch (address.family) {
    case SocketAddress::Family::local: return address.text();
    case SocketAddress::Family::inet: return "inet:" + port + "@" + address.host;
    case SocketAddress::Family::inet6: return "inet6:" + port + "@" + address.host;
  }
  return {};
}

}  // namespace

std::string libmilter_version() {
  unsigned major = 0;
  unsigned minor = 0;
  unsigned patch = 0;
  (void)smfi_version(&major, &minor, &patch);
  return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
}

Result<std::unique_ptr<Server>> Server::start(Settings settings) {
  std::unique_ptr<Server> server(new Server(settings));
  if (auto serving = server->serve(); !serving) {
    return std::unexpected(std::move(serving.error()));
  }
  return server;
}

Server::Server(Settings& settings)
    : listener_(std::move(settings.listener)),
      log_(settings.log),
      state_(std::make_unique<SharedState>(settings.log, settings.progress_interval)) {
  state_->pipeline.store(std::move(settings.pipeline));
}

Server::~Server() {
  if (!stop()) {
    [[maybe_unused]] const SharedState* still_used = state_.release();
  }
}

Result<> Server::serve() {
  set_libmilter_log(&log_);
  ensure_stack_size();
  (void)smfi_setmaxdatasize(largest_packet);
  (void)smfi_settimeout(packet_timeout);
  if (smfi_register(milter_description()) != MI_SUCCESS) {
    return fail("libmilter refuses to start; its reason stands in the log");
  }
  if (auto handed_over = hand_over_socket(); !handed_over) {
    return handed_over;
  }
  open_callback_gate(*state_);
  running_.store(true);
  try {
    libmilter_ = std::thread([this] {
      (void)smfi_main();
      running_.store(false);
    });
  } catch (const std::system_error& error) {
    running_.store(false);
    return fail(std::string("cannot start libmilter's thread: ") + error.what());
  }
  return {};
}

/// Debian's libmilter takes a listening socket as "fd:N". Others open their own, which nobody can
/// take away from them before they end.
Result<> Server::hand_over_socket() {
  if (open_socket("fd:" + std::to_string(listener_.descriptor()))) {
    (void)listener_.hand_over();
    return {};
  }
  if (listener_.is_inherited()) {
    return fail("this libmilter cannot take over the service manager's socket; start milterd " +
                std::string("without the socket unit"));
  }
  const SocketAddress address = parse_socket_address(listener_.text()).value();
  listener_ = Listener();
  owns_socket_ = false;
  log_.warn("start.without_drain",
            {{"reason", "this libmilter does not take a socket of ours"},
             {"effect", "a stop cuts open sessions, socket_group is not set, mode is 0660"}});
  const mode_t before = umask(0117);
  const bool opened = open_socket(libmilter_text(address));
  umask(before);
  return opened ? Result<>{} : fail("libmilter cannot listen on " + address.text());
}

void Server::store(std::shared_ptr<const Pipeline> pipeline) {
  state_->pipeline.store(std::move(pipeline));
}

bool Server::drain(std::chrono::milliseconds patience) {
  state_->draining.store(true);
  close_entrance();
  const auto deadline = std::chrono::steady_clock::now() + patience;
  const bool idle = state_->connections.wait_until_idle(settle_time, deadline);
  const auto busy = std::to_string(state_->connections.busy());
  const auto open = std::to_string(state_->connections.open());
  if (idle) {
    log_.info("drain.done", {{"open_sessions", open}});
  } else {
    log_.warn("drain.incomplete", {{"messages_in_hand", busy},
                                   {"open_sessions", open},
                                   {"effect", "the MTA will try these messages again"}});
  }
  return idle;
}

void Server::close_entrance() {
  if (!owns_socket_ || std::exchange(entrance_closed_, true)) {
    return;
  }
  if (auto closed = listener_.close_entrance(); !closed) {
    log_.warn("drain.entrance_open", {{"reason", closed.error().message}});
  }
}

bool Server::stop() {
  if (stopped_) {
    return true;
  }
  state_->draining.store(true);
  close_entrance();
  {
    // libmilter polls the socket with a lock held that smfi_stop() wants, and for up to 5 seconds.
    const std::jthread waker([this](const std::stop_token& done) {
      while (!done.stop_requested()) {
        listener_.wake_acceptor();
        std::this_thread::sleep_for(wake_interval);
      }
    });
    (void)smfi_stop();
    if (libmilter_.joinable()) {
      libmilter_.join();
    }
  }
  state_->connections.cancel(CancelReason::shut_down);
  const bool quiet = close_callback_gate(callback_patience);
  if (quiet) {
    state_->connections.clear();
    stopped_ = true;
    set_libmilter_log(nullptr);
  }
  return quiet;
}

}  // namespace milterd
