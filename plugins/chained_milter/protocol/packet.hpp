#pragma once
/// Packets of the milter protocol: four bytes of length, one letter, and so many bytes less one.

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "milterd/result.hpp"

namespace milterd::milter {

/// No peer that is known sends more in one packet, and nothing that one claims is believed beyond.
inline constexpr std::size_t largest_packet = 1 << 20;

struct Packet {
  char code = 0;
  std::string_view data;
};

/// The head of a packet whose data have `size` bytes, for data that need not be copied.
void append_head(std::string& out, char code, std::size_t size);
/// A whole packet; its data are `parts` one after the other.
void append_packet(std::string& out, char code, std::initializer_list<std::string_view> parts);

/// Takes bytes as they come and gives the packets in them. Memory grows with the bytes that came,
/// not with what a length claims.
class PacketDecoder {
 public:
  explicit PacketDecoder(std::size_t largest = largest_packet) : largest_(largest) {}

  /// Where the next bytes are to be put; never empty. Void at the next call of anything here.
  std::span<char> space();
  /// So many were put there.
  void filled(std::size_t size) { end_ += size; }

  /// The next whole packet, nothing if more bytes are needed. Its data live until space() is
  /// called. Error: a length that no packet has; nothing more can be read then.
  Result<std::optional<Packet>> next();

  /// What came and is not part of a packet yet.
  std::string_view pending() const { return {buffer_.data() + begin_, end_ - begin_}; }

 private:
  std::size_t largest_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0, end_ = 0;
};

}  // namespace milterd::milter
