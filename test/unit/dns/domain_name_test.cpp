#include "milterd/dns/domain_name.hpp"

#include <doctest/doctest.h>
#include <string>

using milterd::is_domain_name;

namespace {

/// Labels of 63, 63, 63 and `last` bytes.
std::string name_with_last_label(std::size_t last) {
  const std::string label(63, 'a');
  return label + "." + label + "." + label + "." + std::string(last, 'a');
}

}  // namespace

TEST_CASE("a name that DNS can hold is a domain name") {
  for (const std::string& name : {
           std::string("example.org"),
           std::string("example.org."),
           std::string("s1._domainkey.example.org"),
           std::string("xn--bcher-kva.example"),
           std::string("org"),
           std::string(63, 'a') + ".example",
           name_with_last_label(61),
           name_with_last_label(61) + ".",
       }) {
    CAPTURE(name);
    CHECK(is_domain_name(name));
  }
}

TEST_CASE("what DNS cannot hold, or would read otherwise, is no domain name") {
  for (const std::string& name : {
           std::string(),
           std::string("."),
           std::string(".example.org"),
           std::string("example..org"),
           std::string("example.org.."),
           std::string("exam ple.org"),
           std::string("example.org\n"),
           std::string("exa\0mple.org", 12),
           std::string("example\\.org"),
           std::string("\\101.example.org"),
           std::string("b\303\274cher.example"),
           std::string("example\177.org"),
           std::string(64, 'a') + ".example",
           name_with_last_label(62),
           std::string(100'000, 'a'),
       }) {
    CAPTURE(name);
    CHECK_FALSE(is_domain_name(name));
  }
}
