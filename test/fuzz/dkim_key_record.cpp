/// Key records from DNS: what passes our reader must be safe for libopendkim.

#include <string>

#include "test/fuzz/dkim_message.hpp"
#include "test/fuzz/fuzz_target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  milterd::fuzz::verify_message(milterd::fuzz::plain_signature,
                                std::string(milterd::fuzz::text(data, size)));
  return 0;
}
