#include "plugins/clamav/report/virus_command.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "plugins/clamav/background_thread.hpp"

namespace milterd::clamav {
namespace {

constexpr const char* path_setting =
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
constexpr std::string_view search_path = path_setting;

bool is_program(const std::string& path) { return ::access(path.c_str(), X_OK) == 0; }

/// The file that would run, or "".
std::string find_program(const std::string& program) {
  if (program.find('/') != std::string::npos) {
    return is_program(program) ? program : "";
  }
  std::string_view directories = search_path.substr(search_path.find('=') + 1);
  while (!directories.empty()) {
    const std::size_t end = std::min(directories.find(':'), directories.size());
    const std::string path = std::string(directories.substr(0, end)) + "/" + program;
    if (is_program(path)) {
      return path;
    }
    directories.remove_prefix(std::min(end + 1, directories.size()));
  }
  return "";
}

/// glibc 2.36 declares pidfd_open() without C linkage.
int open_process(pid_t pid) { return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)); }

std::string no_option(std::string text) {
  return text.starts_with('-') ? " " + std::move(text) : text;
}

/// How a child begins: no descriptors but /dev/null, a process group of its own, no signal blocked.
class SpawnSettings {
 public:
  SpawnSettings() {
    posix_spawn_file_actions_init(&files_);
    for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
      posix_spawn_file_actions_addopen(&files_, standard, "/dev/null", O_RDWR, 0);
    }
    posix_spawn_file_actions_addclosefrom_np(&files_, STDERR_FILENO + 1);
    posix_spawnattr_init(&attributes_);
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  ~SpawnSettings() {
    posix_spawnattr_destroy(&attributes_);
    posix_spawn_file_actions_destroy(&files_);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;

  const posix_spawn_file_actions_t* files() const { return &files_; }
  const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  posix_spawn_file_actions_t files_{};
  posix_spawnattr_t attributes_{};
};

}  // namespace

std::vector<std::string> read_virus_command(Section& section, std::string_view key) {
  std::vector<std::string> command = section.strings(key, {});
  if (!command.empty() && find_program(command.front()).empty()) {
    section.error(key, "'" + command.front() +
                           "' is not a program that can be run: give the path of one, then its "
                           "arguments");
  }
  return command;
}

std::vector<std::vector<std::string>> virus_commands(bool each_recipient,
                                                     const std::string& signature,
                                                     const MessageFacts& facts) {
  const auto with = [&](const std::string& recipient) -> std::vector<std::string> {
    return {no_option(signature),  no_option(facts.queue_id), "<" + facts.sender + ">",
            "<" + recipient + ">", no_option(facts.subject),  no_option(facts.message_id),
            no_option(facts.date)};
  };
  if (facts.recipients.empty()) {
    return {with("")};
  }
  if (!each_recipient) {
    return {with(facts.recipients.back())};
  }
  std::vector<std::vector<std::string>> commands;
  for (const std::string& recipient : facts.recipients) {
    commands.push_back(with(recipient));
  }
  return commands;
}

VirusCommand::VirusCommand(Logger& log, Limits limits)
    : log_(log), limits_(limits), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (wake_ < 0) {
    throw std::system_error(errno, std::generic_category(), "cannot make an eventfd");
  }
  thread_ = start_background_thread([this](const std::stop_token& stop) { work(stop); });
}

VirusCommand::~VirusCommand() {
  thread_.request_stop();
  wake();
  thread_.join();
  ::close(wake_);
}

void VirusCommand::wake() const {
  const std::uint64_t one = 1;
  // It fails only where the thread has been woken already.
  (void)!::write(wake_, &one, sizeof one);
}

void VirusCommand::run(std::vector<std::string> command) {
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() >= limits_.waiting) {
      ++dropped_;
    } else {
      waiting_.push_back(std::move(command));
    }
  }
  wake();
}

void VirusCommand::work(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    start_waiting();
    wait_for_news();
    settle_children(false);
  }
  const auto most = Clock::now() + limits_.time_at_stop;
  for (Child& child : children_) {
    child.deadline = std::min(child.deadline, most);
  }
  while (!children_.empty()) {
    wait_for_news();
    settle_children(true);
  }
}

void VirusCommand::start_waiting() {
  std::size_t dropped = 0;
  while (true) {
    std::vector<std::string> next;
    {
      const std::lock_guard lock(mutex_);
      dropped += std::exchange(dropped_, 0);
      if (waiting_.empty() || children_.size() >= limits_.at_once) {
        break;
      }
      next = std::move(waiting_.front());
      waiting_.pop_front();
    }
    start(next);
  }
  if (dropped != 0) {
    log_.warn("clamav.virus_action",
              {{"text", "too many infected messages at once: virus_action was not run for some"},
               {"messages", std::to_string(dropped)}});
  }
}

void VirusCommand::start(const std::vector<std::string>& command) {
  std::vector<char*> arguments;
  arguments.reserve(command.size() + 1);
  for (const std::string& argument : command) {
    arguments.push_back(const_cast<char*>(argument.c_str()));
  }
  arguments.push_back(nullptr);
  std::string path = path_setting;
  std::array<char*, 2> environment = {path.data(), nullptr};
  const SpawnSettings settings;
  const std::string program = find_program(command.front());
  pid_t pid = 0;
  const int error =
      program.empty() ? ENOENT
                      : ::posix_spawn(&pid, program.c_str(), settings.files(),
                                      settings.attributes(), arguments.data(), environment.data());
  if (error != 0) {
    log_.error("clamav.virus_action", {{"program", command.front()},
                                       {"text", "cannot run virus_action"},
                                       {"reason", std::generic_category().message(error)}});
    return;
  }
  children_.push_back({pid, open_process(pid), Clock::now() + limits_.time, command.front()});
}

/// Until a child ends, its time is over, or there is something to start.
void VirusCommand::wait_for_news() const {
  // Where a child has no descriptor, it is asked for now and then.
  constexpr std::chrono::milliseconds without_descriptor{100};
  std::vector<pollfd> sources = {{.fd = wake_, .events = POLLIN, .revents = 0}};
  std::chrono::milliseconds longest{-1};
  for (const Child& child : children_) {
    sources.push_back({.fd = child.descriptor, .events = POLLIN, .revents = 0});
    auto left =
        std::max(std::chrono::milliseconds(0),
                 std::chrono::ceil<std::chrono::milliseconds>(child.deadline - Clock::now()));
    if (child.descriptor < 0) {
      left = std::min(left, without_descriptor);
    }
    longest = longest.count() < 0 ? left : std::min(longest, left);
  }
  ::poll(sources.data(), sources.size(), static_cast<int>(longest.count()));
  std::uint64_t count = 0;
  (void)!::read(wake_, &count, sizeof count);
}

void VirusCommand::settle_children(bool stopping) {
  std::erase_if(children_, [&](const Child& child) {
    int status = 0;
    if (::waitpid(child.pid, &status, WNOHANG) == 0) {
      if (Clock::now() < child.deadline) {
        return false;
      }
      ::kill(-child.pid, SIGKILL);
      ::waitpid(child.pid, &status, 0);
      log_.warn("clamav.virus_action", {{"program", child.program},
                                        {"text", stopping ? "killed: milterd ends or reloads"
                                                          : "killed: it took too long"}});
    } else {
      report_end(child, status);
    }
    if (child.descriptor >= 0) {
      ::close(child.descriptor);
    }
    return true;
  });
}

void VirusCommand::report_end(const Child& child, int status) const {
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
    return;
  }
  const bool by_signal = WIFSIGNALED(status);
  log_.warn("clamav.virus_action",
            {{"program", child.program},
             {"text", by_signal ? "ended by a signal" : "ended with an exit status"},
             {"status", std::to_string(by_signal ? WTERMSIG(status) : WEXITSTATUS(status))}});
}

}  // namespace milterd::clamav
