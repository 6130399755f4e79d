#include "plugins/dkim/verifying/alignment.hpp"

#include <string>
#include <vector>

#include "doctest/doctest.h"

using milterd::dkim::Alignment;

namespace {

struct Case {
  std::string signer;
  std::string author;
  bool aligned;
};

}  // namespace

TEST_CASE("strict alignment wants the same domain") {
  for (const Case& one : std::vector<Case>{
           {"example.org", "example.org", true},
           {"EXAMPLE.org", "example.ORG", true},
           {"mail.example.org", "example.org", false},
           {"example.org", "mail.example.org", false},
           {"example.orgs", "example.org", false},
           {"", "", false},
       }) {
    CAPTURE(one.signer);
    CHECK(Alignment::strict().aligned(one.signer, one.author) == one.aligned);
  }
}

TEST_CASE("relaxed alignment wants the same organization") {
  const auto relaxed = Alignment::relaxed();
  REQUIRE(relaxed);
  for (const Case& one : std::vector<Case>{
           {"example.org", "example.org", true},
           {"mail.Example.org", "example.org", true},
           {"a.example.org", "b.c.example.org", true},
           {"example.co.uk", "mail.example.co.uk", true},
           {"one.co.uk", "two.co.uk", false},
           {"co.uk", "two.co.uk", false},
           {"uk", "co.uk", false},
           {"notexample.org", "example.org", false},
           {"example.org.evil.test", "example.org", false},
           {"org", "example.org", false},
           {"one.github.io", "two.github.io", false},
           {"a.b.nolist", "c.b.nolist", true},
           {"a.nolist", "b.nolist", false},
           {"localhost", "localhost", true},
           {"[192.0.2.1]", "[192.0.2.2]", false},
           {"", "example.org", false},
       }) {
    CAPTURE(one.signer);
    CAPTURE(one.author);
    CHECK(relaxed->aligned(one.signer, one.author) == one.aligned);
  }
}
