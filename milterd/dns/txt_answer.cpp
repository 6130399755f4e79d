#include "milterd/dns/txt_answer.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unbound.h>
#include <utility>

#include "milterd/ascii.hpp"

namespace milterd {
namespace {

constexpr std::size_t most_records = 32;
constexpr std::size_t most_bytes = 64 * 1024;

constexpr int rcode_no_error = 0;
constexpr int rcode_nxdomain = 3;

TxtAnswer temporary(std::string reason) {
  return no_records(TxtAnswer::Status::temporary, std::move(reason));
}

std::string rcode_name(int rcode) {
  constexpr std::array<std::string_view, 6> names = {"NOERROR",  "FORMERR", "SERVFAIL",
                                                     "NXDOMAIN", "NOTIMP",  "REFUSED"};
  const auto index = static_cast<std::size_t>(rcode);
  return index < names.size() ? std::string(names[index]) : "RCODE " + std::to_string(rcode);
}

/// RDATA of TXT (RFC 1035 section 3.3.14) without the length bytes; nullopt if they do not add up.
std::optional<std::string> join_character_strings(std::string_view rdata) {
  std::string text;
  text.reserve(rdata.size());
  while (!rdata.empty()) {
    const auto size = static_cast<std::size_t>(static_cast<unsigned char>(rdata.front()));
    rdata.remove_prefix(1);
    if (size > rdata.size()) {
      return std::nullopt;
    }
    text.append(rdata.substr(0, size));
    rdata.remove_prefix(size);
  }
  return text;
}

std::string_view without_last_dot(const char* name) {
  std::string_view text = name == nullptr ? "" : name;
  return text.substr(0, text.size() - (text.ends_with('.') ? 1 : 0));
}

std::string alias_of(const ub_result& result) {
  const std::string_view canonical = without_last_dot(result.canonname);
  const bool same = equal_ignoring_case(canonical, without_last_dot(result.qname));
  return same ? std::string() : std::string(canonical);
}

TxtAnswer found(const ub_result& result) {
  TxtAnswer answer;
  answer.status = TxtAnswer::Status::found;
  answer.alias_of = alias_of(result);
  answer.secure = result.secure != 0;
  std::size_t bytes = 0;
  for (std::size_t i = 0; result.data[i] != nullptr; ++i) {
    const std::string_view rdata(result.data[i],
                                 static_cast<std::size_t>(std::max(result.len[i], 0)));
    bytes += rdata.size();
    if (i == most_records || bytes > most_bytes) {
      return temporary("the answer is too large: more than " + std::to_string(most_records) +
                       " TXT records or " + std::to_string(most_bytes) + " bytes");
    }
    std::optional<std::string> text = join_character_strings(rdata);
    if (!text) {
      return temporary("the answer has a malformed TXT record");
    }
    answer.records.push_back(*std::move(text));
  }
  return answer;
}

/// With the records that failed, if they came: some would rather use them than nothing.
TxtAnswer bogus(const ub_result& result) {
  TxtAnswer answer = result.havedata != 0 ? found(result) : TxtAnswer{};
  answer.status = TxtAnswer::Status::bogus;
  answer.secure = false;
  answer.reason = result.why_bogus != nullptr ? result.why_bogus : "DNSSEC validation failed";
  return answer;
}

}  // namespace

TxtAnswer no_records(TxtAnswer::Status status, std::string reason, bool secure) {
  TxtAnswer answer;
  answer.status = status;
  answer.secure = secure;
  answer.reason = std::move(reason);
  return answer;
}

TxtAnswer txt_answer(int error, const ub_result* result) {
  if (error != 0 || result == nullptr) {
    return temporary(std::string("libunbound failed: ") + ub_strerror(error));
  }
  if (result->bogus != 0) {
    return bogus(*result);
  }
  if (result->havedata != 0) {
    return found(*result);
  }
  if (result->rcode == rcode_no_error || result->rcode == rcode_nxdomain) {
    return no_records(TxtAnswer::Status::none, "", result->secure != 0);
  }
  // libunbound says SERVFAIL itself where no nameserver answered.
  return temporary("the nameservers failed or did not answer (" + rcode_name(result->rcode) + ")");
}

}  // namespace milterd
