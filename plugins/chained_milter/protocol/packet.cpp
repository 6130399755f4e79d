#include "plugins/chained_milter/protocol/packet.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "plugins/chained_milter/protocol/wire_fields.hpp"

namespace milterd::milter {
namespace {

constexpr std::size_t length_size = 4;
constexpr std::size_t first_buffer = 4096;

}  // namespace

void append_head(std::string& out, char code, std::size_t size) {
  append_u32(out, static_cast<std::uint32_t>(size + 1));
  out.push_back(code);
}

void append_packet(std::string& out, char code, std::initializer_list<std::string_view> parts) {
  std::size_t size = 0;
  for (const std::string_view part : parts) {
    size += part.size();
  }
  append_head(out, code, size);
  for (const std::string_view part : parts) {
    out.append(part);
  }
}

std::span<char> PacketDecoder::space() {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == buffer_.size()) {
    buffer_.resize(std::max(first_buffer, std::min(2 * buffer_.size(), largest_ + length_size)));
  }
  return std::span(buffer_).subspan(end_);
}

Result<std::optional<Packet>> PacketDecoder::next() {
  const std::string_view bytes = pending();
  if (bytes.size() < length_size) {
    return std::nullopt;
  }
  const std::size_t length = read_u32(bytes);
  if (length == 0) {
    return fail("it sent a packet of length 0, which cannot be");
  }
  if (length > largest_) {
    return fail("it sent a packet of " + std::to_string(length) + " bytes, the limit is " +
                std::to_string(largest_));
  }
  if (bytes.size() < length_size + length) {
    return std::nullopt;
  }
  begin_ += length_size + length;
  return Packet{bytes[length_size], bytes.substr(length_size + 1, length - 1)};
}

}  // namespace milterd::milter
