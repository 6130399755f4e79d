#include "plugins/header_checks/mime_parts.hpp"

#include <doctest/doctest.h>
#include <string>
#include <vector>

using namespace milterd;
using namespace milterd::header_checks;

namespace {

/// What the walk finds: "mime X: y", "nested X: y", "body text"; "\n" shown as "|".
struct Found final : MimeVisitor {
  explicit Found(std::string_view whole, bool lines = true) : body(whole), wants_lines(lines) {}

  bool on_header(Check check, std::string_view text, std::size_t begin, std::size_t end) override {
    std::string shown(check == Check::nested_header ? "nested " : "mime ");
    for (const char c : text) {
      shown += c == '\n' ? '|' : c;
    }
    texts.push_back(shown);
    places.push_back(std::string(body.substr(begin, end - begin)));
    return texts.size() < stop_after;
  }
  bool on_body_line(std::string_view text, std::size_t begin, std::size_t end) override {
    texts.push_back("body " + std::string(text));
    places.push_back(std::string(body.substr(begin, end - begin)));
    return texts.size() < stop_after;
  }
  void on_nesting_exceeded(std::string_view text) override { too_deep.emplace_back(text); }
  bool wants_body_lines() const override { return wants_lines; }

  std::string_view body;
  bool wants_lines;
  std::size_t stop_after = 1'000'000;
  std::vector<std::string> texts, places, too_deep;
};

using Texts = std::vector<std::string>;

/// `type` is the message's own Content-Type field, or "".
Found walk(std::string_view type, std::string_view body, const MimeLimits& limits = {},
           bool lines = true) {
  Found found(body, lines);
  std::vector<HeaderField> header;
  if (!type.empty()) {
    header.emplace_back(type, type.find(':'));
  }
  walk_mime(header, body, limits, found);
  return found;
}

constexpr const char* multipart = "Content-Type: multipart/mixed; boundary=b";

}  // namespace

TEST_CASE("a plain body is lines") {
  CHECK(walk("", "one\r\n\r\nX: no header\r\n").texts ==
        Texts{"body one", "body ", "body X: no header"});
  CHECK(walk("Content-Type: text/plain", "a\r\n").texts == Texts{"body a"});
  CHECK(walk("", "").texts.empty());
  CHECK(walk("", "no line end").texts == Texts{"body no line end"});
}

TEST_CASE("parts have headers, preamble and epilogue are text") {
  const Found found = walk(multipart,
                           "preamble\r\n--b\r\nX-A: 1\r\n 2\r\nContent-ID: c\r\n\r\ntext\r\n"
                           "--b\r\n\r\nno header\r\n--b--\r\nX: epilogue\r\n--b\r\nX-Late: 1\r\n");
  CHECK(found.texts == Texts{"body preamble", "body --b", "mime X-A: 1| 2", "mime Content-ID: c",
                             "body ", "body text", "body --b", "body ", "body no header",
                             "body --b--", "body X: epilogue", "body --b", "body X-Late: 1"});
  CHECK(found.places[2] == "X-A: 1\r\n 2\r\n");
  CHECK(found.places[3] == "Content-ID: c\r\n");
  CHECK(found.places[5] == "text\r\n");
}

TEST_CASE("an attached message has a nested header; its MIME fields count as a part's") {
  CHECK(walk("Content-Type: message/rfc822",
             "Subject: s\r\nContent-Type: text/plain\r\n\r\nX: no\r\n")
            .texts ==
        Texts{"nested Subject: s", "mime Content-Type: text/plain", "body ", "body X: no"});
  CHECK(
      walk(multipart, "--b\r\nContent-Type: message/rfc822\r\n\r\nTo: t\r\n\r\nX: no\r\n").texts ==
      Texts{"body --b", "mime Content-Type: message/rfc822", "body ", "nested To: t", "body ",
            "body X: no"});
  CHECK(walk("Content-Type: message/partial", "X: no\r\n").texts == Texts{"body X: no"});
}

TEST_CASE("parts of a digest are messages unless they say otherwise") {
  const char* digest = "Content-Type: multipart/digest; boundary=b";
  CHECK(walk(digest, "--b\r\n\r\nSubject: s\r\n\r\nt\r\n").texts ==
        Texts{"body --b", "body ", "nested Subject: s", "body ", "body t"});
  CHECK(walk(digest, "--b\r\nContent-Type: text/plain\r\n\r\nX: no\r\n").texts ==
        Texts{"body --b", "mime Content-Type: text/plain", "body ", "body X: no"});
  // A type that Postfix does not know changes nothing.
  CHECK(walk(digest, "--b\r\nContent-Type: image/png\r\n\r\nX: yes\r\n\r\n").texts ==
        Texts{"body --b", "mime Content-Type: image/png", "body ", "nested X: yes", "body "});
}

TEST_CASE("a line that is no header field ends a header") {
  CHECK(walk(multipart, "--b\r\nX: 1\r\nno field\r\nY: 2\r\n").texts ==
        Texts{"body --b", "mime X: 1", "body no field", "body Y: 2"});
  CHECK(walk(multipart, "--b\r\nX: 1\r\n--b\r\nY: 2\r\n").texts ==
        Texts{"body --b", "mime X: 1", "body --b", "mime Y: 2"});
  CHECK(walk(multipart, "--b\r\n folded nothing\r\nX: 1\r\n").texts ==
        Texts{"body --b", "body  folded nothing", "body X: 1"});
}

TEST_CASE("a header at the very end counts") {
  CHECK(walk(multipart, "--b\r\nX: 1").texts == Texts{"body --b", "mime X: 1"});
}

TEST_CASE("boundaries: the inner ones first, what follows on the line does not matter") {
  const char* nested =
      "--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\nX: 1\r\n\r\n";
  CHECK(walk(multipart, std::string(nested) + "--c--\r\nZ: text\r\n--b\r\nY: 2\r\n").texts ==
        Texts{"body --b", "mime Content-Type: multipart/mixed; boundary=c", "body ", "body --c",
              "mime X: 1", "body ", "body --c--", "body Z: text", "body --b", "mime Y: 2"});
  // The outer one ends the inner ones too.
  CHECK(walk(multipart, std::string(nested) + "--b\r\nY: 2\r\n\r\n--c\r\nZ: 3\r\n").texts ==
        Texts{"body --b", "mime Content-Type: multipart/mixed; boundary=c", "body ", "body --c",
              "mime X: 1", "body ", "body --b", "mime Y: 2", "body ", "body --c", "body Z: 3"});
  CHECK(walk(multipart, "--b cruft\r\nX: 1\r\n").texts == Texts{"body --b cruft", "mime X: 1"});
  CHECK(walk(multipart, "--bb\r\nX: 1\r\n").texts == Texts{"body --bb", "mime X: 1"});
  CHECK(walk(multipart, " --b\r\nX: 1\r\n").texts == Texts{"body  --b", "body X: 1"});
  CHECK(walk(multipart, "--B\r\nX: 1\r\n").texts == Texts{"body --B", "body X: 1"});
  CHECK(walk("Content-Type: multipart/mixed; boundary=\"\"", "--\r\n--x\r\nX: 1\r\n").texts ==
        Texts{"body --", "body --x", "mime X: 1"});
}

TEST_CASE("long lines come in pieces, and a boundary is looked for at the start of a line only") {
  MimeLimits limits;
  limits.lines.line_length_limit = 16;
  const Found found =
      walk(multipart, "0123456789abcdef--b\r\n0123456789abcdef\r\nX: 1\r\n", limits);
  CHECK(found.texts ==
        Texts{"body 0123456789abcdef", "body --b", "body 0123456789abcdef", "body ", "body X: 1"});
  CHECK(found.places ==
        Texts{"0123456789abcdef", "--b\r\n", "0123456789abcdef", "\r\n", "X: 1\r\n"});
  CHECK(walk("", ".123456789abcdefg\r\n", limits).texts ==
        Texts{"body .123456789abcde", "body fg"});
  CHECK(walk(multipart, "--b\r\nX: 3456789abcdefgh\r\n ij\r\n", limits).texts ==
        Texts{"body --b", "mime X: 3456789abcdefgh| ij"});
  // As in Postfix, the rest of a boundary's line can be a header field.
  CHECK(walk(multipart, "--b3456789abcdefX: 1\r\n\r\n", limits).texts ==
        Texts{"body --b3456789abcdef", "mime X: 1", "body "});
}

TEST_CASE("body_checks_size_limit counts anew in each part") {
  MimeLimits limits;
  limits.body_checks_size_limit = 8;
  // The empty line behind the header counts.
  CHECK(walk("", "123456\r\nlast\r\nno\r\n", limits).texts == Texts{"body 123456"});
  CHECK(walk("", "12345\r\nlast\r\nno\r\n", limits).texts == Texts{"body 12345", "body last"});
  CHECK(walk(multipart, "123456\r\nno\r\n--b\r\n\r\n123456\r\nno\r\n", limits).texts ==
        Texts{"body 123456", "body ", "body 123456"});
  CHECK(walk(multipart, "--b\r\n\r\n123456\r\n--b--\r\nlast\r\nno\r\n", limits).texts ==
        Texts{"body --b", "body ", "body 123456", "body --b--", "body last"});
  limits.body_checks_size_limit = 0;
  CHECK(walk("", "123456789\r\n2\r\n", limits).texts == Texts{"body 123456789", "body 2"});
}

TEST_CASE("without body lines only headers are found") {
  CHECK(walk(multipart, "x\r\n--b\r\nX: 1\r\n\r\ny\r\n--b\r\nY: 2\r\n", {}, false).texts ==
        Texts{"mime X: 1", "mime Y: 2"});
  CHECK(walk("", "x\r\n", {}, false).texts.empty());
}

TEST_CASE("a visitor stops the walk") {
  Found found("--b\r\nX: 1\r\nY: 2\r\n\r\n");
  found.stop_after = 2;
  const std::vector<HeaderField> header = {HeaderField(multipart, 12)};
  walk_mime(header, found.body, {}, found);
  CHECK(found.texts == Texts{"body --b", "mime X: 1"});
}

TEST_CASE("what follows a NUL is not looked at, but keeps its place") {
  using namespace std::string_literals;
  const Found found = walk(multipart, "a\0b\r\n--b\r\nX: 1\0 2\r\n\r\n"s);
  CHECK(found.texts == Texts{"body a", "body --b", "mime X: 1", "body "});
  CHECK(found.places[0] == "a\0b\r\n"s);
  CHECK(found.places[2] == "X: 1\0 2\r\n"s);
}

TEST_CASE("parts that lie too deep are told of once and are text") {
  MimeLimits limits;
  limits.mime_nesting_limit = 1;
  std::string body;
  for (const char c : std::string("cdef")) {
    body += std::string("--") + static_cast<char>(c - 1) +
            "\r\nContent-Type: multipart/mixed; boundary=" + c + "\r\n\r\n";
  }
  // Postfix takes one more than it says.
  const Found found = walk(multipart, body + "--f\r\nX: 1\r\n", limits);
  CHECK(found.too_deep == Texts{"Content-Type: multipart/mixed; boundary=e"});
  CHECK(found.texts.back() == "body X: 1");
}

TEST_CASE("a boundary begins a line, not a piece of one") {
  MimeLimits limits;
  limits.lines.line_length_limit = 16;
  CHECK(walk(multipart, "0123456789abcdef--b\r\nX: 1\r\n", limits).texts ==
        Texts{"body 0123456789abcdef", "body --b", "body X: 1"});
}

TEST_CASE("a boundary longer than the limit is known by its beginning") {
  MimeLimits limits;
  limits.mime_boundary_length_limit = 3;
  CHECK(walk("Content-Type: multipart/mixed; boundary=abcdef", "--abcxyz\r\nX: 1\r\n", limits)
            .texts == Texts{"body --abcxyz", "mime X: 1"});
}
