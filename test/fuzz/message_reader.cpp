/// Messages from files, as --check-message reads them.

#include "milterd/check/message_reader.hpp"

#include "test/fuzz/fuzz_target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using milterd::fuzz::require;
  const milterd::ReadMessage message = milterd::read_message(milterd::fuzz::text(data, size));
  for (const auto& [name, value] : message.fields) {
    require(!name.empty() && name.find_first_of(":\r\n") == std::string::npos,
            "a field has a name");
    require(milterd::fuzz::has_crlf_lines(value), "folds are CRLF");
    const std::string address = milterd::first_address(value);
    require(address.size() <= value.size(), "an address is a part of its field");
  }
  require(milterd::fuzz::has_crlf_lines(message.body), "the body has CRLF lines");
  require(message.body.empty() || message.body.ends_with("\r\n"), "the last line is ended");
  return 0;
}
