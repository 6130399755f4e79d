#include "milterd/import/opendkim_import.hpp"

#include <doctest/doctest.h>

#include "milterd/config/config_file.hpp"

namespace milterd {
namespace {

using Texts = std::vector<std::string>;

Imported import_text(std::string_view text) {
  const auto settings = parse_opendkim_text(text, "f");
  return import_opendkim(settings, "f");
}

/// What the report says of a file of one line.
std::string said_of(const std::string& line) {
  const Imported result = import_text(line);
  const std::string begin = "#   f:1: " + line + ": ";
  const std::size_t at = result.toml.find(begin);
  REQUIRE(at != std::string::npos);
  const std::size_t end = result.toml.find('\n', at);
  return result.toml.substr(at + begin.size(), end - at - begin.size());
}

/// The lines from the first table on.
std::string settings_of(const std::string& toml) { return toml.substr(toml.find("\n\n") + 2); }

TEST_CASE("each option is said to be honoured as a key") {
  struct Row {
    const char* line;
    const char* expected;
  };
  for (const auto& [line, expected] : {
           Row{"KeyTable refile:/etc/KeyTable", "key_table = \"refile:/etc/KeyTable\""},
           Row{"SigningTable refile:/etc/SigningTable",
               "signing_table = \"refile:/etc/SigningTable\""},
           Row{"InternalHosts refile:/etc/TrustedHosts",
               "internal_hosts = [\"refile:/etc/TrustedHosts\"]"},
           Row{"InternalHosts 127.0.0.1, ::1", "internal_hosts = [\"127.0.0.1\", \"::1\"]"},
           Row{"Domain a.example,b.example", "domain = [\"a.example\", \"b.example\"]"},
           Row{"KeyFile /k.pem", "key_file = \"/k.pem\""},
           Row{"SubDomains yes", "sub_domains = true"},
           Row{"Canonicalization relaxed", "canonicalization = \"relaxed/simple\""},
           Row{"Canonicalization Relaxed/Relaxed", "canonicalization = \"relaxed/relaxed\""},
           Row{"SignatureTTL 3600", "signature_ttl = \"3600s\""},
           Row{"MaximumSignedBytes 1000", "maximum_signed_bytes = \"1000B\""},
           Row{"MaximumSignaturesToVerify 0", "maximum_signatures_to_verify = 100"},
           Row{"MinimumKeyBits 512", "minimum_key_bits = 1024"},
           Row{"MinimumKeyBits 0", "minimum_key_bits = 0"},
           Row{"SignHeaders *,+X-Mine", "sign_headers = [\"*\", \"+X-Mine\"]"},
           Row{"MacroList daemon_name=a|b,x", "macro_list = [\"daemon_name=a|b\", \"x\"]"},
           Row{"On-BadSignature r", "on_bad_signature = \"reject\""},
           Row{"CaptureUnknownErrors yes", "on_internal_error = \"quarantine\""},
           Row{"X-Header yes", "software_header = true"},
           Row{"DNSTimeout 0", "[dns] timeout = \"60s\""},
           Row{"Nameservers 192.0.2.1,192.0.2.2",
               "[dns] nameservers = [\"192.0.2.1\", \"192.0.2.2\"]"},
           Row{"UserID opendkim:mail", "[milter] user = \"opendkim\", socket_group = \"mail\""},
           Row{"UMask 002", "[milter] socket_mode = \"0664\""},
           Row{"AuthservID mx.example.org", "[milter] authserv_id = \"mx.example.org\""},
           Row{"Syslog yes", "[log] target = \"syslog\""},
           Row{"MaximumHeaders 32768", "[limits] header_size = \"32768B\""},
           Row{"TestDNSData file:/keys", "test_public_keys = \"/keys\""},
       }) {
    CAPTURE(line);
    CHECK(said_of(line) == std::string("honoured as ") + expected);
    CHECK(import_text(line).faults.empty());
  }
}

TEST_CASE("an option that mail does not need is ignored, with the reason") {
  CHECK(said_of("Background yes") ==
        "ignored: milterd serves in the foreground; the service manager watches it");
  CHECK(said_of("Syslog no") == "ignored: milterd logs to standard error then");
  CHECK(said_of("SignatureAlgorithm rsa-sha256") == "ignored: the type of the key says which");
  CHECK(import_text("Background yes\nQuarantine yes\n").faults.empty());
}

TEST_CASE("an option that somebody relies on is refused, with what to do") {
  const Imported result = import_text(
      "RedirectFailuresTo postmaster\nResignAll no\nResignAll yes\nSelektor x\nMode x\n"
      "KeyTable dsn:mysql://db\nSignatureAlgorithm rsa-sha1\nUMask rw\n");
  CHECK(result.faults ==
        Texts{"f:1: RedirectFailuresTo postmaster: refused: milterd redirects no mail; use "
              "on_bad_signature = \"quarantine\"",
              "f:3: ResignAll yes: refused: milterd does not sign mail from others again; let "
              "the list server do that",
              "f:4: Selektor x: refused: opendkim has no such option; did you mean Selector?",
              "f:5: Mode x: refused: the modes are s, v and sv",
              "f:6: KeyTable dsn:mysql://db: refused: milterd reads no dsn: data sets; write its "
              "rows to a file, \"key value\" in each line, and name that",
              "f:7: SignatureAlgorithm rsa-sha1: refused: rsa-sha1 proves nothing any more (RFC "
              "8301); remove it, milterd makes rsa-sha256",
              "f:8: UMask rw: refused: this is no number that it can have"});
  for (const std::string& fault : result.faults) {
    CHECK(result.toml.find("#   " + fault + "\n") != std::string::npos);
  }
}

TEST_CASE("of an option that is set again the last one counts") {
  const Imported result = import_text("Canonicalization simple\nCANONICALIZATION relaxed\n");
  CHECK(result.toml.find("f:1: Canonicalization simple: ignored: f:2 sets it again\n") !=
        std::string::npos);
  CHECK(result.toml.find("\ncanonicalization = \"relaxed/simple\"\n") != std::string::npos);
}

TEST_CASE("a fault does not undo what was set before") {
  const Imported result = import_text("Syslog yes\nSyslog maybe\n");
  CHECK(result.faults.size() == 1);
  CHECK(result.toml.find("\ntarget = \"syslog\"\n") != std::string::npos);
}

TEST_CASE("On-Default is for those that are not set") {
  const Imported result = import_text("On-DNSError accept\nOn-Default r\n");
  CHECK(result.toml.find("\non_dns_error = \"accept\"\n") != std::string::npos);
  CHECK(result.toml.find("\non_bad_signature = \"reject\"\n") != std::string::npos);
  CHECK(result.toml.find("\non_signature_error = \"reject\"\n") != std::string::npos);
}

TEST_CASE("a header that is too large gets what On-Security says, and passes where that accepts") {
  CHECK(import_text("MaximumHeaders 2048\n").toml.find("\non_header_limit = \"tempfail\"\n") !=
        std::string::npos);
  CHECK(import_text("MaximumHeaders 2048\nOn-Security reject\n")
            .toml.find("\non_header_limit = \"reject\"\n") != std::string::npos);
  CHECK(import_text("MaximumHeaders 2048\nOn-Security accept\n")
            .toml.find("\nheader_size = \"67108864B\"\n") != std::string::npos);
}

TEST_CASE("paths are taken from BaseDirectory, wherever that stands") {
  CHECK(import_text("KeyFile s1.private\nBaseDirectory /etc/dkim\n")
            .toml.find("\nkey_file = \"/etc/dkim/s1.private\"\n") != std::string::npos);
}

TEST_CASE("with a KeyTable, Domain, Selector and KeyFile do not count, as in opendkim") {
  const Imported result =
      import_text("Domain a.example\nSelector s\nKeyFile /k\nKeyTable /t\nSigningTable /s\n");
  CHECK(result.toml.find("f:1: Domain a.example: ignored: opendkim does not look at it where there "
                         "is a KeyTable\n") != std::string::npos);
  CHECK(result.toml.find("\nkey_file = ") == std::string::npos);
}

TEST_CASE("without a key there is only verifying") {
  CHECK(import_text("Mode sv\n").toml.find("\nmode = [\"verify\"]\n") != std::string::npos);
  CHECK(import_text("").toml.find("\nmode = [\"verify\"]\n") != std::string::npos);
  CHECK(import_text("Mode s\n").faults.size() == 1);
  CHECK(import_text("KeyFile /k\n").toml.find("\nmode = [\"sign\", \"verify\"]\n") !=
        std::string::npos);
}

TEST_CASE("where the file is silent, opendkim's defaults that others see are kept") {
  CHECK(settings_of(import_text("").toml) ==
        "[[stage]]\nplugin = \"dkim\"\ncompat = \"opendkim\"\nmode = [\"verify\"]\n"
        "always_add_ar_header = false\ncanonicalization = \"simple/simple\"\n"
        "maximum_signatures_to_verify = 3\n");
}

TEST_CASE("the configuration is TOML whatever the bytes of the file are") {
  const Imported result = import_text(
      "Selector \"s\\1\"\nDomain \xff\nAuthservID mx\x01\nKeyFile /k\x1b[31m\n\xc3\x28 x\n");
  CHECK(result.faults.size() == 2);
  const auto file = ConfigFile::parse(result.toml, "milterd.toml");
  for (const Problem& problem : file->problems()) {
    CHECK(problem.text.find("TOML") == std::string::npos);
  }
  REQUIRE(file->config().stages.size() == 1);
  CHECK(file->config().stages[0].section->string("selector", "") == "\"s\\1\"");
}

TEST_CASE("a password is not printed") {
  CHECK(import_text("LDAPBindPassword secret\n").toml.find("secret") == std::string::npos);
}

}  // namespace
}  // namespace milterd
