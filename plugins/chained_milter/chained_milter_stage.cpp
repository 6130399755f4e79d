#include "plugins/chained_milter/chained_milter_stage.hpp"

#include <string>

#include "plugins/chained_milter/chained_milter_session.hpp"
#include "plugins/chained_milter/protocol/negotiation.hpp"

namespace milterd::chained_milter {
namespace {

/// What filters ask for beside Postfix's defaults; Postfix sends nothing for those that it does not
/// know of.
constexpr const char* more_at_connect[] = {
    "{client_addr}",        "{client_name}", "{client_port}", "{client_ptr}", "{client_resolve}",
    "{client_connections}", "{daemon_port}", "{if_addr}",     "{if_name}"};

void add_macros(Needs& needs, Event event, milter::MacroPlace place) {
  for (std::string& name : milter::default_macros(place)) {
    needs.macros.push_back({event, std::move(name)});
  }
}

}  // namespace

Result<std::unique_ptr<Stage>> ChainedMilterStage::make(Section& section, const StageEnv& env) {
  std::vector<ChildSettings> children;
  const auto texts = section.strings("milters", {});
  std::vector<std::string> faults;
  for (const std::string& text : texts) {
    for (ChildSettings& child : parse_milters(text, faults)) {
      children.push_back(std::move(child));
    }
  }
  for (const std::string& fault : faults) {
    section.error("milters", fault);
  }
  if (children.empty() && faults.empty()) {
    section.error("milters",
                  "name at least one filter, as in \"inet:127.0.0.1:8899\" or "
                  "\"unix:/run/filter.sock\"");
  }
  return std::make_unique<ChainedMilterStage>(std::move(children), env.log);
}

/// What the filters want is known only once they are connected; so it is everything.
Needs ChainedMilterStage::needs() const {
  Needs needs;
  needs.connect = needs.helo = needs.mail = needs.rcpt = needs.data = true;
  needs.header = needs.body = true;
  needs.edits_header = needs.edits_body = needs.edits_sender = needs.edits_recipients = true;
  needs.quarantines = true;
  add_macros(needs, Event::connect, milter::MacroPlace::connect);
  add_macros(needs, Event::helo, milter::MacroPlace::helo);
  add_macros(needs, Event::mail, milter::MacroPlace::mail);
  add_macros(needs, Event::rcpt, milter::MacroPlace::rcpt);
  add_macros(needs, Event::data, milter::MacroPlace::data);
  for (const char* name : more_at_connect) {
    needs.macros.push_back({Event::connect, name});
  }
  return needs;
}

std::unique_ptr<StageSession> ChainedMilterStage::open_session() const {
  return std::make_unique<ChainedMilterSession>(children_, log_);
}

}  // namespace milterd::chained_milter
