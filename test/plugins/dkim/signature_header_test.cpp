#include "plugins/dkim/signature_header.hpp"

#include <string>
#include <vector>

#include "doctest/doctest.h"
#include "plugins/dkim/report.hpp"

using namespace milterd;
using namespace milterd::dkim;

namespace {

/// A sound signature with `tag` instead of its own tag of that name, or without it where `value` is
/// null.
std::string with(const std::string& tag, const char* value) {
  const std::vector<std::pair<std::string, std::string>> tags = {
      {"v", "1"},  {"a", "rsa-sha256"}, {"c", "relaxed/simple"}, {"d", "Example.org"},
      {"s", "S1"}, {"h", "From:To"},    {"bh", "AAAA"},          {"b", "QUJD\r\n\tREVG"},
  };
  std::string text;
  bool done = false;
  for (const auto& [name, usual] : tags) {
    if (name != tag) {
      text += " " + name + "=" + usual + ";";
    } else if (!done && value != nullptr) {
      text += " " + name + "=" + value + ";";
    }
    done = done || name == tag;
  }
  if (!done && value != nullptr) {
    text += " " + tag + "=" + value;
  }
  return text;
}

}  // namespace

TEST_CASE("a sound signature is read") {
  const auto header =
      read_signature_header(with("i", "a=3Db@sub.Example.Org") + "; t=12;x=34; z=q");
  CHECK(header.fault == "");
  CHECK(header.domain == "Example.org");
  CHECK(header.selector == "S1");
  CHECK(header.key_name() == "s1._domainkey.example.org");
  CHECK(header.identity == "a=3Db@sub.Example.Org");
  CHECK(header.algorithm == "rsa-sha256");
  CHECK(header.signature == "QUJDREVG");
  CHECK(header.time == 12);
  CHECK(header.expiry == 34);
}

TEST_CASE("each tag is checked") {
  const std::string name_list = [] {
    std::string list = "From";
    for (int i = 0; i < 256; ++i) {
      list += ":X";
    }
    return list;
  }();
  const std::string long_label(64, 'a');
  struct Case {
    std::string tag;
    const char* value;
    std::string fault;
  };
  for (const Case& one : std::vector<Case>{
           {"v", nullptr, "v= is missing"},
           {"v", "2", "v= is not 1"},
           {"v", "", "v= is not 1"},
           {"a", nullptr, "a= is missing"},
           {"a", "rsa-sha512", "a= is not an algorithm that is known"},
           {"a", "ed25519-sha256", ""},
           {"a", "rsa-sha1", ""},
           {"c", nullptr, ""},
           {"c", "simple", ""},
           {"c", "relaxed/nofws", "c= is not a canonicalization that is known"},
           {"c", "/simple", "c= is not a canonicalization that is known"},
           {"d", "", "d= is not a domain name"},
           {"d", ".", "d= is not a domain name"},
           {"d", "example.org.", "d= is not a domain name"},
           {"d", "a..b", "d= is not a domain name"},
           {"d", "exa/mple", "d= is not a domain name"},
           {"d", long_label.c_str(), "d= is not a domain name"},
           {"s", "a.b", ""},
           {"s", "a b", ""},
           {"s", "a@b", "s= is not a selector"},
           {"h", "", "h= is empty"},
           {"h", "To:Cc", "h= does not name From"},
           {"h", "To : FROM", ""},
           {"h", "From:", "h= has an empty name"},
           {"h", ":From", "h= has an empty name"},
           {"h", name_list.c_str(), "h= names more than 256 fields"},
           {"bh", "AA AA=", ""},
           {"bh", "A-", "bh= is not base64"},
           {"b", "", "b= is not base64"},
           {"b", "====", "b= is not base64"},
           {"q", "dns/txt", ""},
           {"q", "foo:dns/txt", ""},
           {"q", "foo", "q= is not a method that is known"},
           {"q", "", "q= is not a method that is known"},
           {"i", "@example.org", ""},
           {"i", "a@b.example.org", ""},
           {"i", "example.org", "i= is malformed"},
           {"i", "a=@example.org", "i= is malformed"},
           {"i", "a@badexample.org", "the domain of i= is not d= or below it"},
           {"i", "@", "the domain of i= is not d= or below it"},
           {"l", "0", ""},
           {"l", "-1", "l= is not a number"},
           {"l", "9999999999999999", "l= is not a number"},
           {"t", "123456789012", ""},
           {"t", "1.5", "t= is not a time"},
           {"x", "", "x= is not a time"},
           {"x", "1234567890123", "x= is not a time"},
           {"z", "From:a|To=3Ab", ""},
           {"r", "\x80", "tag r= has a byte that may not be there"},
           {"r", "a\rb", "tag r= has a byte that may not be there"},
           {"r", "a\r\nb", "tag r= has a byte that may not be there"},
       }) {
    CAPTURE(one.tag);
    CAPTURE(std::string(one.value == nullptr ? "(none)" : one.value).substr(0, 50));
    CHECK(read_signature_header(with(one.tag, one.value)).fault == one.fault);
  }
}

TEST_CASE("a signature ends after it begins") {
  CHECK(read_signature_header(with("t", "100") + "; x=101").fault.empty());
  for (const std::string end : {"100", "99"}) {
    CHECK(read_signature_header(with("t", "100") + "; x=" + end).fault == "x= is not after t=");
  }
}

TEST_CASE("the grammar of tag lists is kept") {
  struct Case {
    std::string text;
    std::string fault;
  };
  for (const Case& one : std::vector<Case>{
           {";", "a tag name is malformed"},
           {"v=1;;", "a tag name is malformed"},
           {"1v=1", "a tag name is malformed"},
           {"=1", "a tag name is malformed"},
           {"v", "tag v has no ="},
           {"v=1; v=1", "tag v= comes twice"},
           {std::string("v=1; r=a\0b", 10), "tag r= has a byte that may not be there"},
       }) {
    CAPTURE(one.text);
    CHECK(read_signature_header(one.text).fault == one.fault);
  }
}

TEST_CASE("what a malformed signature says of itself is kept where it can be read") {
  const auto header = read_signature_header(with("q", "foo"));
  CHECK(header.domain == "Example.org");
  CHECK(header.selector == "S1");
  CHECK(header.algorithm == "rsa-sha256");
  CHECK(header.signature == "QUJDREVG");
}

TEST_CASE("header.b is as long as it must be to tell signatures apart") {
  struct Case {
    std::vector<std::string> signatures;
    std::vector<std::string> prefixes;
  };
  for (const Case& one : std::vector<Case>{
           {{"ABCDEFGHIJ"}, {"ABCDEFGH"}},
           {{"ABCDEFGHIJ", "XYZ"}, {"ABCDEFGH", "XYZ"}},
           {{"ABCDEFGHIJKL", "ABCDEFGHIJXX"}, {"ABCDEFGHIJK", "ABCDEFGHIJX"}},
           {{"ABCDEFGHIJKL", "ABCDEFGHIJKL"}, {"ABCDEFGH", "ABCDEFGH"}},
           {{"ABCDEFGHI", "ABCDEFGHIJ"}, {"ABCDEFGHI", "ABCDEFGHIJ"}},
           {{"", "ABCDEFGHI"}, {"", "ABCDEFGH"}},
       }) {
    Signatures signatures;
    for (const std::string& signature : one.signatures) {
      SignatureHeader header;
      header.signature = signature;
      signatures.entries.push_back({0, header});
    }
    CHECK(unique_prefixes(signatures) == one.prefixes);
  }
}

TEST_CASE("what hashing needs is read from h=, c= and l=") {
  struct Case {
    std::string value;
    bool relaxed_header;
    bool relaxed_body;
  };
  for (const Case& one : std::vector<Case>{
           {"simple", false, false},
           {"relaxed", true, false},
           {"simple/relaxed", false, true},
           {"relaxed/simple", true, false},
           {"relaxed / relaxed", true, true},
       }) {
    const SignatureHeader header = read_signature_header(with("c", one.value.c_str()));
    CHECK(header.fault == "");
    CHECK(header.relaxed_header == one.relaxed_header);
    CHECK(header.relaxed_body == one.relaxed_body);
    CHECK_FALSE(header.length);
  }
  CHECK(read_signature_header(with("l", "12")).length == 12);
  const SignatureHeader header = read_signature_header(with("h", "From : to:FROM"));
  CHECK(header.signed_headers == "From:to:FROM");
  CHECK(header.times_signed("from") == 2);
  CHECK(header.times_signed("To") == 1);
  CHECK(header.times_signed("T") == 0);
}

TEST_CASE("signatures beyond the limits are counted, the first of them named") {
  std::vector<std::string> texts;
  for (const char* domain : {"a", "b", "a", "c", "a"}) {
    texts.push_back("DKIM-Signature: v=1; a=rsa-sha256; d=" + std::string(domain) +
                    ".example; s=s; h=from; bh=AAAA; b=AAAA");
  }
  texts.insert(texts.begin(), 3, "DKIM-Signature: nonsense");
  std::vector<HeaderField> headers;
  for (const std::string& text : texts) {
    headers.emplace_back(text, text.find(':'));
  }
  const Signatures found = find_signatures(headers, {.signatures = 2, .domains = 10});
  CHECK(found.entries.size() == 4);
  CHECK(found.skipped == 4);
  CHECK(found.named_skipped.size() == 4);
  const Signatures by_domain = find_signatures(headers, {.signatures = 10, .domains = 2});
  CHECK(by_domain.entries.size() == 7);
  REQUIRE(by_domain.named_skipped.size() == 1);
  CHECK(by_domain.named_skipped[0].header.domain == "c.example");
}
