#pragma once
/// --check-message: messages from files through the pipeline that the daemon runs.

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "milterd/log.hpp"
#include "milterd/pipeline/pipeline.hpp"

namespace milterd {

struct CheckOptions {
  std::vector<std::string> inputs;  ///< Files, directories, "-".
  bool mbox = false;
  bool json = false;
  std::string client_address = "127.0.0.1";
  std::string client_name = "localhost";
  std::string helo = "localhost";
  std::optional<std::string> auth_user;
  std::optional<std::string> mail_from;                     ///< Without one: the message's From.
  std::vector<std::string> recipients;                      ///< Without any: the message's To.
  std::vector<std::pair<std::string, std::string>> macros;  ///< Names with or without braces.
  std::vector<std::string> stages;                          ///< Empty: all.
  std::optional<std::chrono::system_clock::time_point> time;
  std::string write_message;  ///< "" writes none.
};

/// Reports go to standard output, faults to standard error. `pipeline` is in force and loaded.
/// Returns the exit status of interface section 2: 0, 1, 75, 64 or 66.
int check_messages(const CheckOptions& options, const std::shared_ptr<const Pipeline>& pipeline,
                   Logger& log);

}  // namespace milterd
