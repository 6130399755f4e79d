#include "plugins/dkim/commands/keygen_options.hpp"

#include <array>
#include <charconv>
#include <cstddef>
#include <string_view>

#include "plugins/dkim/commands/option_fault.hpp"
#include "plugins/dkim/tag_list.hpp"

namespace milterd::dkim {

namespace {

constexpr unsigned least_bits = 1024;
constexpr unsigned most_bits = 4096;
constexpr std::size_t longest_note = 200;  // Verifiers read 1023 bytes of a record.

enum Option : int { option_type = 256, option_subdomains, option_force, option_help };

constexpr std::array options = {
    option{"domain", required_argument, nullptr, 'd'},
    option{"selector", required_argument, nullptr, 's'},
    option{"type", required_argument, nullptr, option_type},
    option{"bits", required_argument, nullptr, 'b'},
    option{"directory", required_argument, nullptr, 'D'},
    option{"note", required_argument, nullptr, 'n'},
    option{"restrict", no_argument, nullptr, 'r'},
    option{"testmode", no_argument, nullptr, 't'},
    option{"no-subdomains", no_argument, nullptr, 'S'},
    option{"nosubdomains", no_argument, nullptr, 'S'},
    option{"subdomains", no_argument, nullptr, option_subdomains},
    option{"force", no_argument, nullptr, option_force},
    option{"help", no_argument, nullptr, option_help},
    option{"version", no_argument, nullptr, 'V'},
    option{nullptr, 0, nullptr, 0},
};

Result<> read_name(std::string& name, std::string_view what, const std::string& value) {
  if (!is_domain_name(value)) {
    return fail("\"" + value + "\" is no " + std::string(what) +
                ": labels of letters, digits, '-' and '_' with dots between");
  }
  name = value;
  return {};
}

Result<> read_bits(unsigned& bits, const std::string& value) {
  const char* const end = value.data() + value.size();
  const auto parsed = std::from_chars(value.data(), end, bits);
  if (parsed.ec != std::errc{} || parsed.ptr != end || bits < least_bits || bits > most_bits) {
    return fail("--bits must be 1024 to 4096 for RSA, got \"" + value +
                "\"; verifiers refuse less, and DNS has no room for more");
  }
  return {};
}

Result<> read_option(KeygenOptions& read, int code, const std::string& value) {
  switch (code) {
    case 'd': return read_name(read.domain, "domain", value);
    case 's': return read_name(read.selector, "selector", value);
    case 'b': return read_bits(read.bits, value);
    case 'D': read.directory = value; break;
    case 'n':
      if (value.size() > longest_note) {
        return fail("--note must have 200 bytes at most, got " + std::to_string(value.size()));
      }
      read.wishes.note = value;
      break;
    case 'r': read.wishes.only_email = true; break;
    case 't': read.wishes.test_mode = true; break;
    case 'S': read.wishes.no_subdomains = true; break;
    case option_subdomains: read.wishes.no_subdomains = false; break;
    case option_type:
      if (value != "rsa" && value != "ed25519") {
        return fail("--type must be rsa or ed25519, got \"" + value + "\"");
      }
      read.algorithm = value == "rsa" ? Algorithm::rsa_sha256 : Algorithm::ed25519_sha256;
      break;
    case option_force: read.force = true; break;
    case option_help: read.mode = KeygenOptions::Mode::help; break;
    case 'V': read.mode = KeygenOptions::Mode::version; break;
    default: break;
  }
  return {};
}

}  // namespace

Result<KeygenOptions> parse_keygen_options(std::span<char*> arguments) {
  KeygenOptions read;
  bool has_bits = false;
  opterr = 0;
  optind = 0;
  for (;;) {
    const int code = getopt_long(static_cast<int>(arguments.size()), arguments.data(),
                                 ":d:s:b:D:n:rtSV", options.data(), nullptr);
    if (code == -1) {
      break;
    }
    if (code == '?' || code == ':') {
      return option_fault(arguments, code);
    }
    if (auto done = read_option(read, code, optarg == nullptr ? "" : optarg); !done) {
      return std::unexpected(std::move(done.error()));
    }
    has_bits = has_bits || code == 'b';
  }
  if (read.mode != KeygenOptions::Mode::make) {
    return read;
  }
  if (static_cast<std::size_t>(optind) < arguments.size()) {
    return fail("unexpected argument \"" +
                std::string(arguments[static_cast<std::size_t>(optind)]) + "\"");
  }
  if (read.domain.empty()) {
    return fail("say for which domain the key signs, as in --domain example.org");
  }
  if (!is_domain_name(read.selector + "._domainkey." + read.domain)) {
    return fail("selector and domain are too long together: DNS names have 253 bytes at most");
  }
  if (has_bits && read.algorithm == Algorithm::ed25519_sha256) {
    return fail("--bits goes with RSA only, every Ed25519 key has 256");
  }
  return read;
}

std::string keygen_help() {
  return R"(milterd-keygen - make a DKIM key and its DNS record

usage: milterd-keygen --domain DOMAIN [options]

  -d, --domain DOMAIN     the domain that signs
  -s, --selector NAME     the key's name in DNS (default)
      --type rsa|ed25519  (rsa)
  -b, --bits N            of an RSA key, 1024 to 4096 (2048)
  -D, --directory DIR     where the files go (.)
  -n, --note TEXT         a note for people, n= of the record
  -r, --restrict          the key is for mail only, s=email
  -S, --no-subdomains     i= may not name a subdomain, t=s
      --subdomains        it may (default)
  -t, --testmode          DKIM is only tried out, t=y
      --force             replace files that exist
      --help, --version

Writes NAME.private, the key in PEM form, readable by its owner only, and NAME.txt, the record for
a zone file. Prints the record, also as one string for web forms, and what milterd.toml needs.

exit status: 0 made, 64 wrong usage, 73 a file cannot be created, 70 anything else
)";
}

}  // namespace milterd::dkim
