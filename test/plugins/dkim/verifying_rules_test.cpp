#include "plugins/dkim/verifying/verifying_rules.hpp"

#include <string>
#include <vector>

#include "doctest/doctest.h"
#include "test/plugins/dkim/temporary_file.hpp"
#include "test/support/stage_table.hpp"

using namespace milterd;
using namespace milterd::dkim;
using milterd::test::StageTable;

namespace {

VerifyingRules read(const std::string& keys) {
  StageTable table(keys);
  VerifyingRules rules = read_verifying_rules(table.section());
  CHECK(table.errors() == std::vector<std::string>{});
  return rules;
}

std::vector<std::string> errors_of(const std::string& keys) {
  StageTable table(keys);
  (void)read_verifying_rules(table.section());
  return table.errors();
}

}  // namespace

TEST_CASE("the rules have defaults, and are printed in their order") {
  StageTable table("");
  const VerifyingRules rules = read_verifying_rules(table.section());
  CHECK(table.printed() ==
        "maximum_signatures_to_verify = 10\n"
        "maximum_domains_to_verify = 10\n"
        "minimum_key_bits = 1024\n"
        "clock_drift = \"5m\"\n"
        "allow_sha1 = false\n"
        "minimum = \"100%\"\n"
        "# must_be_signed = []\n"
        "bogus_key = \"fail\"\n"
        "unprotected_key = \"none\"\n"
        "always_add_ar_header = true\n"
        "compat = \"rfc8601\"\n"
        "require_aligned_pass = \"no\"\n"
        "alignment = \"relaxed\"\n"
        "on_malformed_from = \"accept\"\n");
  CHECK(rules.maximum_signatures == 10);
  CHECK(rules.clock_drift == std::chrono::seconds(300));
  CHECK(rules.require_aligned_pass == Action::proceed);
  CHECK(rules.on_malformed_from == Action::accept);
}

TEST_CASE("each rule is read") {
  const VerifyingRules rules = read(
      "maximum_signatures_to_verify = 100\n"
      "maximum_domains_to_verify = 1\n"
      "minimum_key_bits = 0\n"
      "clock_drift = '90s'\n"
      "allow_sha1 = true\n"
      "must_be_signed = ['Subject', 'Date']\n"
      "bogus_key = 'none'\n"
      "unprotected_key = 'fail'\n"
      "always_add_ar_header = false\n"
      "compat = 'opendkim'\n"
      "require_aligned_pass = 'reject'\n"
      "alignment = 'strict'\n"
      "on_malformed_from = 'quarantine'\n");
  using KeyAction = VerifyingRules::KeyAction;
  CHECK(rules.maximum_signatures == 100);
  CHECK(rules.maximum_domains == 1);
  CHECK(rules.minimum_key_bits == 0);
  CHECK(rules.clock_drift == std::chrono::seconds(90));
  CHECK(rules.allow_sha1);
  CHECK(rules.must_be_signed == std::vector<std::string>{"Subject", "Date"});
  CHECK(rules.bogus_key == KeyAction::none);
  CHECK(rules.unprotected_key == KeyAction::fail);
  CHECK_FALSE(rules.always_add_ar_header);
  CHECK(rules.opendkim_words);
  CHECK(rules.require_aligned_pass == Action::reject);
  CHECK_FALSE(rules.alignment.aligned("mail.example.org", "example.org"));
  CHECK(rules.on_malformed_from == Action::quarantine);
  CHECK(read("require_aligned_pass = 'tempfail'\n").alignment.aligned("a.b.test", "c.b.test"));
}

TEST_CASE("minimum is read in opendkim's three forms") {
  using Kind = LeastSigned::Kind;
  struct Case {
    std::string text;
    Kind kind;
    std::uint64_t amount;
  };
  for (const Case& one : std::vector<Case>{
           {"0", Kind::bytes, 0},
           {"1000", Kind::bytes, 1000},
           {"80%", Kind::percent, 80},
           {"100%", Kind::percent, 100},
           {"64+", Kind::unsigned_bytes, 64},
       }) {
    const LeastSigned least = read("minimum = '" + one.text + "'\n").minimum;
    CHECK(least.kind == one.kind);
    CHECK(least.amount == one.amount);
  }
  for (const std::string text :
       {"", "%", "101%", "-1", "1 %", "1000b", "+", "1e3", " 1", "99999999999999999999"}) {
    CAPTURE(text);
    CHECK(errors_of("minimum = '" + text + "'\n") ==
          std::vector<std::string>{
              "minimum: takes a number of bytes (\"1000\"), a share of the body (\"80%\") or how "
              "many bytes may be unsigned (\"0+\")"});
  }
}

TEST_CASE("must_be_signed takes opendkim's lists too") {
  const dkim::test::TemporaryFile file("Subject\nTo # who\nno name\n");
  CHECK(read("must_be_signed = ['csl:Subject,Date', 'Cc']\n").must_be_signed ==
        std::vector<std::string>{"Subject", "Date", "Cc"});
  CHECK(read("must_be_signed = '" + file.path() + "'\n").must_be_signed ==
        std::vector<std::string>{"Subject", "To", "no"});
  CHECK(errors_of("must_be_signed = 'csl:Subject,*'\n") ==
        std::vector<std::string>{"must_be_signed: entry 2: '*' is not the name of a header field"});
}

TEST_CASE("what cannot be meant is an error, all in one run") {
  CHECK(errors_of("minimum_key_bits = 512\nmust_be_signed = ['Sub ject', '', 'To:', 'Cc']\n") ==
        std::vector<std::string>{
            "minimum_key_bits: takes 1024 to 16384, or 0 for any size",
            "must_be_signed: 'Sub ject' is not the name of a header field",
            "must_be_signed: '' is not the name of a header field",
            "must_be_signed: 'To:' is not the name of a header field",
        });
  for (const std::string line :
       {"maximum_signatures_to_verify = 0", "maximum_signatures_to_verify = 101",
        "maximum_domains_to_verify = 0", "minimum_key_bits = 16385", "clock_drift = '25h'",
        "bogus_key = 'reject'", "compat = 'opendkim2'", "require_aligned_pass = 'discard'",
        "alignment = 'r'", "on_malformed_from = 'drop'"}) {
    CAPTURE(line);
    CHECK(errors_of(line + "\n").size() == 1);
  }
}
