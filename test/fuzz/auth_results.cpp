/// Authentication-Results: foreign fields read, any bytes written.

#include "milterd/auth_results/auth_results.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "milterd/auth_results/authserv_id.hpp"
#include "test/fuzz/fuzz_target.hpp"

namespace {

using milterd::AuthResult;
using milterd::fuzz::require;

void check_claim(std::string_view value) {
  const std::optional<std::string> id = milterd::authserv_id_of(value);
  if (!id) {
    return;
  }
  const std::string_view host = std::string_view(*id).substr(0, id->find('/'));
  if (host.find_first_not_of('.') == std::string_view::npos) {
    return;
  }
  require(milterd::claims_authserv_id(value, host), "a field claims to be of the id read from it");
}

/// Line ends stand only where a field is folded; all else is printable.
void check_written(std::string_view written) {
  constexpr std::string_view fold = "\r\n\t";
  while (!written.empty()) {
    if (written.starts_with(fold)) {
      written.remove_prefix(fold.size());
      continue;
    }
    require(written.front() >= ' ' && written.front() <= '~', "what is written is printable");
    written.remove_prefix(1);
  }
}

void check_round_trip(std::string_view text) {
  AuthResult result{
      .method = "dkim", .result = "pass", .comment = {}, .reason = {}, .properties = {}};
  result.comment = text;
  result.reason = text;
  result.properties.push_back({.type = "header", .name = "i", .value = std::string(text)});
  const std::vector results = {result, result};
  check_written(milterd::write_auth_results("mx.test", results));
  require(milterd::authserv_id_of(milterd::write_auth_results("mx.test", results)) == "mx.test",
          "results do not change the id");

  std::string printable(text);
  std::ranges::replace_if(printable, [](char c) { return c < ' ' || c > '~'; }, '?');
  const std::string with_id = milterd::write_auth_results(text, {});
  check_written(with_id);
  require(milterd::authserv_id_of(with_id) == printable, "a written id reads back");
  require(with_id.ends_with("none"), "no results are none");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = milterd::fuzz::text(data, size);
  check_claim(text);
  check_round_trip(text);
  return 0;
}
