#include "plugins/chained_milter/protocol/stranger.hpp"

#include <algorithm>

#include "plugins/chained_milter/protocol/quoted.hpp"

namespace milterd::milter {
namespace {

struct Mark {
  std::string_view begin;
  std::string_view kind;
};

constexpr Mark marks[] = {
    {"220", "an SMTP or FTP server"},
    {"421", "an SMTP or FTP server"},
    {"500", "an SMTP or FTP server"},
    {"502", "an SMTP or FTP server"},
    {"554", "an SMTP server"},
    {"HTTP/", "an HTTP server"},
    {"<!DOCTYPE", "an HTTP server"},
    {"<html", "an HTTP server"},
    {"UNKNOWN COMMAND", "clamd"},
    {"COMMAND READ TIMED OUT", "clamd"},
    {"PONG", "clamd"},
    {"SSH-", "an SSH server"},
    {"+OK", "a POP3 server"},
    {"* OK", "an IMAP server"},
    {"* BYE", "an IMAP server"},
    {"-ERR", "a Redis or POP3 server"},
    {"SPAMD/", "spamd"},
    {"\x15\x03", "a TLS server"},
    {"VERSION\t", "a Dovecot service"},
    {"protocol_version=", "a policy service"},
    {"action=", "a policy service"},
};

std::string first_line(std::string_view bytes) {
  return quoted(bytes.substr(0, bytes.find_first_of("\r\n")));
}

}  // namespace

std::string describe_stranger(std::string_view bytes) {
  for (const auto& [begin, kind] : marks) {
    if (bytes.starts_with(begin)) {
      return "it is no milter but " + std::string(kind) + ", it says " + first_line(bytes);
    }
  }
  const std::string_view first = bytes.substr(0, 4);
  const bool text = first.size() == 4 && std::ranges::all_of(first, [](unsigned char c) {
                      return (c >= ' ' && c <= '~') || c == '\t' || c == '\r' || c == '\n';
                    });
  return text ? "it is no milter, it says " + first_line(bytes) : std::string();
}

}  // namespace milterd::milter
