#include "milterd/dns/unbound_resolver.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <doctest/doctest.h>
#include <filesystem>
#include <iterator>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "test/support/nameserver.hpp"

using milterd::DnsSettings;
using milterd::Nameserver;
using milterd::TxtAnswer;
using milterd::TxtLookup;
using milterd::UnboundResolver;
using Status = milterd::TxtAnswer::Status;
using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

namespace {

/// Far enough away for a machine under load.
constexpr auto long_time = 20s;

std::string txt_line(const std::string& name, const std::string& strings) {
  return "  local-data: '" + name + " 60 IN TXT " + strings + "'\n";
}

std::unique_ptr<UnboundResolver> resolver_at(const std::string& address,
                                             std::chrono::milliseconds timeout = long_time) {
  DnsSettings settings;
  settings.nameservers = {address};
  settings.timeout = timeout;
  auto resolver = UnboundResolver::create(settings);
  REQUIRE(resolver);
  return *std::move(resolver);
}

std::size_t open_descriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

TxtAnswer ask(UnboundResolver& resolver, std::string_view name) {
  return resolver.lookup_txt(name)->wait(Clock::now() + long_time);
}

}  // namespace

TEST_CASE("answers come as the nameserver gives them") {
  std::string zone;
  zone += txt_line("one.test", "\"v=DKIM1; p=abc\"");
  zone += txt_line("strings.test", "\"v=DKIM1; \" \"p=abc\" \"\" \"def\"");
  zone += txt_line("two.test", "\"first\"") + txt_line("two.test", "\"second\"");
  zone += txt_line("empty.test", "\"\"");
  const std::string block(250, 'x');
  zone += txt_line("long.test", "\"" + block + "\" \"" + block + "\" \"" + block + "\" \"" + block +
                                    "\" \"" + block + "\" \"" + block + "\" \"" + block + "\"");
  for (int i = 0; i < 33; ++i) {
    zone += txt_line("many.test", "\"record " + std::to_string(i) + "\"");
  }
  zone += "  local-data: 'address.test 60 IN A 192.0.2.1'\n";
  zone += "  local-zone: 'refused.test' always_refuse\n";
  zone += "  local-data: 'alias.test 60 IN CNAME one.test'\n";
  Nameserver nameserver(zone);
  const auto resolver = resolver_at(nameserver.address());

  SUBCASE("one record") {
    const TxtAnswer answer = ask(*resolver, "one.test");
    CHECK(answer.status == Status::found);
    CHECK_FALSE(answer.secure);
    CHECK(answer.records == std::vector<std::string>{"v=DKIM1; p=abc"});
  }
  SUBCASE("case and a final dot do not matter") {
    CHECK(ask(*resolver, "ONE.test.").records == std::vector<std::string>{"v=DKIM1; p=abc"});
  }
  SUBCASE("character-strings are joined") {
    CHECK(ask(*resolver, "strings.test").records == std::vector<std::string>{"v=DKIM1; p=abcdef"});
  }
  SUBCASE("each record is one of the answer") {
    TxtAnswer answer = ask(*resolver, "two.test");
    std::ranges::sort(answer.records);
    CHECK(answer.records == std::vector<std::string>{"first", "second"});
  }
  SUBCASE("an empty record is a record") {
    const TxtAnswer answer = ask(*resolver, "empty.test");
    CHECK(answer.status == Status::found);
    CHECK(answer.records == std::vector<std::string>{""});
  }
  SUBCASE("a record too long for UDP comes whole") {
    CHECK(ask(*resolver, "long.test").records == std::vector<std::string>{std::string(1750, 'x')});
  }
  SUBCASE("more records than anybody publishes are a failure") {
    const TxtAnswer answer = ask(*resolver, "many.test");
    CHECK(answer.status == Status::temporary);
    CHECK(answer.records.empty());
    CHECK(answer.reason == "the answer is too large: more than 32 TXT records or 65536 bytes");
  }
  SUBCASE("a name that does not exist") {
    const TxtAnswer answer = ask(*resolver, "nowhere.test");
    CHECK(answer.status == Status::none);
    CHECK(answer.records.empty());
  }
  SUBCASE("a name without a TXT record") {
    const TxtAnswer answer = ask(*resolver, "address.test");
    CHECK(answer.status == Status::none);
    CHECK(answer.records.empty());
  }
  SUBCASE("a nameserver that refuses") {
    const TxtAnswer answer = ask(*resolver, "x.refused.test");
    CHECK(answer.status == Status::temporary);
    CHECK(answer.reason == "the nameservers failed or did not answer (SERVFAIL)");
  }
  SUBCASE("an answer may be asked for again") {
    const auto lookup = resolver->lookup_txt("one.test");
    CHECK(lookup->wait(Clock::now() + long_time).status == Status::found);
    CHECK(lookup->wait(Clock::now()).records == std::vector<std::string>{"v=DKIM1; p=abc"});
  }
  SUBCASE("a second look-up needs no nameserver") {
    REQUIRE(ask(*resolver, "one.test").status == Status::found);
    REQUIRE(ask(*resolver, "nowhere.test").status == Status::none);
    nameserver.stop();
    CHECK(ask(*resolver, "one.test").status == Status::found);
  }
}

TEST_CASE("a port where nobody listens is a temporary failure at the deadline or before") {
  const auto resolver = resolver_at("127.0.0.1:" + std::to_string(milterd::free_port()), 200ms);
  const auto start = Clock::now();
  CHECK(ask(*resolver, "one.test").status == Status::temporary);
  CHECK(Clock::now() - start < 5s);
}

TEST_CASE("many threads ask at once") {
  std::string zone;
  constexpr int names = 100;
  constexpr int thread_count = 8;
  REQUIRE(names < milterd::most_lookups());
  for (int i = 0; i < names; ++i) {
    const std::string number = std::to_string(i);
    zone += txt_line("n" + number + ".test", "\"" + number + "\"");
  }
  Nameserver nameserver(zone);
  const auto resolver = resolver_at(nameserver.address());
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int thread = 0; thread < thread_count; ++thread) {
    threads.emplace_back([&, thread] {
      std::vector<std::pair<std::string, std::unique_ptr<TxtLookup>>> lookups;
      for (int i = 0; i < names; ++i) {
        const std::string number = std::to_string((i * 7 + thread * 13) % names);
        lookups.emplace_back(number, resolver->lookup_txt("n" + number + ".test"));
      }
      for (const auto& [number, lookup] : lookups) {
        if (lookup->wait(Clock::now() + long_time).records != std::vector{number}) {
          ++wrong;
        }
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  CHECK(wrong == 0);
}

TEST_CASE("one nameserver of two is enough") {
  Nameserver dead(txt_line("any.test", "\"text\""));
  Nameserver alive(txt_line("any.test", "\"text\""));
  dead.freeze();
  DnsSettings settings;
  settings.nameservers = {dead.address(), alive.address()};
  settings.timeout = long_time;
  const auto resolver = UnboundResolver::create(settings);
  REQUIRE(resolver);
  for (const char* name : {"a.any.test", "b.any.test", "c.any.test", "d.any.test"}) {
    CHECK(ask(**resolver, name).status == Status::none);
  }
  CHECK(ask(**resolver, "any.test").status == Status::found);
}

TEST_CASE("resolvers are made and dropped without a trace") {
  Nameserver nameserver(txt_line("one.test", "\"text\""));
  const std::size_t before = open_descriptors();
  for (int i = 0; i < 20; ++i) {
    const auto resolver = resolver_at(nameserver.address());
    CHECK(ask(*resolver, "one.test").status == Status::found);
  }
  CHECK(open_descriptors() == before);
}
