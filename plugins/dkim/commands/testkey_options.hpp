#pragma once
/// milterd-testkey's options.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "milterd/result.hpp"

namespace milterd::dkim {

struct TestkeyOptions {
  enum class Mode : std::uint8_t { one_key, config, help, version };
  Mode mode = Mode::one_key;
  std::string domain;
  std::string selector;
  std::string key_file;  ///< "" where only DNS is looked at.
  std::string config;
  std::vector<std::string> nameservers;  ///< Empty: the system's, or the configuration's.
  std::string trust_anchor_file;         ///< Likewise.
};

/// `arguments` begin with the program's name. Error: what is wrong. Not thread-safe, like
/// getopt_long(3).
Result<TestkeyOptions> parse_testkey_options(std::span<char*> arguments);

std::string testkey_help();

}  // namespace milterd::dkim
