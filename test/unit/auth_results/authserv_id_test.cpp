#include "milterd/auth_results/authserv_id.hpp"

#include <doctest/doctest.h>
#include <optional>
#include <string>

using milterd::authserv_id_of;
using milterd::claims_authserv_id;

TEST_CASE("the authserv-id is found behind folds, comments and quotes") {
  struct Case {
    const char* value;
    std::optional<std::string> expected;
  };
  for (const Case& c : {
           Case{" mx.example.org; none", "mx.example.org"},
           Case{"mx.example.org;none", "mx.example.org"},
           Case{" MX.Example.Org 1; none", "MX.Example.Org"},
           Case{"\r\n\tmx.example.org\r\n\t;none", "mx.example.org"},
           Case{" (a comment) mx.example.org; none", "mx.example.org"},
           Case{" (a (nested \\) one); x) mx.example.org; none", "mx.example.org"},
           Case{" mx.example.org(comment) ; none", "mx.example.org"},
           Case{" \"mx.example.org\"; none", "mx.example.org"},
           Case{" \"mx\\.example.org\"; none", "mx.example.org"},
           Case{" \"mx; one\" 1; none", "mx; one"},
           Case{" \"mx\".example.org; none", "mx.example.org"},
           Case{" mx.example.org/4abc; none", "mx.example.org/4abc"},
           Case{" mx.example.org", "mx.example.org"},
           Case{" \"\"; none", ""},
           Case{" \"unterminated", "unterminated"},
           Case{" \"escape at the end\\", "escape at the end\\"},
           Case{"", std::nullopt},
           Case{" \t\r\n ", std::nullopt},
           Case{"; dkim=pass", std::nullopt},
           Case{" (unterminated mx.example.org; none", std::nullopt},
           Case{" (escape at the end\\", std::nullopt},
       }) {
    CAPTURE(c.value);
    CHECK(authserv_id_of(c.value) == c.expected);
  }
}

TEST_CASE("a field that a reader could take as ours claims to be") {
  for (const char* value : {
           " mx.example.org; none",
           "mx.example.org",
           " MX.EXAMPLE.ORG; none",
           " mx.example.org. ; none",
           " mx.example.org.. ; none",
           " mx.example.org 1; none",
           " mx.example.org/4Xyz12; none",
           " \"mx.example.org\"; none",
           " \"mx.example\\.org\"; none",
           " \"mx\".example.org; none",
           " (x) mx.example.org; none",
           " (x;y) mx.example.org; none",
           " (a(b) mx.example.org; dkim=pass) other.example; none",
           " (a\\) mx.example.org; dkim=pass) other.example; none",
           " (unterminated mx.example.org; dkim=pass",
           " \"unterminated; mx.example.org; dkim=pass",
           " mx.\r\n\texample.org; none",
           " mx.(x)example(y).org; none",
           " mx. example.org 1; none",
           " m\"x\".example.org./id; none",
           " other.example mx.example.org; none",
           " =?us-ascii?q?mx=2Eexample=2Eorg?=; none",
           " (=?utf-8?b?bXguZXhhbXBsZS5vcmc=?=); none",
           " <mx.example.org>; none",
           " x=mx.example.org; none",
           " ; mx.example.org; none",
           ";;(x);\r\n\tmx.example.org; none",
           " mx\\.example.org; none",
           " m\\x.exam\\ple.org 1; none",
           " \"m\\x\".example.org; none",
           " mx.\vexample.org; none",
           " mx.\x01"
           "example\x7f.org; none",
           " mx\302\240.example.org; none",
           " mx.\342\200\213example.org; none",
           " mx.example.org\302\240; none",
           "mx.example.org\t;none",
           " (mx.example.org); none",
           " [mx.example.org]; none",
           " 'mx.example.org'; none",
           " mx.example.org:25; none",
           " mx.example.org,other.example; none",
           " @mx.example.org; none",
           " \"other.example\" \"mx.example.org; dkim=pass\"; none",
       }) {
    CAPTURE(value);
    CHECK(claims_authserv_id(value, "mx.example.org"));
    CHECK(claims_authserv_id(value, "MX.example.ORG."));
  }
}

TEST_CASE("a field of somebody else does not") {
  for (const char* value : {
           " other.example; none",
           " mx.example.org.evil.example; none",
           " evil-mx.example.org; none",
           " evil.mx.example.org; none",
           " mx.example.orgs; none",
           " mx.example; none",
           " mxxexample.org; none",
           " other.example; dkim=pass header.d=mx.example.org",
           " other.example; dkim=pass (mx.example.org) header.b==?x?=",
           " other.example 1; spf=pass smtp.helo=mx.example.org",
           " \"other.example\"; mx.example.org",
           "",
           " ",
           " ; other.example; mx.example.org",
           ";;;",
       }) {
    CAPTURE(value);
    CHECK_FALSE(claims_authserv_id(value, "mx.example.org"));
  }
}

TEST_CASE("nothing claims to be nobody") {
  CHECK_FALSE(claims_authserv_id("; none", ""));
  CHECK_FALSE(claims_authserv_id(". ; none", "."));
  CHECK_FALSE(claims_authserv_id("\"\"; none", ""));
}

TEST_CASE("an id with a slash of its own is compared whole") {
  CHECK(claims_authserv_id(" mx/in.example.org; none", "mx/in.example.org"));
  CHECK_FALSE(claims_authserv_id(" mx/out.example.org; none", "mx/in.example.org"));
}

TEST_CASE("a hostile field costs no more than its bytes") {
  const std::string deep(60'000, '(');
  CHECK_FALSE(authserv_id_of(deep));
  CHECK_FALSE(claims_authserv_id(deep, "mx.example.org"));
  const std::string words = std::string(60'000, ' ') + "x";
  CHECK(authserv_id_of(words) == "x");
  std::string many;
  for (int i = 0; i < 30'000; ++i) {
    many += "m ";
  }
  CHECK_FALSE(claims_authserv_id(many, "mx.example.org"));
  CHECK_FALSE(claims_authserv_id(std::string(60'000, ';'), "mx.example.org"));
  CHECK_FALSE(
      claims_authserv_id(std::string(30'000, ';') + std::string(30'000, '('), "mx.example.org"));
}

TEST_CASE("a NUL in the middle hides nothing") {
  CHECK(claims_authserv_id(std::string(" mx.\0example.org; none", 23), "mx.example.org"));
  CHECK(claims_authserv_id(std::string(" mx.example.org\0; none", 22), "mx.example.org"));
}
