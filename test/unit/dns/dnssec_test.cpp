#include <array>
#include <chrono>
#include <cstdio>
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <unistd.h>
#include <vector>

#include "milterd/dns/unbound_resolver.hpp"
#include "test/support/nameserver.hpp"

using milterd::DnsSettings;
using milterd::Nameserver;
using milterd::TxtAnswer;
using milterd::UnboundResolver;
using Status = milterd::TxtAnswer::Status;
using namespace std::chrono_literals;

namespace {

namespace fs = std::filesystem;

/// The zone signed.test, signed by Debian's ldnsutils with a key made on the spot.
class SignedZone {
 public:
  SignedZone() {
    std::string path = (fs::temp_directory_path() / "milterd-zone-XXXXXX").string();
    if (mkdtemp(path.data()) == nullptr) {
      throw std::runtime_error("cannot make " + path);
    }
    directory_ = path;
    const std::string key =
        in_directory("ldns-keygen -r /dev/urandom -a ECDSAP256SHA256 -k signed.test");
    std::ofstream(directory_ / "zone") << "$ORIGIN signed.test.\n"
                                          "$TTL 60\n"
                                          "@ IN SOA ns hostmaster 1 3600 600 86400 60\n"
                                          "@ IN NS ns\n"
                                          "ns IN A 127.0.0.1\n"
                                          "key IN TXT \"v=DKIM1; p=abc\"\n"
                                          "changed IN TXT \"v=DKIM1; p=old\"\n"
                                          "address IN A 192.0.2.1\n"
                                          "open IN NS ns.open\n"
                                          "ns.open IN A 127.0.0.1\n";
    in_directory("ldns-signzone zone " + key);
    fs::rename(directory_ / (key + ".ds"), directory_ / "anchor");
    change("p=old", "p=new");
    std::ofstream(directory_ / "open") << "$ORIGIN open.signed.test.\n"
                                          "$TTL 60\n"
                                          "@ IN SOA ns hostmaster 1 3600 600 86400 60\n"
                                          "@ IN NS ns\n"
                                          "ns IN A 127.0.0.1\n"
                                          "key IN TXT \"v=DKIM1; p=open\"\n";
  }
  ~SignedZone() { fs::remove_all(directory_); }
  SignedZone(const SignedZone&) = delete;
  SignedZone(SignedZone&&) = delete;
  SignedZone& operator=(const SignedZone&) = delete;
  SignedZone& operator=(SignedZone&&) = delete;

  std::string anchor() const { return directory_ / "anchor"; }
  /// For unbound.conf: both zones, and a name outside of them.
  std::string configuration() const {
    return "  local-zone: 'signed.test' transparent\n"
           "  local-data: 'elsewhere.test 60 IN TXT \"v=DKIM1; p=else\"'\n" +
           auth_zone("signed.test", "zone.signed") + auth_zone("open.signed.test", "open");
  }

 private:
  /// What the command prints, without its line end.
  std::string in_directory(const std::string& command) const {
    const std::string line = "cd '" + directory_.string() + "' && " + command;
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(line.c_str(), "r"), pclose);
    std::array<char, 256> text{};
    if (pipe == nullptr) {
      throw std::runtime_error("cannot run " + command);
    }
    const std::size_t size = fread(text.data(), 1, text.size() - 1, pipe.get());
    const std::string printed(text.data(), size);
    return printed.substr(0, printed.find('\n'));
  }

  void change(const std::string& before, const std::string& after) const {
    const fs::path path = directory_ / "zone.signed";
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    std::string zone = text.str();
    const std::size_t at = zone.find(before);
    if (at == std::string::npos) {
      throw std::runtime_error("ldns-signzone did not sign; is the package ldnsutils installed?");
    }
    std::ofstream(path) << zone.replace(at, before.size(), after);
  }

  std::string auth_zone(const std::string& name, const std::string& file) const {
    return "auth-zone:\n  name: '" + name + "'\n  zonefile: '" + (directory_ / file).string() +
           "'\n  for-downstream: yes\n  for-upstream: no\n";
  }

  fs::path directory_;
};

std::unique_ptr<UnboundResolver> resolver_at(const std::string& address,
                                             const std::string& anchor) {
  DnsSettings settings;
  settings.nameservers = {address};
  settings.timeout = 20s;
  settings.trust_anchor_file = anchor;
  auto resolver = UnboundResolver::create(settings);
  REQUIRE(resolver);
  return *std::move(resolver);
}

TxtAnswer ask(UnboundResolver& resolver, std::string_view name) {
  return resolver.lookup_txt(name)->wait(std::chrono::steady_clock::now() + 20s);
}

}  // namespace

TEST_CASE("answers say whether DNSSEC protects them") {
  const SignedZone zone;
  Nameserver nameserver(zone.configuration());
  const auto resolver = resolver_at(nameserver.address(), zone.anchor());

  SUBCASE("a signed record is secure") {
    const TxtAnswer answer = ask(*resolver, "key.signed.test");
    CHECK(answer.status == Status::found);
    CHECK(answer.records == std::vector<std::string>{"v=DKIM1; p=abc"});
    CHECK(answer.secure);
    CHECK(answer.validating);
  }
  SUBCASE("so is the proof that there is none") {
    const TxtAnswer answer = ask(*resolver, "nowhere.signed.test");
    CHECK(answer.status == Status::none);
    CHECK(answer.secure);
    CHECK(ask(*resolver, "address.signed.test").secure);
  }
  SUBCASE("a record that was changed is bogus, every time") {
    for (int i = 0; i < 2; ++i) {
      const TxtAnswer answer = ask(*resolver, "changed.signed.test");
      CHECK(answer.status == Status::bogus);
      CHECK(answer.records == std::vector<std::string>{"v=DKIM1; p=new"});
      CHECK_FALSE(answer.secure);
      CHECK(answer.validating);
      CHECK_FALSE(answer.reason.empty());
    }
  }
  SUBCASE("a part of the domain that is not signed is insecure") {
    const TxtAnswer answer = ask(*resolver, "key.open.signed.test");
    CHECK(answer.status == Status::found);
    CHECK(answer.records == std::vector<std::string>{"v=DKIM1; p=open"});
    CHECK_FALSE(answer.secure);
    CHECK(answer.validating);
  }
  SUBCASE("a domain without a trust anchor is insecure") {
    const TxtAnswer answer = ask(*resolver, "elsewhere.test");
    CHECK(answer.status == Status::found);
    CHECK_FALSE(answer.secure);
    CHECK(answer.validating);
  }
  SUBCASE("who could not answer says all the same that somebody validates") {
    CHECK(ask(*resolver, "no..name").validating);
  }
}

TEST_CASE("without a trust anchor nothing is secure and nothing bogus") {
  const SignedZone zone;
  Nameserver nameserver(zone.configuration());
  const auto resolver = resolver_at(nameserver.address(), "");
  for (const char* name : {"key.signed.test", "changed.signed.test"}) {
    const TxtAnswer answer = ask(*resolver, name);
    CHECK(answer.status == Status::found);
    CHECK_FALSE(answer.secure);
    CHECK_FALSE(answer.validating);
  }
}
