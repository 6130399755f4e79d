#pragma once
/// DNS for stages: one resolver with one cache serves the whole process.

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace milterd {

struct TxtAnswer {
  enum class Status : std::uint8_t {
    found,      ///< `records` has at least one.
    none,       ///< The name, or a TXT record there, does not exist. Sure, not a failure.
    temporary,  ///< No answer in time, or the server failed. `reason` says which.
    bogus,      ///< DNSSEC validation failed; `records` has what came all the same, if anything.
  };
  Status status = Status::temporary;
  bool secure = false;               ///< DNSSEC validated.
  std::vector<std::string> records;  ///< Each with its character-strings joined.
  std::string reason;
  std::string alias_of = {};  ///< The name that has them, where the one asked for is a CNAME.
  bool validating = false;    ///< A trust anchor is configured: secure and bogus mean something.
};

/// A look-up under way. Destroying it before the answer is safe and drops the interest in it.
class TxtLookup {
 public:
  virtual ~TxtLookup() = default;
  /// Blocks until the answer, the deadline, or the configured DNS timeout, whichever is first; the
  /// latter two give `temporary`. May be called again.
  virtual TxtAnswer wait(std::chrono::steady_clock::time_point deadline) = 0;
};

/// Thread-safe.
class Resolver {
 public:
  /// Starts at once and never blocks: begin all look-ups of a message, then wait for each.
  virtual std::unique_ptr<TxtLookup> lookup_txt(std::string_view name) = 0;

 protected:
  ~Resolver() = default;
};

}  // namespace milterd
