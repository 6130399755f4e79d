#pragma once
/// clamav-milter's AllowList: senders and recipients whose mail is not scanned.

#include <string>
#include <string_view>
#include <vector>

#include "milterd/transaction.hpp"
#include "plugins/common/posix_regex.hpp"

namespace milterd::clamav {

/// One basic regular expression in a line, with "From:" or "To:" in front; with neither it is
/// "To:". Lines that begin with "#", ":" or "!" are comments. A pattern may fit the address as
/// clamav-milter sees it, "<user@example.org>", or without the angle brackets. Thread-safe.
class AllowList {
 public:
  /// The faults of a file, one line each with the place; empty where there is none.
  using Faults = std::vector<std::string>;
  static AllowList read(const std::string& path, Faults& faults);
  static AllowList parse(std::string_view text, const std::string& path, Faults& faults);

  /// Why a message is not scanned: its sender fits, or each of its recipients does. "" where it is.
  std::string reason_for(const Envelope& envelope) const;

 private:
  static bool any_fits(const std::vector<PosixRegex>& patterns, std::string_view address);
  void read_line(std::string_view line, const std::string& place, Faults& faults);

  std::vector<PosixRegex> senders_;
  std::vector<PosixRegex> recipients_;
};

}  // namespace milterd::clamav
