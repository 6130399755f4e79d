#include "plugins/chained_milter/protocol/packet.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <random>
#include <string>
#include <vector>

using namespace milterd;
using namespace milterd::milter;
using namespace std::string_literals;

namespace {

/// Every packet in `bytes`, fed in pieces of at most `most` bytes; the error's text at the end.
std::vector<std::string> decoded(std::string_view bytes, std::size_t most) {
  PacketDecoder decoder;
  std::vector<std::string> found;
  while (true) {
    auto packet = decoder.next();
    if (!packet) {
      found.push_back("error: " + packet.error().message);
      return found;
    }
    if (*packet) {
      found.push_back((*packet)->code + std::string((*packet)->data));
      continue;
    }
    if (bytes.empty()) {
      return found;
    }
    const auto space = decoder.space();
    const std::size_t size = std::min({most, space.size(), bytes.size()});
    std::ranges::copy(bytes.substr(0, size), space.begin());
    decoder.filled(size);
    bytes.remove_prefix(size);
  }
}

}  // namespace

TEST_CASE("packet: its length counts the letter, its parts are joined") {
  std::string bytes;
  append_packet(bytes, 'D', {"M", "i\0", "x"});
  CHECK(bytes == "\0\0\0\x04"s + "DMix");
  append_packet(bytes, 'Q', {});
  CHECK(bytes.substr(8) == "\0\0\0\x01Q"s);
}

TEST_CASE("packet: what is cut anywhere comes out whole") {
  std::mt19937 random(7);
  std::string bytes;
  std::vector<std::string> sent;
  for (const std::size_t size : {0UL, 1UL, 70'000UL, 3UL, 1'048'575UL, 0UL, 4'092UL, 4'093UL}) {
    std::string data(size, '\0');
    std::ranges::generate(data, [&] { return static_cast<char>(random()); });
    append_packet(bytes, 'B', {data});
    sent.push_back('B' + data);
  }
  for (const std::size_t most : {1UL << 22, 65'536UL, 4'097UL, 1'000UL}) {
    CHECK(decoded(bytes, most) == sent);
  }
  CHECK(decoded(std::string_view(bytes).substr(0, 200), 1) ==
        std::vector<std::string>(sent.begin(), sent.begin() + 2));
}

TEST_CASE("packet: no length is believed that no packet has") {
  CHECK(decoded("\0\0\0\0"s, 9).back() == "error: it sent a packet of length 0, which cannot be");
  CHECK(decoded("\0\x10\0\x01"s, 9).back() ==
        "error: it sent a packet of 1048577 bytes, the limit is 1048576");
  CHECK(decoded("\xff\xff\xff\xff"s, 9).back() ==
        "error: it sent a packet of 4294967295 bytes, the limit is 1048576");
}

TEST_CASE("packet: a length alone costs no memory") {
  PacketDecoder decoder;
  const std::string head = "\0\x10\0\0"s;
  std::ranges::copy(head, decoder.space().begin());
  decoder.filled(head.size());
  REQUIRE(decoder.next());
  CHECK(decoder.space().size() < 8'192);
}
