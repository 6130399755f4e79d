#pragma once
/// A message divided into header fields and body lines as Postfix's MIME parser divides it.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "milterd/transaction.hpp"
#include "plugins/header_checks/action.hpp"
#include "plugins/header_checks/logical_header.hpp"

namespace milterd::header_checks {

/// Postfix's parameters of the same names.
struct MimeLimits {
  LineLimits lines;
  std::size_t mime_nesting_limit = 100;
  std::size_t mime_boundary_length_limit = 2'048;
  std::size_t body_checks_size_limit = 51'200;  ///< Of each part; 0: none.
};

/// What the divider finds, in message order. Places are offsets in the body; their end is behind
/// the line end, where the text reaches up to one.
class MimeVisitor {
 public:
  virtual ~MimeVisitor() = default;
  /// One field of a part's or an attached message's header: `text` is "Name: value" with "\n"
  /// between folded lines. False ends the walk.
  virtual bool on_header(Check check, std::string_view text, std::size_t begin,
                         std::size_t end) = 0;
  /// One line of a body that body_checks looks at, without its end; longer ones come in pieces.
  /// What follows a NUL is left out.
  virtual bool on_body_line(std::string_view text, std::size_t begin, std::size_t end) = 0;
  /// Parts lie deeper than mime_nesting_limit, by this Content-Type field; they are taken for text.
  /// Told once.
  virtual void on_nesting_exceeded(std::string_view text) = 0;
  /// Asked once. False: a walk without on_body_line().
  virtual bool wants_body_lines() const = 0;
};

/// header, or mime_header for the fields which Postfix counts there wherever they stand:
/// MIME-Version and Content-Type, -Transfer-Encoding, -ID, -Description, -Disposition.
Check check_of_field(std::string_view name, Check otherwise);

/// Walks through the body of a message with this header; the message's own header fields are not
/// visited. `body` has CRLF lines. Bounded by the limits; never fails.
void walk_mime(std::span<const HeaderField> header, std::string_view body, const MimeLimits& limits,
               MimeVisitor& visitor);

}  // namespace milterd::header_checks
