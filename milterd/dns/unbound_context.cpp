#include "milterd/dns/unbound_context.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <string>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unbound.h>
#include <utility>

#include "milterd/dns/nameserver_address.hpp"
#include "milterd/dns/trust_anchor_file.hpp"

namespace milterd {
namespace {

using namespace std::chrono_literals;

constexpr const char* system_nameservers = "/etc/resolv.conf";
/// resolv.conf(5): the nameserver where the file names none.
constexpr const char* default_nameserver = "127.0.0.1@53";

struct Option {
  const char* name;
  std::string value;
};

/// What libunbound waits at least before it asks again. With its own 50 ms, which it takes when
/// answers usually come at once, it gives up after one second what a nameserver is still looking
/// for.
std::string least_patience(const DnsSettings& settings) {
  const auto tenth = std::clamp<std::chrono::milliseconds>(settings.timeout / 10, 50ms, 1000ms);
  return std::to_string(tenth.count());
}

Result<> set_options(ub_ctx& context, const DnsSettings& settings) {
  const bool validates = !settings.trust_anchor_file.empty();
  const std::array options = {
      // Without a trust anchor there is nothing to validate with.
      Option{"module-config:", validates ? "validator iterator" : "iterator"},
      // libunbound would deny these by itself; whether they exist is for the nameservers to say.
      Option{"local-zone:", "home.arpa. transparent"},
      Option{"local-zone:", "localhost. transparent"},
      Option{"local-zone:", "test. transparent"},
      Option{"unblock-lan-zones:", "yes"},
      Option{"do-not-query-localhost:", "no"},
      // How long a question lasts that nobody answers: four pairs of tries, begun with the least
      // patience. It cannot be ended in any other way, and its place in the table is taken until
      // then.
      Option{"infra-cache-min-rtt:", least_patience(settings)},
      Option{"outbound-msg-retry:", "4"},
      // Seconds that a nameserver's silence is held against it. With 15 minutes, the default, an
      // outage of one minute lasted two; with 10 s, names that it is silent about could make it
      // count
      // as dead for all others.
      Option{"infra-host-ttl:", "2"},
      // The defaults of the library, 16 and 2, would let a few slow answers hold up all others.
      Option{"outgoing-range:", std::to_string(most_lookups())},
      Option{"outgoing-num-tcp:", "32"},
      Option{"msg-cache-size:", "4m"},
      Option{"rrset-cache-size:", "8m"},
  };
  for (const Option& option : options) {
    const int error = ub_ctx_set_option(&context, option.name, option.value.c_str());
    if (error != 0) {
      return fail(std::string("libunbound refuses its option '") + option.name + " " +
                  option.value + "': " + ub_strerror(error));
    }
  }
  return {};
}

Result<> use_nameserver(ub_ctx& context, const std::string& address) {
  const int error = ub_ctx_set_fwd(&context, address.c_str());
  if (error != 0) {
    return fail("libunbound refuses the nameserver '" + address + "': " + ub_strerror(error));
  }
  return {};
}

Result<> use_system_nameservers(ub_ctx& context) {
  struct stat status{};
  if (stat(system_nameservers, &status) != 0 && errno == ENOENT) {
    return use_nameserver(context, default_nameserver);
  }
  const int error = ub_ctx_resolvconf(&context, system_nameservers);
  if (error != 0) {
    return fail(std::string("cannot read the system's nameservers from ") + system_nameservers +
                ": " + ub_strerror(error) + "; repair it or set nameservers in [dns]");
  }
  return {};
}

Result<> use_nameservers(ub_ctx& context, const DnsSettings& settings) {
  if (settings.nameservers.empty()) {
    return use_system_nameservers(context);
  }
  for (const std::string& nameserver : settings.nameservers) {
    const Result<std::string> address = unbound_address(nameserver);
    if (!address) {
      return std::unexpected(address.error());
    }
    if (Result<> used = use_nameserver(context, *address); !used) {
      return used;
    }
  }
  return {};
}

Result<> use_trust_anchor(ub_ctx& context, const std::string& path) {
  if (path.empty()) {
    return {};
  }
  if (Result<> checked = check_trust_anchor_file(path); !checked) {
    return checked;
  }
  const int error = ub_ctx_add_ta_file(&context, path.c_str());
  if (error != 0) {
    return fail("libunbound refuses the trust_anchor_file '" + path + "': " + ub_strerror(error));
  }
  return {};
}

}  // namespace

std::size_t most_lookups() {
  constexpr std::size_t most = 4096;
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
    return most / 4;
  }
  return std::clamp<std::size_t>(limit.rlim_cur / 4, 64, most);
}

void UnboundContextDeleter::operator()(ub_ctx* context) const { ub_ctx_delete(context); }

Result<UnboundContext> make_unbound_context(const DnsSettings& settings) {
  UnboundContext context(ub_ctx_create());
  if (!context) {
    return fail("cannot make a libunbound context: out of memory or file descriptors");
  }
  // It would write to stderr by itself, past the log.
  ub_ctx_debugout(context.get(), nullptr);
  ub_ctx_async(context.get(), 1);
  if (Result<> set = set_options(*context, settings); !set) {
    return std::unexpected(set.error());
  }
  if (Result<> used = use_nameservers(*context, settings); !used) {
    return std::unexpected(used.error());
  }
  if (Result<> used = use_trust_anchor(*context, settings.trust_anchor_file); !used) {
    return std::unexpected(used.error());
  }
  return context;
}

}  // namespace milterd
