#include "milterd/dns/trust_anchor_file.hpp"

#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>

#include "milterd/dns/unbound_resolver.hpp"

using milterd::check_trust_anchor_file;

namespace {

class AnchorFile {
 public:
  explicit AnchorFile(const std::string& text)
      : path_(std::filesystem::temp_directory_path() /
              ("milterd-anchor-" + std::to_string(getpid()))) {
    std::ofstream(path_) << text;
  }
  ~AnchorFile() { std::filesystem::remove(path_); }
  AnchorFile(const AnchorFile&) = delete;
  AnchorFile(AnchorFile&&) = delete;
  AnchorFile& operator=(const AnchorFile&) = delete;
  AnchorFile& operator=(AnchorFile&&) = delete;

  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

std::string no_key(const std::string& path) {
  return "trust_anchor_file '" + path +
         "' holds no DS or DNSKEY record; for the root zone use /usr/share/dns/root.key of the "
         "package dns-root-data";
}

std::string error_of(const std::string& path) {
  const auto checked = check_trust_anchor_file(path);
  return checked ? "" : checked.error().message;
}

constexpr const char* root_ds =
    ". 172800 IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D\n";

}  // namespace

TEST_CASE("a trust anchor file has DS or DNSKEY records") {
  for (const std::string& text : {std::string(root_ds), "; a comment\n\n" + std::string(root_ds),
                                  std::string(".\tin\tdnskey 257 3 8 AwEAAQ== ;{id = 1}")}) {
    CAPTURE(text);
    const AnchorFile file(text);
    CHECK(error_of(file.path()) == "");
  }
}

TEST_CASE("a trust anchor file that is none is named, and why") {
  for (const std::string text : {"", "\n\n", "; only DS\n", "example.org. IN TXT DSx\n"}) {
    CAPTURE(text);
    const AnchorFile file(text);
    CHECK(error_of(file.path()) == no_key(file.path()));
  }
  CHECK(error_of("/nowhere/root.key") ==
        "cannot read trust_anchor_file '/nowhere/root.key': No such file or directory");
  CHECK(error_of("/") == "cannot read trust_anchor_file '/': Is a directory");
  CHECK(error_of("/dev/null") == "cannot read trust_anchor_file '/dev/null': Invalid argument");
  const AnchorFile large(std::string(1024 * 1024, '\n') + root_ds);
  CHECK(error_of(large.path()) ==
        "trust_anchor_file '" + large.path() + "' is over 1 MiB: it should hold a few keys");
}

TEST_CASE("a resolver with a trust anchor file that is none is not made") {
  milterd::DnsSettings settings;
  settings.nameservers = {"127.0.0.1:1"};
  SUBCASE("no key") {
    const AnchorFile file("; nothing\n");
    settings.trust_anchor_file = file.path();
    const auto resolver = milterd::UnboundResolver::create(settings);
    REQUIRE_FALSE(resolver);
    CHECK(resolver.error().message == no_key(file.path()));
  }
  SUBCASE("a broken one") {
    const AnchorFile file(". IN DS garbage\n");
    settings.trust_anchor_file = file.path();
    const auto resolver = milterd::UnboundResolver::create(settings);
    REQUIRE_FALSE(resolver);
    CHECK(resolver.error().message ==
          "cannot start libunbound: initialization failure; is one of the keys in "
          "trust_anchor_file '" +
              file.path() + "' broken?");
  }
  SUBCASE("a good one") {
    const AnchorFile file(root_ds);
    settings.trust_anchor_file = file.path();
    CHECK(milterd::UnboundResolver::create(settings));
  }
}
