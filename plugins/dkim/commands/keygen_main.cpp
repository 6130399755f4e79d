/// milterd-keygen: makes a key and says what to do with it.

#include <cstdio>
#include <filesystem>
#include <span>
#include <string>
#include <sysexits.h>
#include <system_error>
#include <unistd.h>

#include "milterd/config/toml_writer.hpp"
#include "plugins/dkim/commands/key_record_text.hpp"
#include "plugins/dkim/commands/keygen_options.hpp"
#include "plugins/dkim/commands/new_file.hpp"
#include "plugins/dkim/keys/new_key.hpp"
#include "plugins/dkim/keys/signing_key.hpp"

namespace {

using namespace milterd;
using namespace milterd::dkim;

constexpr mode_t key_mode = 0600;
constexpr mode_t record_mode = 0644;

int fail_with(int status, const std::string& text) {
  std::fprintf(stderr, "milterd-keygen: %s\n", text.c_str());
  return status;
}

struct NewFiles {
  std::string key;
  std::string record;
};

NewFiles file_names(const KeygenOptions& options) {
  std::error_code error;
  const std::filesystem::path directory(options.directory);
  const auto full = std::filesystem::absolute(directory, error).lexically_normal();
  const std::string stem = ((error ? directory : full) / options.selector).string();
  return {stem + ".private", stem + ".txt"};
}

/// Both files or none.
Result<> write_files(const NewFiles& names, const std::string& pem, const std::string& zone,
                     bool force) {
  if (!force && access(names.record.c_str(), F_OK) == 0) {
    return fail("cannot create '" + names.record +
                "': it exists already; choose another selector, or replace it with --force");
  }
  if (auto written = write_new_file(names.key, key_mode, pem, force); !written) {
    return written;
  }
  auto written = write_new_file(names.record, record_mode, zone, force);
  if (!written && !force) {
    unlink(names.key.c_str());
  }
  return written;
}

void explain(const KeygenOptions& options, const NewFiles& names, const std::string& record,
             const std::string& zone) {
  std::printf(
      "The key is in %s; only its owner may read it. Let that be the user milterd runs as:\n"
      "\n"
      "chown milterd %s\n"
      "\n"
      "For a zone file (also in %s):\n"
      "\n"
      "%s"
      "\n"
      "For a web form: a TXT record, name %s._domainkey.%s, value\n"
      "\n"
      "%s\n"
      "\n"
      "For milterd.toml, once milterd-testkey finds the record in DNS:\n"
      "\n"
      "[[stage]]\n"
      "plugin = \"dkim\"\n"
      "mode = [\"sign\", \"verify\"]\n"
      "domain = [\"%s\"]\n"
      "selector = \"%s\"\n"
      "key_file = %s\n",
      names.key.c_str(), names.key.c_str(), names.record.c_str(), zone.c_str(),
      options.selector.c_str(), options.domain.c_str(), record.c_str(), options.domain.c_str(),
      options.selector.c_str(), write_toml_string(names.key).c_str());
}

int make_key(const KeygenOptions& options) {
  const auto pem = make_private_key(options.algorithm, options.bits);
  if (!pem) {
    return fail_with(EX_SOFTWARE, pem.error().message);
  }
  const auto key = SigningKey::parse(*pem, "new key");
  if (!key) {
    return fail_with(EX_SOFTWARE, key.error().message);
  }
  const std::string record = key_record_text(key->public_record(), options.wishes);
  const std::string zone = zone_file_text(record, options.selector, options.domain);
  const NewFiles names = file_names(options);
  if (const auto written = write_files(names, *pem, zone, options.force); !written) {
    return fail_with(EX_CANTCREAT, written.error().message);
  }
  explain(options, names, record, zone);
  return EX_OK;
}

int run(const KeygenOptions& options) {
  switch (options.mode) {
    case KeygenOptions::Mode::help: std::fputs(keygen_help().c_str(), stdout); return EX_OK;
    case KeygenOptions::Mode::version: std::puts("milterd-keygen " MILTERD_VERSION); return EX_OK;
    case KeygenOptions::Mode::make: break;
  }
  return make_key(options);
}

}  // namespace

int main(int argc, char** argv) {
  const auto options = parse_keygen_options(std::span(argv, static_cast<std::size_t>(argc)));
  if (!options) {
    return fail_with(EX_USAGE, options.error().message + "\nTry 'milterd-keygen --help'.");
  }
  const int status = run(*options);
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
    return fail_with(EX_SOFTWARE, "cannot write to standard output: is the disk full?");
  }
  return status;
}
