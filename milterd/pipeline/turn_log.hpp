#pragma once
/// The log as the stage sees it whose turn it is.

#include <span>
#include <string_view>

#include "milterd/log.hpp"
#include "milterd/session.hpp"

namespace milterd {

/// Puts queue_id= (session= before there is one) and stage= in front; costs nothing until something
/// is written.
class TurnLog final : public Logger {
 public:
  TurnLog(Logger& parent, const Session& session, const MacroSource& macros)
      : parent_(parent), session_(session), macros_(macros) {}

  /// `name` must live until the next call; "" for the host itself.
  void set_stage(std::string_view name) { stage_ = name; }

  void write(LogLevel level, std::string_view event, std::span<const LogField> fields) override;
  bool enabled(LogLevel level) const override { return parent_.enabled(level); }

 private:
  Logger& parent_;
  const Session& session_;
  const MacroSource& macros_;
  std::string_view stage_;
};

}  // namespace milterd
