#pragma once
/// The letters and bits of the milter protocol, versions 2 to 6, as sendmail's libmilter/mfdef.h
/// numbers them.

#include <cstddef>
#include <cstdint>

namespace milterd::milter {

/// What the MTA sends (SMFIC_*).
enum class Command : char {
  abort = 'A',
  body = 'B',
  connect = 'C',
  macros = 'D',
  end_of_message = 'E',
  helo = 'H',
  quit_new_connection = 'K',
  header = 'L',
  mail = 'M',
  end_of_header = 'N',
  negotiate = 'O',
  quit = 'Q',
  rcpt = 'R',
  data = 'T',
  unknown = 'U',
};

/// What a filter may do to a message (SMFIF_*).
namespace action {
inline constexpr std::uint32_t add_header = 0x001;  ///< Insert as well.
inline constexpr std::uint32_t replace_body = 0x002;
inline constexpr std::uint32_t add_recipient = 0x004;
inline constexpr std::uint32_t delete_recipient = 0x008;
inline constexpr std::uint32_t change_header = 0x010;
inline constexpr std::uint32_t quarantine = 0x020;
inline constexpr std::uint32_t change_sender = 0x040;
inline constexpr std::uint32_t add_recipient_with_arguments = 0x080;
inline constexpr std::uint32_t ask_for_macros = 0x100;
inline constexpr std::uint32_t all = 0x1ff;
}  // namespace action

/// How the conversation goes (SMFIP_*): events that are left out, events without an answer, and
/// what else both sides understand.
namespace step {
inline constexpr std::uint32_t no_connect = 0x000001;
inline constexpr std::uint32_t no_helo = 0x000002;
inline constexpr std::uint32_t no_mail = 0x000004;
inline constexpr std::uint32_t no_rcpt = 0x000008;
inline constexpr std::uint32_t no_body = 0x000010;
inline constexpr std::uint32_t no_header = 0x000020;
inline constexpr std::uint32_t no_end_of_header = 0x000040;
inline constexpr std::uint32_t header_unanswered = 0x000080;
inline constexpr std::uint32_t no_unknown = 0x000100;
inline constexpr std::uint32_t no_data = 0x000200;
inline constexpr std::uint32_t skip = 0x000400;
inline constexpr std::uint32_t rejected_recipients = 0x000800;
inline constexpr std::uint32_t connect_unanswered = 0x001000;
inline constexpr std::uint32_t helo_unanswered = 0x002000;
inline constexpr std::uint32_t mail_unanswered = 0x004000;
inline constexpr std::uint32_t rcpt_unanswered = 0x008000;
inline constexpr std::uint32_t data_unanswered = 0x010000;
inline constexpr std::uint32_t unknown_unanswered = 0x020000;
inline constexpr std::uint32_t end_of_header_unanswered = 0x040000;
inline constexpr std::uint32_t body_unanswered = 0x080000;
inline constexpr std::uint32_t leading_space = 0x100000;
inline constexpr std::uint32_t all = 0x1fffff;
}  // namespace step

/// Where macros are asked for and sent (SMFIM_*).
enum class MacroPlace : std::uint8_t {
  connect,
  helo,
  mail,
  rcpt,
  data,
  end_of_message,
  end_of_header
};
inline constexpr std::size_t macro_places = 7;

/// A piece of the body is never larger (MILTER_CHUNK_SIZE).
inline constexpr std::size_t body_chunk = 65'535;

}  // namespace milterd::milter
