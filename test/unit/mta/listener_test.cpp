#include "milterd/mta/listener.hpp"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <grp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <utility>

namespace milterd {
namespace {

class TempDirectory {
 public:
  TempDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "listener-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~TempDirectory() { std::filesystem::remove_all(path_); }
  TempDirectory(const TempDirectory&) = delete;
  TempDirectory& operator=(const TempDirectory&) = delete;
  std::string operator/(const char* name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

Listener::Settings at(const std::string& text) {
  return {parse_socket_address(text).value(), 0600, {}};
}

/// The errno of connecting to a unix socket; 0 for success.
int connect_local(const std::string& path) {
  const UniqueFd caller(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  return connect(caller.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 ? 0
                                                                                           : errno;
}

int connect_port(int port) {
  const UniqueFd caller(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return connect(caller.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 ? 0
                                                                                           : errno;
}

int port_of(const Listener& listener) {
  return std::stoi(listener.text().substr(listener.text().rfind(':') + 1));
}

bool readable(int descriptor) {
  pollfd waiting{descriptor, POLLIN, 0};
  return poll(&waiting, 1, 0) == 1;
}

TEST_CASE("listener: a unix socket takes connections and is gone afterwards") {
  const TempDirectory directory;
  const std::string path = directory / "s";
  {
    const auto listener = Listener::open(at("unix:" + path));
    REQUIRE(listener);
    CHECK(listener->text() == "unix:" + path);
    CHECK(connect_local(path) == 0);
  }
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("listener: mode and group of a unix socket are as configured") {
  const TempDirectory directory;
  const std::string path = directory / "s";
  const group* own = getgrgid(getegid());
  REQUIRE(own != nullptr);
  const auto listener = Listener::open({parse_socket_address(path).value(), 0617, own->gr_name});
  REQUIRE(listener);
  struct stat info{};
  REQUIRE(lstat(path.c_str(), &info) == 0);
  CHECK((info.st_mode & 07777) == 0617);
  CHECK(info.st_gid == getegid());
}

TEST_CASE("listener: an unknown group is an error and leaves no socket") {
  const TempDirectory directory;
  const std::string path = directory / "s";
  const auto listener = Listener::open({parse_socket_address(path).value(), 0660, "no-such-group"});
  REQUIRE_FALSE(listener);
  CHECK(listener.error().message == "socket_group \"no-such-group\": there is no such group");
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("listener: a stale unix socket is replaced") {
  const TempDirectory directory;
  const std::string path = directory / "s";
  {
    const UniqueFd dead(::socket(AF_UNIX, SOCK_STREAM, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    REQUIRE(bind(dead.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  }
  REQUIRE(connect_local(path) == ECONNREFUSED);
  const auto listener = Listener::open(at(path));
  REQUIRE(listener);
  CHECK(connect_local(path) == 0);
}

TEST_CASE("listener: a second instance is refused and the first goes on") {
  const TempDirectory directory;
  const std::string path = directory / "s";
  const auto first = Listener::open(at(path));
  REQUIRE(first);
  const auto second = Listener::open(at(path));
  REQUIRE_FALSE(second);
  CHECK(second.error().message ==
        "cannot listen on unix:" + path +
            ": another process serves there; stop that one or choose another path");
  CHECK(connect_local(path) == 0);
}

TEST_CASE("listener: a file that is no socket is left alone") {
  const TempDirectory directory;
  const std::string path = directory / "s";
  std::ofstream(path) << "precious";
  const auto listener = Listener::open(at(path));
  REQUIRE_FALSE(listener);
  CHECK(listener.error().message ==
        "cannot listen on unix:" + path +
            ": a file that is no socket stands there; move it away or choose another path");
  CHECK(std::filesystem::file_size(path) == 8);
}

TEST_CASE("listener: a missing directory is told by the system's own words") {
  const auto listener = Listener::open(at("unix:/no-such-directory/s"));
  REQUIRE_FALSE(listener);
  CHECK(listener.error().message ==
        "cannot listen on unix:/no-such-directory/s: bind: No such file or directory");
}

TEST_CASE("listener: a socket that somebody put in the place of ours stays") {
  const TempDirectory directory;
  const std::string path = directory / "s";
  auto first = Listener::open(at(path));
  REQUIRE(first);
  std::filesystem::rename(path, directory / "moved");
  const auto second = Listener::open(at(path));
  REQUIRE(second);
  *first = Listener();
  CHECK(connect_local(path) == 0);
}

TEST_CASE("listener: port 0 takes a free port and says which") {
  const auto listener = Listener::open(at("inet:127.0.0.1:0"));
  REQUIRE(listener);
  CHECK(port_of(*listener) > 0);
  CHECK(connect_port(port_of(*listener)) == 0);
}

TEST_CASE("listener: connections over TCP do not wait to fill a packet") {
  const auto listener = Listener::open(at("inet:127.0.0.1:0"));
  REQUIRE(listener);
  REQUIRE(connect_port(port_of(*listener)) == 0);
  const UniqueFd accepted(accept(listener->descriptor(), nullptr, nullptr));
  int on = 0;
  socklen_t size = sizeof on;
  REQUIRE(getsockopt(accepted.get(), IPPROTO_TCP, TCP_NODELAY, &on, &size) == 0);
  CHECK(on != 0);
}

TEST_CASE("listener: a port in use is an error that says so") {
  const auto first = Listener::open(at("inet:127.0.0.1:0"));
  REQUIRE(first);
  const auto second = Listener::open(at(first->text()));
  REQUIRE_FALSE(second);
  CHECK(second.error().message ==
        "cannot listen on " + first->text() +
            ": Address already in use; another process serves there: stop that one or choose "
            "another port");
}

TEST_CASE("listener: after the entrance is closed nobody gets in and the descriptor still polls") {
  const TempDirectory directory;
  const std::string path = directory / "s";
  for (const std::string& where : {std::string("inet:127.0.0.1:0"), "unix:" + path}) {
    CAPTURE(where);
    auto listener = Listener::open(at(where));
    REQUIRE(listener);
    const bool local = where.starts_with("unix:");
    const int port = local ? 0 : port_of(*listener);
    REQUIRE(listener->close_entrance());
    CHECK((local ? connect_local(path) : connect_port(port)) == (local ? ENOENT : ECONNREFUSED));
    CHECK(UniqueFd(accept(listener->descriptor(), nullptr, nullptr)));
    CHECK_FALSE(readable(listener->descriptor()));
    listener->wake_acceptor();
    CHECK(readable(listener->descriptor()));
    CHECK(UniqueFd(accept(listener->descriptor(), nullptr, nullptr)));
  }
}

TEST_CASE("listener: without a service manager nothing is inherited") {
  unsetenv("LISTEN_FDS");
  const auto inherited = Listener::inherit();
  REQUIRE(inherited);
  CHECK_FALSE(inherited->passed);
}

}  // namespace
}  // namespace milterd
