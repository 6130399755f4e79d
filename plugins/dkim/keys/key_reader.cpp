#include "plugins/dkim/keys/key_reader.hpp"

#include <algorithm>
#include <utility>

#include "plugins/dkim/keys/key_trial.hpp"
#include "plugins/dkim/keys/named_few.hpp"

namespace milterd::dkim {

namespace {

constexpr std::size_t good_rsa_bits = 2048;

}  // namespace

bool KeyReader::is_safe(const std::string& path, const KeyPlace& place) {
  const auto fault = find_key_file_fault(path, identity_);
  if (!fault) {
    section_.error(place.setting, place.place + fault.error().message);
    return false;
  }
  if (!*fault) {
    return true;
  }
  // One open directory would be told of with every key in it.
  if (unsafe_nodes_.insert((*fault)->node).second) {
    const std::string text = place.place + "key '" + path + "' is not safe: " + (*fault)->text;
    if (require_safe_keys_) {
      section_.error(place.setting, text + ", or set require_safe_keys = false");
    } else {
      section_.warning(place.setting, text);
    }
  }
  return !require_safe_keys_;
}

KeyReader::Key KeyReader::keep(Result<SigningKey> key, const std::string& name,
                               const KeyPlace& place) {
  if (!key) {
    section_.error(place.setting, place.place + key.error().message);
    return nullptr;
  }
  auto kept = std::make_shared<const SigningKey>(std::move(*key));
  const Signer trial{.domain = "example.org", .selector = "trial", .identity = "", .key = kept};
  if (const auto tried = try_key(trial); !tried) {
    section_.error(place.setting,
                   place.place + "cannot use key '" + name + "': " + tried.error().message);
    return nullptr;
  }
  if (kept->algorithm() != Algorithm::ed25519_sha256 && kept->bits() < good_rsa_bits) {
    weak_.push_back(place.place + "key '" + name + "' has " + std::to_string(kept->bits()) +
                    " bits");
    weak_setting_ = place.setting;
  }
  return kept;
}

std::shared_ptr<const SigningKey> KeyReader::read_file(const std::string& path,
                                                       const KeyPlace& place) {
  const auto [found, is_new] = files_.try_emplace(path);
  if (!is_new) {
    return found->second;
  }
  Key key = keep(SigningKey::load(path), path, place);
  if (key != nullptr && is_safe(path, place)) {
    found->second = std::move(key);
  }
  return found->second;
}

std::shared_ptr<const SigningKey> KeyReader::read_text(const std::string& text,
                                                       const std::string& name,
                                                       const KeyPlace& place) {
  const auto [found, is_new] = texts_.try_emplace(text);
  if (is_new) {
    auto parsed = SigningKey::parse(text, name);
    if (!parsed) {
      parsed.error().message += "; were it a file, it would begin with /, ./ or ../";
    }
    found->second = keep(std::move(parsed), name, place);
  }
  return found->second;
}

void KeyReader::warn_of_weak_keys() const {
  if (!weak_.empty()) {
    section_.warning(weak_setting_, named_few(weak_) +
                                        ": 1024 are the least that verifiers accept; make keys of "
                                        "2048");
  }
}

}  // namespace milterd::dkim
