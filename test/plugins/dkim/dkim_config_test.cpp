#include "plugins/dkim/dkim_config.hpp"

#include <string>
#include <vector>

#include "doctest/doctest.h"
#include "test/plugins/dkim/stage_under_test.hpp"
#include "test/support/stage_table.hpp"

using namespace milterd;
using namespace milterd::dkim;
using namespace milterd::dkim::test;

namespace {

std::string signing(const std::string& key_file) {
  return "domain = ['Example.org', 'example.net']\nselector = 's1'\nkey_file = '" + key_file +
         "'\n";
}

std::string without(std::string keys, const std::string& key) {
  const std::size_t begin = keys.find(key + " = ");
  REQUIRE(begin != std::string::npos);
  return keys.erase(begin, keys.find('\n', begin) + 1 - begin);
}

/// `value` is TOML.
std::string with(const std::string& keys, const std::string& key, const std::string& value) {
  const std::string others = keys.contains(key + " = ") ? without(keys, key) : keys;
  return others + key + " = " + value + "\n";
}

}  // namespace

TEST_CASE("an empty table verifies") {
  StageTable table("");
  const DkimConfig config = read_config(table.section());
  CHECK(table.errors().empty());
  CHECK(config.decision.verify);
  CHECK_FALSE(config.decision.sign);
  CHECK(config.decision.internal_hosts.match("", "127.0.0.1").listed);
  CHECK(config.decision.internal_hosts.match("", "::1").listed);
  CHECK_FALSE(config.decision.internal_hosts.match("", "192.0.2.1").listed);
  // opendkim's own defaults, in the order of Trouble.
  CHECK(config.actions == Actions{Action::accept, Action::accept, Action::accept, Action::tempfail,
                                  Action::tempfail, Action::tempfail, Action::reject});
}

TEST_CASE("domain, selector and key make a table sign and verify") {
  const TemporaryFile key(rsa_2048_key);
  StageTable table(signing(key.path()));
  const DkimConfig config = read_config(table.section());
  CHECK(table.errors() == std::vector<std::string>{});
  CHECK(config.decision.sign);
  CHECK(config.decision.verify);
  REQUIRE(config.signers != nullptr);
  const auto known = config.signers->known();
  REQUIRE(known.size() == 2);
  CHECK(known[0].signer.domain == "example.org");
  CHECK(known[1].signer.domain == "example.net");
  CHECK(known[0].signer.key->bits() == 2048);
}

TEST_CASE("canonicalization is read as opendkim reads it") {
  struct Case {
    std::string text, header, body;
  };
  for (const Case& one : std::vector<Case>{{"relaxed/relaxed", "relaxed", "relaxed"},
                                           {"simple/relaxed", "simple", "relaxed"},
                                           {"relaxed", "relaxed", "simple"},
                                           {"simple", "simple", "simple"}}) {
    StageTable table("canonicalization = '" + one.text + "'\n");
    const DkimConfig config = read_config(table.section());
    CHECK(table.errors().empty());
    CHECK(config.signing.canonicalization.header == one.header);
    CHECK(config.signing.canonicalization.body == one.body);
  }
}

TEST_CASE("every fault of a table is told") {
  const TemporaryFile good(rsa_2048_key);
  const TemporaryFile short_key(rsa_768_key);
  const TemporaryFile curve(elliptic_curve_key);
  const TemporaryFile encrypted(encrypted_key);
  const TemporaryFile text("no key\n");
  const TemporaryFile keys("a._domainkey.b v=DKIM1; p=\n\nlonely\n");
  const std::string sound = signing(good.path());
  const std::string incomplete =
      " is missing: signing needs domain, selector and key_file, or key_table and signing_table; "
      "without them use mode = [\"verify\"]";
  struct Case {
    std::string keys;
    std::vector<std::string> errors;
  };
  for (const Case& one : std::vector<Case>{
           {"mode = 'sign'\n",
            {"[[stage]]: domain" + incomplete, "[[stage]]: selector" + incomplete,
             "[[stage]]: key_file" + incomplete}},
           {without(sound, "domain"), {"[[stage]]: domain" + incomplete}},
           {without(sound, "selector"), {"[[stage]]: selector" + incomplete}},
           {without(sound, "key_file"), {"[[stage]]: key_file" + incomplete}},
           {without(with(sound, "mode", "'verify'"), "key_file"), {}},
           {with(sound, "mode", "['sign', 's']"),
            {"mode: 's' is no mode: use \"sign\", \"verify\" or both"}},
           {with("", "mode", "[]"), {"mode: 'mode' is empty: use \"sign\", \"verify\" or both"}},
           {with(sound, "domain", "'exa mple'"), {"domain: 'exa mple' is not a domain name"}},
           {with(sound, "selector", "'a b'"),
            {"selector: 'a b' is not a selector: it is a part of a domain name"}},
           {with(sound, "key_file", "'/nowhere/key'"),
            {"key_file: cannot read '/nowhere/key': No such file or directory"}},
           {with(sound, "key_file", "'/'"),
            {"key_file: cannot read '/': it is not a regular file"}},
           {with(sound, "key_file", "'" + text.path() + "'"),
            {"key_file: cannot use key '" + text.path() +
             "': it has no private key in PEM form, or the key needs a password"}},
           {with(sound, "key_file", "'" + encrypted.path() + "'"),
            {"key_file: cannot use key '" + encrypted.path() +
             "': it has no private key in PEM form, or the key needs a password"}},
           {with(sound, "key_file", "'" + curve.path() + "'"),
            {"key_file: cannot use key '" + curve.path() +
             "': DKIM knows RSA and Ed25519 keys, this is neither"}},
           {with(sound, "key_file", "'" + short_key.path() + "'"),
            {"key_file: cannot use key '" + short_key.path() +
             "': it has 768 bits, an RSA key must have 1024 to 4096; make one of 2048"}},
           {with("", "internal_hosts", "['127.0.0.1', '1.2.3.4.5', 'a/b']"),
            {"internal_hosts: '1.2.3.4.5' is not a host: use an address (192.0.2.7), a network "
             "(192.0.2.0/24), a name (mail.example.org) or a domain (.example.org), with ! in "
             "front for an exception",
             "internal_hosts: 'a/b' is not a network: what stands before / is not an address"}},
           {with("", "canonicalization", "'relaxed/'"),
            {"canonicalization: 'relaxed/' is no canonicalization: use simple or relaxed for the "
             "header, a / and the same for the body"}},
           {with("", "test_public_keys", "'/nowhere/keys'"),
            {"test_public_keys: cannot read '/nowhere/keys': No such file or directory"}},
           {with("", "test_public_keys", "'" + keys.path() + "'"),
            {"test_public_keys: '" + keys.path() +
             "' line 3 has no record: write 'selector._domainkey.domain v=DKIM1; p=...'"}},
       }) {
    CAPTURE(one.keys);
    StageTable table(one.keys);
    read_config(table.section());
    CHECK(table.errors() == one.errors);
  }
}

TEST_CASE("a stage asks for no more than it uses") {
  const TemporaryFile key(rsa_2048_key);
  const StageUnderTest verifying;
  CHECK_FALSE(verifying.stage->needs().edits_header);
  CHECK(verifying.stage->needs().reports_auth_results);
  const StageUnderTest signing_only(with(signing(key.path()), "mode", "'sign'"));
  const Needs needs = signing_only.stage->needs();
  CHECK(needs.header);
  CHECK(needs.body);
  CHECK(needs.edits_header);
  CHECK_FALSE(needs.image);
  CHECK_FALSE(needs.mail);
  CHECK_FALSE(needs.quarantines);
  CHECK_FALSE(needs.reports_auth_results);
  REQUIRE(needs.macros.size() == 2);
  CHECK(needs.macros[0].event == Event::mail);
  CHECK(needs.macros[0].name == "{auth_authen}");
  CHECK(needs.macros[1].name == "{auth_type}");
}
