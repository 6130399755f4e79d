#include "test/support/nameserver.hpp"

#include <arpa/inet.h>
#include <array>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <signal.h>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

namespace milterd {
namespace {

constexpr int most_tries = 20;

[[noreturn]] void give_up(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

std::string make_directory() {
  std::string path = (std::filesystem::temp_directory_path() / "milterd-test-XXXXXX").string();
  if (mkdtemp(path.data()) == nullptr) {
    give_up("cannot make " + path);
  }
  return path;
}

void write_configuration(const std::string& path, int port, std::string_view zone_data) {
  std::ofstream file(path);
  file << "server:\n"
          "  interface: 127.0.0.1\n"
          "  port: "
       << port
       << "\n"
          "  chroot: \"\"\n  username: \"\"\n  directory: \"\"\n  pidfile: \"\"\n"
          "  use-syslog: no\n  logfile: \"\"\n  do-daemonize: no\n"
          "  do-not-query-localhost: no\n  module-config: \"iterator\"\n"
          "  local-zone: \"test.\" static\n"
       << zone_data;
}

}  // namespace

int free_port() {
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  if (descriptor < 0 || bind(descriptor, any, size) != 0 ||
      getsockname(descriptor, any, &size) != 0) {
    give_up("cannot find a free port");
  }
  close(descriptor);
  return ntohs(address.sin_port);
}

Nameserver::Nameserver(std::string_view zone_data) : directory_(make_directory()) {
  // Somebody else may take the port before unbound does.
  for (int tries = 0; tries < most_tries; ++tries) {
    if (start(zone_data)) {
      return;
    }
    stop();
  }
  std::filesystem::remove_all(directory_);
  throw std::runtime_error("unbound does not start: " + last_words_);
}

Nameserver::~Nameserver() {
  stop();
  std::filesystem::remove_all(directory_);
}

bool Nameserver::start(std::string_view zone_data) {
  port_ = free_port();
  const std::string configuration = directory_ + "/unbound.conf";
  write_configuration(configuration, port_, zone_data);
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    give_up("cannot make a pipe");
  }
  process_ = fork();
  if (process_ == 0) {
    // A test that is killed leaves no server behind.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(ends[1], STDOUT_FILENO);
    dup2(ends[1], STDERR_FILENO);
    execl("/usr/sbin/unbound", "unbound", "-d", "-c", configuration.c_str(), nullptr);
    execlp("unbound", "unbound", "-d", "-c", configuration.c_str(), nullptr);
    _exit(127);
  }
  close(ends[1]);
  output_ = ends[0];
  last_words_.clear();
  std::array<char, 4096> buffer{};
  while (last_words_.find("start of service") == std::string::npos) {
    const ssize_t size = read(output_, buffer.data(), buffer.size());
    if (size <= 0) {
      return false;
    }
    last_words_.append(buffer.data(), static_cast<std::size_t>(size));
  }
  return true;
}

std::string Nameserver::address() const { return "127.0.0.1:" + std::to_string(port_); }

void Nameserver::freeze() {
  kill(process_, SIGSTOP);
  // The signal is taken by another process, later: wait until it has been.
  int status = 0;
  waitpid(process_, &status, WUNTRACED);
}

void Nameserver::go_on() { kill(process_, SIGCONT); }

void Nameserver::stop() {
  if (process_ > 0) {
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
    process_ = -1;
  }
  if (output_ >= 0) {
    close(output_);
    output_ = -1;
  }
}

}  // namespace milterd
