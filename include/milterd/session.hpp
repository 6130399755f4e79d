#pragma once
/// One SMTP connection, as the MTA describes it.

#include <chrono>
#include <string>
#include <string_view>

namespace milterd {

/// What the MTA knows of the connection and the message in hand beside the SMTP dialogue.
class MacroSource {
 public:
  /// The value of a milter macro, or "" where the MTA did not send it. Names as Postfix writes
  /// them: "i", "j", "{auth_authen}". The view lives until the next event.
  virtual std::string_view macro(const char* name) const = 0;

 protected:
  ~MacroSource() = default;
};

/// Facts of one SMTP connection; outlives all its transactions.
struct Session {
  std::string id;              ///< For logs: unique while the process lives.
  std::string client_name;     ///< Verified host name, or "[address]" where it has none.
  std::string client_address;  ///< "192.0.2.7", "2001:db8::7"; "" for mail that came locally.
  std::string helo;            ///< As given; "" before HELO.
  /// Where there is no transaction yet; never null in a stage's hands.
  const MacroSource* macros = nullptr;
  /// Until when on_connect() or on_helo() may take; as Transaction::deadline() later.
  std::chrono::steady_clock::time_point deadline = {};
};

}  // namespace milterd
