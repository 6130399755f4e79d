#include "milterd/dns/unbound_context.hpp"

#include <array>
#include <cerrno>
#include <string>
#include <sys/stat.h>
#include <unbound.h>
#include <utility>

#include "milterd/dns/nameserver_address.hpp"

namespace milterd {
namespace {

constexpr const char* system_nameservers = "/etc/resolv.conf";
/// resolv.conf(5): the nameserver where the file names none.
constexpr const char* default_nameserver = "127.0.0.1@53";

struct Option {
  const char* name;
  std::string value;
};

Result<> set_options(ub_ctx& context) {
  const std::array options = {
      // Without a trust anchor there is nothing to validate with.
      Option{"module-config:", "iterator"},
      // libunbound would deny these by itself; whether they exist is for the nameservers to say.
      Option{"local-zone:", "home.arpa. transparent"},
      Option{"local-zone:", "localhost. transparent"},
      Option{"local-zone:", "test. transparent"},
      Option{"unblock-lan-zones:", "yes"},
      Option{"do-not-query-localhost:", "no"},
      // Seconds that a nameserver's silence is held against it. With the default, 15 minutes, an
      // outage of one minute lasted two.
      Option{"infra-host-ttl:", "10"},
      // The defaults of the library, 16 and 2, would let a few slow answers hold up all others.
      Option{"outgoing-range:", std::to_string(most_lookups)},
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

}  // namespace

void UnboundContextDeleter::operator()(ub_ctx* context) const { ub_ctx_delete(context); }

Result<UnboundContext> make_unbound_context(const DnsSettings& settings) {
  UnboundContext context(ub_ctx_create());
  if (!context) {
    return fail("cannot make a libunbound context: out of memory or file descriptors");
  }
  // It would write to stderr by itself, past the log.
  ub_ctx_debugout(context.get(), nullptr);
  ub_ctx_async(context.get(), 1);
  if (Result<> set = set_options(*context); !set) {
    return std::unexpected(set.error());
  }
  if (Result<> used = use_nameservers(*context, settings); !used) {
    return std::unexpected(used.error());
  }
  return context;
}

}  // namespace milterd
