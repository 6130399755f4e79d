/// DKIM-Signature fields: what passes our reader must be safe for libopendkim.

#include "test/fuzz/dkim_message.hpp"
#include "test/fuzz/fuzz_target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  milterd::fuzz::verify_message(milterd::fuzz::text(data, size), milterd::fuzz::plain_record);
  return 0;
}
