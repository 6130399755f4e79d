#include "plugins/header_checks/content_type.hpp"

#include <doctest/doctest.h>

using namespace milterd::header_checks;

namespace {

/// "media[ digest][ <boundary>]..."
std::string read(std::string_view value) {
  const ContentType type = read_content_type(value);
  std::string text = "unchanged";
  if (type.media) {
    text = *type.media == MediaType::leaf      ? "leaf"
           : *type.media == MediaType::message ? "message"
                                               : "multipart";
  }
  text += type.digest ? " digest" : "";
  for (const std::string& boundary : type.boundaries) {
    text += " <" + boundary + ">";
  }
  return text;
}

}  // namespace

TEST_CASE("the types that Postfix knows") {
  CHECK(read(" text/plain; charset=utf-8") == "leaf");
  CHECK(read(" TEXT") == "leaf");
  CHECK(read(" message/rfc822") == "message");
  CHECK(read(" Message / Global") == "message");
  CHECK(read(" message/partial; id=x") == "leaf");
  CHECK(read(" message/external-body") == "leaf");
  CHECK(read(" message") == "leaf");
  CHECK(read(" image/png") == "unchanged");
  CHECK(read(" \"text\"/plain") == "unchanged");
  CHECK(read("") == "leaf");
  CHECK(read(" ; boundary=b") == "leaf");
  CHECK(read(" (only a comment") == "leaf");
}

TEST_CASE("boundaries are read as Postfix reads them") {
  CHECK(read(" multipart/mixed; boundary=abc") == "multipart <abc>");
  CHECK(read(" multipart/mixed; boundary=\"a b\\\"c\"; x=y") == "multipart <a b\"c>");
  CHECK(read("multipart/mixed;BOUNDARY = \"x\"") == "multipart <x>");
  CHECK(read(" multipart/digest; boundary=d") == "multipart digest <d>");
  CHECK(read(" multipart; boundary=d") == "multipart <d>");
  CHECK(read(" multipart/mixed; boundary=a/b") == "multipart <a>");
  CHECK(read(" multipart/mixed; boundary==x") == "multipart <=>");
  CHECK(read(" multipart/mixed; boundary=\"\"") == "multipart <>");
  CHECK(read(" multipart/mixed; boundary=") == "multipart");
  CHECK(read(" multipart/mixed; \"boundary\"=x") == "multipart");
  CHECK(read(" multipart/mixed; boundary=a; boundary=b") == "multipart <a> <b>");
  CHECK(read(" multipart/mixed; x=\"a;boundary=no\"; boundary=b") == "multipart <b>");
  CHECK(read(" multipart/mixed (; boundary=no (nested) \\) ); boundary=b") == "multipart <b>");
  CHECK(read(" multipart/mixed boundary=no") == "multipart");
  CHECK(read(" multipart/mixed;\n boundary=\"a  \n b\"") == "multipart <a b>");
  CHECK(read(" multipart/mixed; boundary=\"open") == "multipart <open>");
  CHECK(read(" multipart/mixed; boundary=\"open\\") == "multipart <open>");
  CHECK(read(" multipart/mixed;; boundary=b") == "multipart <b>");
  CHECK(read(" multipart/mixed; boundary=a\x7fz") == "multipart <a>");
}
