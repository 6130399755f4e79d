#include "plugins/dkim/commands/testkey_options.hpp"

#include <array>
#include <cstddef>

#include "milterd/dns/nameserver_address.hpp"
#include "plugins/dkim/commands/option_fault.hpp"
#include "plugins/dkim/tag_list.hpp"

namespace milterd::dkim {

namespace {

enum Option : int {
  option_config = 256,
  option_nameserver,
  option_trust_anchor,
  option_help,
};

constexpr std::array options = {
    option{"domain", required_argument, nullptr, 'd'},
    option{"selector", required_argument, nullptr, 's'},
    option{"key", required_argument, nullptr, 'k'},
    option{"config", required_argument, nullptr, option_config},
    option{"nameserver", required_argument, nullptr, option_nameserver},
    option{"trust-anchor", required_argument, nullptr, option_trust_anchor},
    option{"help", no_argument, nullptr, option_help},
    option{"version", no_argument, nullptr, 'V'},
    option{nullptr, 0, nullptr, 0},
};

Result<> read_option(TestkeyOptions& read, int code, const std::string& value) {
  switch (code) {
    case 'd': read.domain = value; break;
    case 's': read.selector = value; break;
    case 'k': read.key_file = value; break;
    case option_config:
      read.mode = TestkeyOptions::Mode::config;
      read.config = value;
      break;
    case option_nameserver:
      if (auto address = unbound_address(value); !address) {
        return std::unexpected(std::move(address.error()));
      }
      read.nameservers.push_back(value);
      break;
    case option_trust_anchor: read.trust_anchor_file = value; break;
    case option_help: read.mode = TestkeyOptions::Mode::help; break;
    case 'V': read.mode = TestkeyOptions::Mode::version; break;
    default: break;
  }
  return {};
}

Result<> check(const TestkeyOptions& read) {
  const bool names_key = !read.domain.empty() || !read.selector.empty() || !read.key_file.empty();
  if (read.mode == TestkeyOptions::Mode::config) {
    return names_key ? fail(
                           "--config names the keys; --domain, --selector and --key do not go "
                           "with it")
                     : Result<>{};
  }
  if (read.domain.empty() || read.selector.empty()) {
    return fail("say which key: --domain and --selector, or --config for all of a configuration");
  }
  if (!is_domain_name(read.selector + "._domainkey." + read.domain)) {
    return fail("\"" + read.selector + "._domainkey." + read.domain +
                "\" is no name that DNS can hold");
  }
  return {};
}

}  // namespace

Result<TestkeyOptions> parse_testkey_options(std::span<char*> arguments) {
  TestkeyOptions read;
  opterr = 0;
  optind = 0;
  for (;;) {
    const int code = getopt_long(static_cast<int>(arguments.size()), arguments.data(), ":d:s:k:V",
                                 options.data(), nullptr);
    if (code == -1) {
      break;
    }
    if (code == '?' || code == ':') {
      return option_fault(arguments, code);
    }
    if (auto done = read_option(read, code, optarg == nullptr ? "" : optarg); !done) {
      return std::unexpected(std::move(done.error()));
    }
    if (read.mode == TestkeyOptions::Mode::help || read.mode == TestkeyOptions::Mode::version) {
      return read;
    }
  }
  if (static_cast<std::size_t>(optind) < arguments.size()) {
    return fail("unexpected argument \"" +
                std::string(arguments[static_cast<std::size_t>(optind)]) + "\"");
  }
  if (auto checked = check(read); !checked) {
    return std::unexpected(std::move(checked.error()));
  }
  return read;
}

std::string testkey_help() {
  return R"(milterd-testkey - does DNS publish the DKIM keys as they are?

usage: milterd-testkey --domain DOMAIN --selector NAME [--key FILE] [options]
       milterd-testkey --config FILE [options]

  -d, --domain DOMAIN            the domain that signs
  -s, --selector NAME            the key's name in DNS
  -k, --key FILE                 the private key; without it only the record is looked at
      --config FILE              a milterd.toml: every key of its dkim stages
      --nameserver ADDR[:PORT]   ask this server; repeats (the configuration's, or the system's)
      --trust-anchor FILE        validate DNSSEC with it (the configuration's)
      --help, --version

Prints one line for each key: same, differs, missing, unusable or no answer, and what to do.

exit status: 0 all is right, 1 something is wrong, 75 DNS did not answer, 64 wrong usage,
66 the key cannot be read, 78 the configuration is wrong, 70 anything else
)";
}

}  // namespace milterd::dkim
