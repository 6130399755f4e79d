#include "milterd/pipeline/default_reply.hpp"

namespace milterd {
namespace {

/// `text` with the codes for `action`; nothing where nothing is said to the client.
std::optional<Reply> reply_with(Action action, Reply reject, Reply tempfail) {
  switch (action) {
    case Action::reject: return reject;
    case Action::tempfail: return tempfail;
    default: return std::nullopt;
  }
}

}  // namespace

Reply reply_for(Action action, const std::optional<Reply>& given) {
  const int least = action == Action::reject ? 500 : 400;
  if (given && given->code >= least && given->code < least + 100) {
    return *given;
  }
  return action == Action::reject ? Reply{550, "5.7.1", {"Message refused"}}
                                  : Reply{451, "4.7.1", {"Try again later"}};
}

Reply failure_reply(Action on_error) {
  return on_error == Action::reject
             ? Reply{554, "5.3.0", {"Message could not be checked"}}
             : Reply{451, "4.3.0", {"Message could not be checked, try again later"}};
}

ExcessAnswer answer_for(Excess excess, const Limits& limits, const std::string& storage_reason) {
  switch (excess) {
    case Excess::header:
      return {limits.on_header_limit,
              reply_with(limits.on_header_limit, {552, "5.3.4", {"Message header too large"}},
                         {452, "4.3.4", {"Message header too large"}}),
              "header over 'header_size' (" + std::to_string(limits.header_size) +
                  ") or 'header_count' (" + std::to_string(limits.header_count) + ")"};
    case Excess::message:
      return {limits.on_message_limit,
              reply_with(limits.on_message_limit, {552, "5.3.4", {"Message too large"}},
                         {452, "4.3.4", {"Message too large"}}),
              "message over 'message_size' (" + std::to_string(limits.message_size) + ")"};
    case Excess::recipients:
      return {limits.on_recipient_limit,
              reply_with(limits.on_recipient_limit, {550, "5.5.3", {"Too many recipients"}},
                         {452, "4.5.3", {"Too many recipients"}}),
              "more recipients than 'recipients' (" + std::to_string(limits.recipients) + ")"};
    case Excess::storage:
    case Excess::none: break;
  }
  return {Action::tempfail, Reply{452, "4.3.1", {"Insufficient system storage"}}, storage_reason};
}

}  // namespace milterd
