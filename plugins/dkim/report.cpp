#include "plugins/dkim/report.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace milterd::dkim {

namespace {

constexpr std::size_t usual_prefix = 8;
constexpr std::size_t most_in_note = 4;

}  // namespace

std::vector<std::string> unique_prefixes(const Signatures& signatures) {
  std::vector<std::string> prefixes;
  for (const auto& entry : signatures.entries) {
    const std::string& own = entry.header.signature;
    std::size_t size = std::min(usual_prefix, own.size());
    for (const auto& other : signatures.entries) {
      const std::string& theirs = other.header.signature;
      const auto differs = std::ranges::mismatch(own, theirs).in1 - own.begin();
      if (own != theirs) {
        size = std::max(size, std::min(static_cast<std::size_t>(differs) + 1, own.size()));
      }
    }
    prefixes.push_back(own.substr(0, size));
  }
  return prefixes;
}

AuthResult to_auth_result(const ReportedSignature& signature) {
  AuthResult result{.method = "dkim",
                    .result = signature.result,
                    .comment = {},
                    .reason = signature.reason,
                    .properties = {}};
  if (signature.key_bits > 0) {
    result.comment = std::to_string(signature.key_bits) + "-bit key";
  }
  const auto add = [&result](std::string_view name, const std::string& value) {
    if (!value.empty()) {
      result.properties.push_back({"header", std::string(name), value});
    }
  };
  add("d", signature.domain);
  add("i", signature.identity);
  add("s", signature.selector);
  add("a", signature.algorithm);
  add("b", signature.header_b);
  return result;
}

Value to_value(const Decision& decision, const std::vector<ReportedSignature>& signatures) {
  Value::List why(decision.why.begin(), decision.why.end());
  Value::List list;
  for (const ReportedSignature& signature : signatures) {
    list.emplace_back(Value::Members{
        {"domain", signature.domain},
        {"selector", signature.selector},
        {"algorithm", signature.algorithm},
        {"key_bits", signature.key_bits},
        {"result", signature.result},
        {"reason", signature.reason},
        {"header_b", signature.header_b},
    });
  }
  return Value::Members{
      {"mode", to_string(decision.mode)},
      {"why", std::move(why)},
      {"signatures", std::move(list)},
  };
}

std::string to_note(const std::vector<ReportedSignature>& signatures) {
  if (signatures.empty()) {
    return "none";
  }
  std::string note;
  for (std::size_t i = 0; i < signatures.size(); ++i) {
    if (i == most_in_note) {
      return note + ",...";
    }
    note += (i == 0 ? "" : ",") + signatures[i].result;
    if (!signatures[i].domain.empty()) {
      note += ':' + signatures[i].domain;
    }
  }
  return note;
}

}  // namespace milterd::dkim
