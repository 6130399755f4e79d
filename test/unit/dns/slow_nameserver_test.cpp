#include <algorithm>
#include <chrono>
#include <cstddef>
#include <doctest/doctest.h>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "milterd/dns/unbound_resolver.hpp"
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

/// late.test has a record; names under dead.test get no answer; those under good.test have one.
constexpr const char* zone =
    "  local-data: 'late.test 60 IN TXT \"text\"'\n"
    "  local-zone: 'dead.test' deny\n"
    "  local-zone: 'good.test' redirect\n"
    "  local-data: 'good.test 60 IN TXT \"good\"'\n";

std::unique_ptr<UnboundResolver> resolver_at(const std::string& address,
                                             std::chrono::milliseconds timeout = long_time) {
  DnsSettings settings;
  settings.nameservers = {address};
  settings.timeout = timeout;
  auto resolver = UnboundResolver::create(settings);
  REQUIRE(resolver);
  return *std::move(resolver);
}

TxtAnswer ask(UnboundResolver& resolver, std::string_view name) {
  return resolver.lookup_txt(name)->wait(Clock::now() + long_time);
}

/// `count` names, all different, in one domain.
std::vector<std::unique_ptr<TxtLookup>> ask_dead(UnboundResolver& resolver, std::size_t count,
                                                 const std::string& domain = "dead.test") {
  std::vector<std::unique_ptr<TxtLookup>> lookups;
  for (std::size_t i = 0; i < count; ++i) {
    lookups.push_back(resolver.lookup_txt("n" + std::to_string(i) + "._domainkey." + domain));
  }
  return lookups;
}

}  // namespace

TEST_CASE("a nameserver that says nothing") {
  Nameserver nameserver(zone);

  SUBCASE("the deadline ends the waiting, and an answer that comes later is still there") {
    const auto resolver = resolver_at(nameserver.address());
    nameserver.freeze();
    const auto lookup = resolver->lookup_txt("late.test");
    const TxtAnswer early = lookup->wait(Clock::now() + 50ms);
    CHECK(early.status == Status::temporary);
    CHECK(early.reason == "the nameservers gave no answer before the deadline");
    CHECK_FALSE(early.validating);
    nameserver.go_on();
    CHECK(lookup->wait(Clock::now() + long_time).records == std::vector<std::string>{"text"});
  }
  SUBCASE("the configured timeout ends the waiting where the deadline is later") {
    const auto resolver = resolver_at(nameserver.address(), 60ms);
    nameserver.freeze();
    const auto start = Clock::now();
    const TxtAnswer answer = ask(*resolver, "late.test");
    CHECK(answer.status == Status::temporary);
    CHECK(answer.reason == "the nameservers gave no answer within 60 ms");
    CHECK(Clock::now() - start >= 60ms);
    CHECK(Clock::now() - start < 5s);
  }
  SUBCASE("a look-up dropped before its answer harms nobody, and is the same question again") {
    const auto resolver = resolver_at(nameserver.address());
    nameserver.freeze();
    for (int i = 0; i < 100; ++i) {
      resolver->lookup_txt("late.test").reset();
    }
    CHECK(resolver->under_way() == 1);
    nameserver.go_on();
    CHECK(ask(*resolver, "late.test").status == Status::found);
    CHECK(resolver->under_way() == 0);
  }
  SUBCASE("look-ups under way are bounded, and the others still get their answer") {
    const auto resolver = resolver_at(nameserver.address());
    nameserver.freeze();
    const std::size_t most = milterd::most_lookups();
    std::vector<std::unique_ptr<TxtLookup>> lookups;
    for (std::size_t i = 0; i < most; ++i) {
      lookups.push_back(resolver->lookup_txt("key.n" + std::to_string(i) + ".test"));
    }
    CHECK(resolver->under_way() == most);
    const TxtAnswer refused = ask(*resolver, "late.test");
    CHECK(refused.status == Status::temporary);
    CHECK(refused.reason ==
          "more than " + std::to_string(most) + " look-ups are under way already");
    nameserver.go_on();
    for (const auto& lookup : lookups) {
      CHECK(lookup->wait(Clock::now() + long_time).status == Status::none);
    }
    CHECK(ask(*resolver, "late.test").status == Status::found);
  }
  SUBCASE("the resolver ends at once, and who still waits is told") {
    auto resolver = resolver_at(nameserver.address());
    nameserver.freeze();
    const auto lookup = resolver->lookup_txt("late.test");
    std::thread waiter([&] {
      const TxtAnswer answer = lookup->wait(Clock::now() + long_time);
      CHECK(answer.status == Status::temporary);
      CHECK(answer.reason == "the resolver has been stopped");
    });
    const auto start = Clock::now();
    resolver.reset();
    CHECK(Clock::now() - start < 5s);
    waiter.join();
  }
  SUBCASE("when it comes back it is asked again") {
    const auto resolver = resolver_at(nameserver.address());
    nameserver.freeze();
    CHECK(resolver->lookup_txt("late.test")->wait(Clock::now() + 100ms).status ==
          Status::temporary);
    nameserver.go_on();
    CHECK(ask(*resolver, "one.good.test").status == Status::found);
  }
}

TEST_CASE("names without an answer do not keep others from theirs") {
  Nameserver nameserver(zone);
  const auto resolver = resolver_at(nameserver.address());
  const std::size_t most = milterd::most_lookups();

  // More than the places that there are, all in one domain.
  const auto dead = ask_dead(*resolver, most + 100);
  CHECK(resolver->under_way() < most);
  const TxtAnswer refused = dead.back()->wait(Clock::now());
  CHECK(refused.status == Status::temporary);
  CHECK(refused.reason == "the nameservers are slow, and more than " +
                              std::to_string(milterd::QuestionTable::share_of(most)) +
                              " look-ups in dead.test wait already");

  for (int i = 0; i < 200; ++i) {
    const auto start = Clock::now();
    CHECK(ask(*resolver, "n" + std::to_string(i) + ".good.test").status == Status::found);
    CHECK(Clock::now() - start < 5s);
  }
}

TEST_CASE("a question that nobody answers ends by itself, whether or not it was dropped") {
  Nameserver nameserver(zone);
  const auto resolver = resolver_at(nameserver.address(), 500ms);
  auto dropped = ask_dead(*resolver, 50);
  const auto kept = resolver->lookup_txt("kept.dead.test");
  CHECK(resolver->under_way() == 51);
  dropped.clear();
  CHECK(resolver->under_way() == 51);
  CHECK(kept->wait(Clock::now() + long_time).reason ==
        "the nameservers gave no answer within 500 ms");
  // Four pairs of tries, each twice as long as the one before, the first 50 ms.
  const auto give_up = Clock::now() + long_time;
  while (resolver->under_way() != 0 && Clock::now() < give_up) {
    std::this_thread::sleep_for(20ms);
  }
  CHECK(resolver->under_way() == 0);
}
