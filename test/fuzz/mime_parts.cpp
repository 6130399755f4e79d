/// Messages divided as Postfix divides them. The first byte chooses the limits, the first line is
/// the message's own Content-Type.

#include "plugins/header_checks/mime_parts.hpp"

#include <algorithm>
#include <string>

#include "test/fuzz/fuzz_target.hpp"

namespace {

using milterd::fuzz::require;
using namespace milterd::header_checks;

class Watching final : public MimeVisitor {
 public:
  explicit Watching(const MimeLimits& limits, std::string_view body)
      : limits_(limits), body_(body) {}

  bool on_header(Check check, std::string_view text, std::size_t begin, std::size_t end) override {
    require(check == Check::mime_header || check == Check::nested_header, "a part's header");
    require(field_name_size(text) > 0, "a header field has a name");
    require(text.size() <= limits_.lines.header_size_limit + limits_.lines.line_length_limit + 1,
            "a header field is cut");
    take(begin, end);
    return true;
  }
  bool on_body_line(std::string_view text, std::size_t begin, std::size_t end) override {
    require(text.size() <= limits_.lines.line_length_limit, "a line is cut");
    require(text.find("\r\n") == std::string_view::npos, "a line is one line");
    require(body_.substr(begin).starts_with(text), "a line is what stands in its place");
    take(begin, end);
    return true;
  }
  void on_nesting_exceeded(std::string_view text) override {
    require(!told_ && field_name_size(text) > 0, "told once, by a header field");
    told_ = true;
  }
  bool wants_body_lines() const override { return true; }
  std::size_t seen() const { return seen_; }

 private:
  void take(std::size_t begin, std::size_t end) {
    require(begin == seen_ && end >= begin && end <= body_.size(), "no byte is missed");
    seen_ = end;
  }

  const MimeLimits& limits_;
  std::string_view body_;
  std::size_t seen_ = 0;
  bool told_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text = milterd::fuzz::text(data, size);
  MimeLimits limits;
  if (!text.empty()) {
    if (text.front() % 2 == 1) {
      limits = {{64, 16}, 3, 4, 0};
    }
    text.remove_prefix(1);
  }
  limits.body_checks_size_limit = 0;
  const std::size_t line_end = std::min(text.find('\n'), text.size());
  const std::string type = "Content-Type: " + std::string(text.substr(0, line_end));
  const std::string_view body = text.substr(std::min(line_end + 1, text.size()));
  const milterd::HeaderField field(type, 12);
  Watching watching(limits, body);
  walk_mime({&field, 1}, body, limits, watching);
  require(watching.seen() == body.size(), "every byte is looked at");
  return 0;
}
