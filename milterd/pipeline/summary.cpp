#include "milterd/pipeline/summary.hpp"

#include <cstdio>
#include <string>
#include <vector>

namespace milterd {
namespace {

std::string milliseconds(std::chrono::nanoseconds time) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", static_cast<double>(time.count()) / 1e6);
  return text;
}

/// The first recipients; how many there are stands in nrcpt.
std::string recipients(const Envelope& envelope) {
  constexpr std::size_t most = 5;
  std::string text;
  for (std::size_t index = 0; index < envelope.recipients.size() && index < most; ++index) {
    text.append(index == 0 ? "<" : ",<").append(envelope.recipients[index].path).append(">");
  }
  return envelope.recipients.size() > most ? text + ",..." : text;
}

}  // namespace

std::string client_of(const Session& session) {
  const bool named = !session.client_name.empty() && session.client_name.front() != '[';
  return (named ? session.client_name : "unknown") + "[" + session.client_address + "]";
}

std::string one_line(const Reply& reply) {
  std::string text = std::to_string(reply.code);
  if (!reply.enhanced.empty()) {
    text.append(" ").append(reply.enhanced);
  }
  for (std::size_t index = 0; index < reply.lines.size(); ++index) {
    text.append(index == 0 ? " " : " | ").append(reply.lines[index]);
  }
  return text;
}

const char* to_string(const StageOutcome& outcome) {
  switch (outcome.kind) {
    case StageOutcome::Kind::verdict: return to_string(outcome.action);
    case StageOutcome::Kind::skipped: return "skipped";
    case StageOutcome::Kind::error: return "error";
  }
  return "?";
}

void write_summary(Logger& log, const Pipeline& pipeline, const TransactionState& transaction,
                   const Outcome& outcome) {
  if (!log.enabled(LogLevel::info)) {
    return;
  }
  const Session& session = transaction.session();
  const Envelope& envelope = transaction.envelope();
  // Owned texts first: the fields below are views.
  const std::string client = client_of(session);
  const std::string from = "<" + envelope.sender.path + ">";
  const std::string to = recipients(envelope);
  const std::string nrcpt = std::to_string(envelope.recipients.size());
  const std::string size = std::to_string(transaction.received_size());
  const std::string reply = outcome.reply ? one_line(*outcome.reply) : std::string();
  const std::string edits = std::to_string(outcome.modifications.size());
  const std::string ms = milliseconds(outcome.time);
  // A key of their own for each stage, "stage.dkim", so that no stage's name meets another key.
  std::vector<std::pair<std::string, std::string>> results;
  results.reserve(outcome.stages.size());
  for (std::size_t index = 0; index < outcome.stages.size(); ++index) {
    const StageOutcome& stage = outcome.stages[index];
    results.emplace_back("stage." + pipeline.slots()[index].settings.name,
                         std::string(to_string(stage)) + "/" + milliseconds(stage.time) + "ms");
  }

  std::vector<LogField> fields = {
      {"client", client},
      {"helo", session.helo},
      {"from", from},
      {"to", to},
      {"nrcpt", nrcpt},
      {"size", size},
      {"verdict", outcome.action == Action::proceed ? "accept" : to_string(outcome.action)},
  };
  if (outcome.decided_by) {
    fields.push_back({"decided_by", pipeline.slots()[*outcome.decided_by].settings.name});
  }
  if (!reply.empty()) {
    fields.push_back({"reply", reply});
  }
  if (!outcome.reason.empty()) {
    fields.push_back({"reason", outcome.reason});
  }
  for (const auto& [key, value] : results) {
    fields.push_back({key, value});
  }
  for (const auto& [key, value] : outcome.notes) {
    fields.push_back({key, value});
  }
  fields.push_back({"edits", edits});
  fields.push_back({"ms", ms});
  log.write(LogLevel::info, "message", fields);
}

}  // namespace milterd
