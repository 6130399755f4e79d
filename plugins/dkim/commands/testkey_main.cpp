/// milterd-testkey: does DNS publish the keys that we sign with?

#include <algorithm>
#include <cstdio>
#include <memory>
#include <span>
#include <string>
#include <sysexits.h>
#include <utility>
#include <vector>

#include "milterd/config/config_file.hpp"
#include "milterd/dns/unbound_resolver.hpp"
#include "plugins/dkim/commands/key_check.hpp"
#include "plugins/dkim/commands/testkey_options.hpp"
#include "plugins/dkim/dkim_config.hpp"

namespace {

using namespace milterd;
using namespace milterd::dkim;

constexpr int something_is_wrong = 1;

int fail_with(int status, const std::string& text) {
  std::fprintf(stderr, "milterd-testkey: %s\n", text.c_str());
  return status;
}

int check(std::span<const KeyToCheck> keys, DnsSettings settings, const TestkeyOptions& options) {
  if (!options.nameservers.empty()) {
    settings.nameservers = options.nameservers;
  }
  if (!options.trust_anchor_file.empty()) {
    settings.trust_anchor_file = options.trust_anchor_file;
  }
  const auto resolver = UnboundResolver::create(settings);
  if (!resolver) {
    return fail_with(EX_SOFTWARE, resolver.error().message);
  }
  const std::vector<CheckedKey> checked = check_keys(keys, **resolver);
  for (const CheckedKey& key : checked) {
    std::puts(key.line.c_str());
  }
  const auto is_any = [&](CheckedKey::Outcome outcome) {
    return std::ranges::find(checked, outcome, &CheckedKey::outcome) != checked.end();
  };
  return is_any(CheckedKey::Outcome::wrong)     ? something_is_wrong
         : is_any(CheckedKey::Outcome::unknown) ? EX_TEMPFAIL
                                                : EX_OK;
}

int check_one(const TestkeyOptions& options) {
  KeyToCheck key{options.selector + "._domainkey." + options.domain, nullptr};
  if (!options.key_file.empty()) {
    auto loaded = SigningKey::load(options.key_file);
    if (!loaded) {
      return fail_with(EX_NOINPUT, loaded.error().message);
    }
    key.key = std::make_shared<const SigningKey>(*std::move(loaded));
  }
  return check(std::span(&key, 1), {}, options);
}

int check_config(const TestkeyOptions& options) {
  const auto file = ConfigFile::read(options.config);
  std::vector<KeyToCheck> keys;
  for (const StageSettings& stage : file->config().stages) {
    if (stage.plugin != "dkim") {
      continue;
    }
    const DkimConfig config = read_config(*stage.section);
    if (config.signers == nullptr) {
      continue;
    }
    for (auto& known : config.signers->known()) {
      keys.push_back({known.signer.selector + "._domainkey." + known.signer.domain,
                      std::move(known.signer.key)});
    }
  }
  if (!file->ok()) {
    for (const Problem& problem : file->problems()) {
      std::fprintf(stderr, "%s\n", problem.text.c_str());
    }
    return EX_CONFIG;
  }
  if (keys.empty()) {
    return fail_with(EX_OK, "no dkim stage of '" + options.config +
                                "' has a key whose domain is known; use --domain and --selector");
  }
  return check(keys, file->config().dns, options);
}

int run(const TestkeyOptions& options) {
  switch (options.mode) {
    case TestkeyOptions::Mode::help: std::fputs(testkey_help().c_str(), stdout); return EX_OK;
    case TestkeyOptions::Mode::version: std::puts("milterd-testkey " MILTERD_VERSION); return EX_OK;
    case TestkeyOptions::Mode::config: return check_config(options);
    case TestkeyOptions::Mode::one_key: break;
  }
  return check_one(options);
}

}  // namespace

int main(int argc, char** argv) {
  const auto options = parse_testkey_options(std::span(argv, static_cast<std::size_t>(argc)));
  if (!options) {
    return fail_with(EX_USAGE, options.error().message + "\nTry 'milterd-testkey --help'.");
  }
  const int status = run(*options);
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
    return fail_with(EX_SOFTWARE, "cannot write to standard output: is the disk full?");
  }
  return status;
}
