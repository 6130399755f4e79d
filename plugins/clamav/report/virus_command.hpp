#pragma once
/// The operator's command for infected messages (clamav-milter's VirusAction).

#include <chrono>
#include <cstddef>
#include <deque>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "milterd/log.hpp"
#include "milterd/section.hpp"
#include "plugins/clamav/report/message_facts.hpp"

namespace milterd::clamav {

/// virus_action: a program and its first arguments; empty for none. Faults go to the section.
std::vector<std::string> read_virus_command(Section& section, std::string_view key);

/// What follows the operator's own arguments, as clamav-milter orders it: signature, queue id,
/// "<sender>", "<recipient>", subject, message id, date. None begins with "-": addresses stand in
/// <>, and where another one would, a blank is put in front. One list for each recipient, or one
/// with the last recipient.
std::vector<std::vector<std::string>> virus_commands(bool each_recipient,
                                                     const std::string& signature,
                                                     const MessageFacts& facts);

/// Runs the command in a thread of its own: no message waits for it, no shell reads what a sender
/// wrote. A few run at once and more wait in a bounded queue; what does not fit is counted in the
/// log. One that takes too long is killed, with the processes that it started. Thread-safe.
class VirusCommand {
 public:
  struct Limits {
    std::size_t at_once = 4;
    std::size_t waiting = 100;
    std::chrono::milliseconds time{std::chrono::minutes(1)};
    std::chrono::milliseconds time_at_stop{std::chrono::seconds(5)};
  };

  /// `log` must outlive it.
  VirusCommand(Logger& log, Limits limits);
  explicit VirusCommand(Logger& log) : VirusCommand(log, Limits{}) {}
  ~VirusCommand();  ///< What waits is dropped; what runs has Limits::time_at_stop.
  VirusCommand(const VirusCommand&) = delete;
  VirusCommand& operator=(const VirusCommand&) = delete;

  /// `command`: the program, found by PATH where it has no slash, and all of its arguments.
  void run(std::vector<std::string> command);

 private:
  using Clock = std::chrono::steady_clock;
  struct Child {
    int pid;
    int descriptor;  ///< A pidfd; -1 where it could not be had.
    Clock::time_point deadline;
    std::string program;
  };

  void work(const std::stop_token& stop);
  void start_waiting();
  void start(const std::vector<std::string>& command);
  void wait_for_news() const;
  void settle_children(bool stopping);
  void report_end(const Child& child, int status) const;
  void wake() const;

  Logger& log_;
  const Limits limits_;
  int wake_;  ///< An eventfd.
  std::mutex mutex_;
  std::deque<std::vector<std::string>> waiting_;
  std::size_t dropped_ = 0;
  std::vector<Child> children_;  ///< Of the thread alone.
  std::jthread thread_;
};

}  // namespace milterd::clamav
