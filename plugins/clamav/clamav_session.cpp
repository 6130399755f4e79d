#include "plugins/clamav/clamav_session.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <utility>

#include "plugins/clamav/policy/scan_verdict.hpp"
#include "plugins/clamav/policy/virus_headers.hpp"
#include "plugins/clamav/report/message_facts.hpp"
#include "plugins/clamav/report/scan_log.hpp"

namespace milterd::clamav {
namespace {

using std::chrono::steady_clock;
using Status = ScanResult::Status;

/// The host counts an answer after the deadline as a failure of the stage. Ours, which says what
/// happened and follows the stage's own settings, has to come before.
steady_clock::time_point own_deadline(steady_clock::time_point deadline) {
  const auto left = deadline - steady_clock::now();
  return deadline - std::min<steady_clock::duration>(left / 10, std::chrono::seconds(1));
}

/// ISO 8601, UTC, whole seconds.
std::string utc_text(std::chrono::system_clock::time_point time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - day));
  std::array<char, 64> text = {};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02dZ",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text.data();
}

const char* status_word(Status status) {
  switch (status) {
    case Status::clean: return "clean";
    case Status::infected: return "infected";
    case Status::unscanned: break;
  }
  return "unscanned";
}

ScanResult unscanned_in_queue(ScanQueue::Refusal refusal, const Cancellation& cancellation) {
  switch (refusal) {
    case ScanQueue::Refusal::full:
      return ScanResult::unscanned(Unscanned::busy, "scan queue is full");
    case ScanQueue::Refusal::no_time:
      return ScanResult::unscanned(Unscanned::busy, "no time left in the scan queue");
    case ScanQueue::Refusal::cancelled: break;
  }
  return cancelled_scan(cancellation.reason());
}

Value text_if(bool present, const std::string& text) { return present ? Value(text) : Value(); }

}  // namespace

ClamavSession::Scanned ClamavSession::scan_message(Transaction& transaction) const {
  const steady_clock::time_point deadline = own_deadline(transaction.deadline());
  const Cancellation& cancellation = transaction.cancellation();
  const auto slot = parts_.queue.take(deadline, cancellation.token());
  if (!slot) {
    return {unscanned_in_queue(slot.error(), cancellation), std::nullopt};
  }
  const auto engine = parts_.database.current(deadline, cancellation.token());
  if (!engine) {
    return {cancellation.reason() != CancelReason::none
                ? cancelled_scan(cancellation.reason())
                : ScanResult::unscanned(Unscanned::no_database, engine.error().message),
            std::nullopt};
  }
  return {scan(**engine, transaction.image(), deadline, transaction.log(), cancellation),
          (*engine)->facts()};
}

Result<Verdict> ClamavSession::skip(Transaction& transaction, const std::string& why) {
  skipped_ = why;
  transaction.note("unscanned", why);
  if (const Result<> removed = remove_virus_headers(transaction, parts_.config.add_header);
      !removed) {
    return fail("cannot remove X-Virus header fields: " + removed.error().message);
  }
  return Verdict{};
}

void ClamavSession::tell(Transaction& transaction, const ScanResult& result) const {
  const bool infected = result.status == Status::infected;
  const ScanLogSettings& log = parts_.config.scan_log;
  const bool acts = infected && parts_.command != nullptr;
  const bool logs = (infected ? log.infected : log.clean) != LogDetail::off;
  if (!acts && !logs) {
    return;
  }
  const MessageFacts facts = facts_of(transaction);
  for (const std::string& line : scan_log_lines(log, result, facts)) {
    transaction.log().info(infected ? "clamav.infected" : "clamav.clean", {{"text", line}});
  }
  if (acts) {
    for (std::vector<std::string>& arguments :
         virus_commands(log.each_recipient, result.text, facts)) {
      arguments.insert(arguments.begin(), parts_.config.virus_action.begin(),
                       parts_.config.virus_action.end());
      parts_.command->run(std::move(arguments));
    }
  }
}

Result<Verdict> ClamavSession::on_message(Transaction& transaction) {
  if (const auto why = parts_.config.exemptions.reason_for(transaction)) {
    return skip(transaction, *why);
  }
  last_ = scan_message(transaction);
  const ScanResult& result = last_->result;
  if (result.status != Status::clean) {
    transaction.note(result.status == Status::infected ? "virus" : "unscanned", result.text);
  }
  tell(transaction, result);
  Verdict verdict = verdict_of(result, parts_.config.policy);
  if (!ends_the_run(verdict.action)) {
    const Result<> written =
        write_virus_headers(transaction, parts_.config.add_header, parts_.scanned_by, result);
    if (!written) {
      return fail("cannot write the X-Virus header fields: " + written.error().message);
    }
  }
  return verdict;
}

Value ClamavSession::describe() const {
  const ScanResult* result = last_ ? &last_->result : nullptr;
  const Engine::Facts facts = last_ && last_->engine ? *last_->engine : Engine::Facts{};
  const bool has_engine = last_ && last_->engine;
  return Value::Members{
      {"status", result != nullptr ? status_word(result->status) : "skipped"},
      {"signature",
       result != nullptr ? text_if(result->status == Status::infected, result->text) : Value()},
      {"reason", result != nullptr ? text_if(result->status == Status::unscanned, result->text)
                                   : text_if(!skipped_.empty(), skipped_)},
      {"database", Value::Members{{"version", facts.version},
                                  {"signatures", facts.signatures},
                                  {"loaded", text_if(has_engine, utc_text(facts.loaded))}}},
  };
}

}  // namespace milterd::clamav
