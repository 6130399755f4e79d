#include "milterd/mta/listener.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <grp.h>
#include <memory>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string_view>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <utility>
#include <vector>

namespace milterd {
namespace {

std::string reason(int error) { return std::generic_category().message(error); }

template <class Address>
const sockaddr* generic(const Address& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

sockaddr_un local_address(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

/// Makes room for a unix socket at `path`.
Result<> remove_stale(const std::string& path) {
  struct stat info{};
  if (lstat(path.c_str(), &info) != 0) {
    return {};  // Whatever is wrong with the directory, bind() says it better.
  }
  if (!S_ISSOCK(info.st_mode)) {
    return fail("cannot listen on unix:" + path +
                ": a file that is no socket stands there; move it away or choose another path");
  }
  const UniqueFd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const auto address = local_address(path);
  if (connect(probe.get(), generic(address), sizeof address) == 0 || errno == EAGAIN) {
    return fail("cannot listen on unix:" + path +
                ": another process serves there; stop that one or choose another path");
  }
  if (errno != ECONNREFUSED && errno != ENOENT) {
    return fail("cannot listen on unix:" + path + ": cannot tell whether the socket there is in " +
                "use: " + reason(errno));
  }
  if (unlink(path.c_str()) != 0 && errno != ENOENT) {
    return fail("cannot remove the stale socket " + path + ": " + reason(errno) +
                "; remove it, or give milterd write permission for its directory");
  }
  return {};
}

Result<gid_t> find_group(const std::string& name) {
  std::vector<char> buffer(16384);
  group entry{};
  group* found = nullptr;
  const int error = getgrnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (found == nullptr) {
    return fail("socket_group \"" + name +
                "\": " + (error == 0 ? "there is no such group" : reason(error)));
  }
  return found->gr_gid;
}

struct AddressListDeleter {
  void operator()(addrinfo* list) const { freeaddrinfo(list); }
};
using AddressList = std::unique_ptr<addrinfo, AddressListDeleter>;

Result<AddressList> resolve(const SocketAddress& address) {
  addrinfo hints{};
  hints.ai_family = address.family == SocketAddress::Family::inet6 ? AF_INET6 : AF_INET;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* list = nullptr;
  const auto port = std::to_string(address.port);
  const int error = getaddrinfo(address.host.c_str(), port.c_str(), &hints, &list);
  if (error != 0) {
    return fail("cannot listen on " + address.text() + ": cannot resolve \"" + address.host +
                "\": " + (error == EAI_SYSTEM ? reason(errno) : gai_strerror(error)));
  }
  return AddressList(list);
}

std::uint16_t bound_port(int descriptor) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    return 0;
  }
  return ntohs(address.ss_family == AF_INET6
                   ? reinterpret_cast<const sockaddr_in6*>(&address)->sin6_port
                   : reinterpret_cast<const sockaddr_in*>(&address)->sin_port);
}

void set_option(int descriptor, int level, int option) {
  const int on = 1;
  // Both options only make things quicker; a socket without them serves as well.
  (void)setsockopt(descriptor, level, option, &on, sizeof on);
}

/// Connects to a unix socket by its own address, and leaves.
void call_local(int listening) {
  sockaddr_un address{};
  socklen_t size = sizeof address;
  const UniqueFd caller(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (getsockname(listening, reinterpret_cast<sockaddr*>(&address), &size) == 0 &&
      address.sun_family == AF_UNIX) {
    // A full queue wakes as well as one more in it.
    [[maybe_unused]] const int called = connect(caller.get(), generic(address), size);
  }
}

}  // namespace

Listener::~Listener() { unlink_path(); }

Listener::Listener(Listener&& other) noexcept
    : descriptor_(std::move(other.descriptor_)),
      handed_over_(std::exchange(other.handed_over_, -1)),
      nowhere_(std::move(other.nowhere_)),
      text_(std::move(other.text_)),
      path_(std::exchange(other.path_, {})),
      device_(other.device_),
      inode_(other.inode_),
      inherited_(other.inherited_) {}

Listener& Listener::operator=(Listener&& other) noexcept {
  if (this != &other) {
    unlink_path();
    descriptor_ = std::move(other.descriptor_);
    handed_over_ = std::exchange(other.handed_over_, -1);
    nowhere_ = std::move(other.nowhere_);
    text_ = std::move(other.text_);
    path_ = std::exchange(other.path_, {});
    device_ = other.device_;
    inode_ = other.inode_;
    inherited_ = other.inherited_;
  }
  return *this;
}

Result<Listener> Listener::open(const Settings& settings) {
  Listener listener;
  const bool local = settings.address.family == SocketAddress::Family::local;
  if (auto opened = local ? listener.open_local(settings) : listener.open_inet(settings); !opened) {
    return std::unexpected(std::move(opened.error()));
  }
  return listener;
}

Result<> Listener::open_local(const Settings& settings) {
  const std::string& path = settings.address.host;
  text_ = settings.address.text();
  const auto failed = [&](const char* what) {
    return fail("cannot listen on " + text_ + ": " + what + ": " + reason(errno));
  };
  if (auto free = remove_stale(path); !free) {
    return free;
  }
  descriptor_.reset(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const auto address = local_address(path);
  if (!descriptor_ || bind(descriptor_.get(), generic(address), sizeof address) != 0) {
    return failed("bind");
  }
  struct stat info{};
  if (lstat(path.c_str(), &info) == 0) {
    path_ = path;
    device_ = info.st_dev;
    inode_ = info.st_ino;
  }
  // Nobody can connect before listen(), so owner and mode are right from the first moment on.
  if (!settings.group.empty()) {
    const auto group = find_group(settings.group);
    if (!group) {
      return std::unexpected(group.error());
    }
    if (chown(path.c_str(), static_cast<uid_t>(-1), *group) != 0) {
      return fail("socket_group \"" + settings.group + "\": cannot give it to " + path + ": " +
                  reason(errno));
    }
  }
  if (chmod(path.c_str(), settings.mode) != 0) {
    return failed("chmod");
  }
  if (listen(descriptor_.get(), SOMAXCONN) != 0) {
    return failed("listen");
  }
  return {};
}

Result<> Listener::open_inet(const Settings& settings) {
  const auto list = resolve(settings.address);
  if (!list) {
    return std::unexpected(list.error());
  }
  const addrinfo& first = **list;
  descriptor_.reset(::socket(first.ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  set_option(descriptor_.get(), SOL_SOCKET, SO_REUSEADDR);
  // Accepted sockets inherit it, and libmilter never sets it: its small answers must not wait.
  set_option(descriptor_.get(), IPPROTO_TCP, TCP_NODELAY);
  if (!descriptor_ || bind(descriptor_.get(), first.ai_addr, first.ai_addrlen) != 0 ||
      listen(descriptor_.get(), SOMAXCONN) != 0) {
    const bool taken = errno == EADDRINUSE;
    return fail(
        "cannot listen on " + settings.address.text() + ": " + reason(errno) +
        (taken ? "; another process serves there: stop that one or choose another port" : ""));
  }
  SocketAddress bound = settings.address;
  bound.port = bound_port(descriptor_.get());
  text_ = bound.text();
  return {};
}

Result<Listener::Inherited> Listener::inherit() {
  const int count = sd_listen_fds(1);
  if (count <= 0) {
    return Inherited{};
  }
  Inherited inherited{true, {}};
  Listener& listener = inherited.listener;
  listener.descriptor_.reset(SD_LISTEN_FDS_START);
  listener.inherited_ = true;
  if (count > 1) {
    return fail("the service manager passed " + std::to_string(count) +
                " sockets, but milterd serves one; keep one Listen line in the socket unit");
  }
  if (sd_is_socket(SD_LISTEN_FDS_START, AF_UNSPEC, SOCK_STREAM, 1) <= 0) {
    return fail("what the service manager passed is no listening stream socket; use ListenStream=");
  }
  if (sd_is_socket(SD_LISTEN_FDS_START, AF_UNIX, SOCK_STREAM, 1) <= 0) {
    set_option(SD_LISTEN_FDS_START, IPPROTO_TCP, TCP_NODELAY);
  }
  listener.text_ = "the socket of the service manager";
  return inherited;
}

Result<> Listener::close_entrance() {
  // A name that the kernel picks, in no directory. Whoever finds it in spite of that is a new
  // session, and new sessions are refused by now.
  nowhere_.reset(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (!nowhere_ || bind(nowhere_.get(), generic(address), sizeof(sa_family_t)) != 0 ||
      listen(nowhere_.get(), 1) != 0) {
    return fail("cannot make a socket that nobody reaches: " + reason(errno));
  }
  // A poll() that is under way sleeps on the old socket and, once woken, looks at what stands in
  // its place. So that must have something to take by then, or the poll sleeps on, woken by
  // neither.
  call_local(nowhere_.get());
  const UniqueFd entrance(fcntl(descriptor(), F_DUPFD_CLOEXEC, 3));
  if (!entrance || dup3(nowhere_.get(), descriptor(), O_CLOEXEC) < 0) {
    return fail("cannot close " + text_ + ": " + reason(errno));
  }
  // Whoever polls the old socket keeps it alive, so closing alone would go on taking connections,
  // and a unix socket's shutdown alone does not wake the poll. The service manager's own copy would
  // be shut down as well, though.
  if (!inherited_) {
    call_local(entrance.get());
    (void)shutdown(entrance.get(), SHUT_RDWR);
  }
  unlink_path();
  return {};
}

void Listener::wake_acceptor() const { call_local(nowhere_.get()); }

void Listener::unlink_path() {
  struct stat info{};
  if (!path_.empty() && lstat(path_.c_str(), &info) == 0 && info.st_dev == device_ &&
      info.st_ino == inode_) {
    (void)unlink(path_.c_str());
  }
  path_.clear();
}

}  // namespace milterd
