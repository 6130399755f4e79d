#pragma once
/// milterd-keygen's options.

#include <cstdint>
#include <span>
#include <string>

#include "milterd/result.hpp"
#include "plugins/dkim/commands/key_record_text.hpp"
#include "plugins/dkim/signature_header.hpp"

namespace milterd::dkim {

struct KeygenOptions {
  enum class Mode : std::uint8_t { make, help, version };
  Mode mode = Mode::make;
  std::string domain;
  std::string selector = "default";
  Algorithm algorithm = Algorithm::rsa_sha256;
  unsigned bits = 2048;
  std::string directory = ".";
  KeyRecordWishes wishes;
  bool force = false;
};

/// `arguments` begin with the program's name. Error: what is wrong. Not thread-safe, like
/// getopt_long(3).
Result<KeygenOptions> parse_keygen_options(std::span<char*> arguments);

std::string keygen_help();

}  // namespace milterd::dkim
