/// What a filter sends, as it likes: an answer to the negotiation, answers and edits, nonsense. The
/// first byte says in how large pieces it comes.

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string_view>

#include "plugins/chained_milter/message_edits.hpp"
#include "plugins/chained_milter/protocol/negotiation.hpp"
#include "plugins/chained_milter/protocol/packet.hpp"
#include "plugins/chained_milter/protocol/response.hpp"
#include "plugins/chained_milter/protocol/stranger.hpp"
#include "test/fuzz/fuzz_target.hpp"

namespace {

using namespace milterd::milter;
using milterd::fuzz::require;

bool is_one_line(std::string_view text) { return text.find_first_of("\r\n") == text.npos; }

void read(const Packet& packet) {
  const auto agreement = read_agreement(offer_of(6), packet);
  require(agreement || is_one_line(agreement.error().message), "an error is one line");
  require(!agreement || (agreement->actions & ~action::all) == 0, "actions are those offered");
  require(!agreement || (agreement->steps & ~step::all) == 0, "steps are those offered");
  const auto response = read_response(packet);
  if (!response) {
    require(is_one_line(response.error().message), "an error is one line");
    return;
  }
  if (response->kind == Response::Kind::reply) {
    require(response->reply.code >= 400 && response->reply.code < 600, "a reply refuses");
    require(!response->reply.lines.empty(), "a reply has text");
    require(std::ranges::all_of(response->reply.lines, is_one_line), "its lines are lines");
  }
  if (response->kind == Response::Kind::edit) {
    MessageDecision message;
    message.edits.push_back(response->edit);
    (void)milterd::chained_milter::check_edits(message);
    const auto lines = milterd::chained_milter::crlf_lines(std::string(response->edit.value));
    require(milterd::fuzz::has_crlf_lines(lines), "a body has CRLF lines");
    const auto value = milterd::chained_milter::folded_value(response->edit.value);
    require(milterd::fuzz::has_crlf_lines(value), "a value has CRLF folds");
    for (std::size_t at = value.find('\n'); at != value.npos; at = value.find('\n', at + 1)) {
      require(at + 1 < value.size() && (value[at + 1] == ' ' || value[at + 1] == '\t'),
              "no fold begins a field");
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view input = milterd::fuzz::text(data, size);
  if (input.empty()) {
    return 0;
  }
  const std::size_t most = static_cast<unsigned char>(input.front()) + 1U;
  input.remove_prefix(1);
  require(is_one_line(describe_stranger(input)), "a stranger is described in one line");
  PacketDecoder decoder;
  std::size_t taken = 0;
  while (true) {
    const auto packet = decoder.next();
    if (!packet) {
      break;
    }
    if (*packet) {
      taken += 5 + (*packet)->data.size();
      read(**packet);
      continue;
    }
    if (input.empty()) {
      require(taken + decoder.pending().size() + 1 == size, "every byte is in a packet or pending");
      break;
    }
    const auto space = decoder.space();
    require(!space.empty() && space.size() <= 4096 + 2 * size, "space grows with what came");
    const std::size_t count = std::min({most, space.size(), input.size()});
    std::ranges::copy(input.substr(0, count), space.begin());
    decoder.filled(count);
    input.remove_prefix(count);
  }
  return 0;
}
