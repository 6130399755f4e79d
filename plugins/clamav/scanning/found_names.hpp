#pragma once
/// What the names that libclamav gives mean for a message.

#include <string>
#include <string_view>

#include "plugins/clamav/database/engine_settings.hpp"

namespace milterd::clamav {

/// Of one scan. Three kinds of names are no virus: a limit that was reached, an encrypted part
/// (both only where the settings do not count them as infected), and our own stop.
class FoundNames {
 public:
  /// `settings` must outlive it.
  explicit FoundNames(const EngineSettings& settings) : settings_(settings) {}

  void add(std::string_view name);

  /// The name that clamd gives for the same file; "" none.
  const std::string& infected() const { return infected_; }
  const std::string& limit() const { return limit_; }  ///< "MaxFileSize" and so on; "" none.
  bool encrypted() const { return encrypted_; }

 private:
  enum class Kind { strong, weak, encrypted, limit };
  static Kind kind_of(std::string_view name);
  bool counts(Kind kind, std::string_view name) const;
  bool is_better(Kind kind, std::string_view name) const;

  const EngineSettings& settings_;
  std::string infected_;
  Kind infected_kind_ = Kind::strong;
  std::string limit_;
  bool encrypted_ = false;
};

}  // namespace milterd::clamav
