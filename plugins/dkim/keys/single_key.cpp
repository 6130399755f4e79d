#include "plugins/dkim/keys/single_key.hpp"

#include <string_view>
#include <utility>

#include "milterd/ascii.hpp"
#include "plugins/common/data_set.hpp"
#include "plugins/common/name_set.hpp"
#include "plugins/dkim/tag_list.hpp"

namespace milterd::dkim {

namespace {

/// Those to sign for.
struct Domains {
  NameSet set;
  std::vector<std::string> names;  ///< Those of the set that are no patterns; lower case.
  bool everybody = false;
};

class SingleKeySigners final : public Signers {
 public:
  SingleKeySigners(Domains domains, const SingleKeySettings& settings,
                   std::shared_ptr<const SigningKey> key)
      : domains_(std::move(domains)),
        selector_(settings.selector),
        key_file_(settings.key_file),
        sub_domains_(settings.sub_domains),
        key_(std::move(key)) {}

  std::vector<Signer> find(const MailAddress& sender,
                           std::vector<std::string>& why) const override {
    const std::string subject = "the sender's domain, " + sender.domain + ", is ";
    const std::string_view domain = listed_domain(sender.domain);
    if (domain.empty()) {
      if (!domains_.everybody || !is_domain_name(sender.domain)) {
        why.push_back(subject + "not one of domain");
        return {};
      }
      why.push_back(subject + "one of all that \"*\" in domain stands for");
      return {signer(sender.domain, "")};
    }
    if (domain.size() == sender.domain.size()) {
      why.push_back(subject + "one of domain");
      return {signer(sender.domain, "")};
    }
    why.push_back(subject + "below " + std::string(domain) + ", which is one of domain");
    return {signer(std::string(domain), "@" + std::string(domain))};
  }

  bool names(const MailAddress& sender) const override {
    return !listed_domain(sender.domain).empty();
  }

  std::vector<Known> known() const override {
    std::vector<Known> known;
    for (const std::string& domain : domains_.names) {
      known.push_back({.signer = signer(domain, ""), .place = "key_file '" + key_file_ + "'"});
    }
    return known;
  }

 private:
  Signer signer(std::string domain, std::string identity) const {
    return {.domain = std::move(domain),
            .selector = selector_,
            .identity = std::move(identity),
            .key = key_};
  }

  /// `domain`, or the nearest one above it, or "".
  std::string_view listed_domain(std::string_view domain) const {
    while (is_domain_name(domain)) {
      if (domains_.set.contains(domain)) {
        return domain;
      }
      const std::size_t dot = domain.find('.');
      if (!sub_domains_ || dot == std::string_view::npos) {
        break;
      }
      domain.remove_prefix(dot + 1);
    }
    return {};
  }

  Domains domains_;
  std::string selector_;
  std::string key_file_;
  bool sub_domains_;
  std::shared_ptr<const SigningKey> key_;
};

class DomainReader {
 public:
  explicit DomainReader(Section& section) : section_(section) {}

  /// `place` is "" or ends with ": ".
  void add(const std::string& domain, const std::string& place) {
    if (domain == "*") {
      domains_.everybody = true;
    } else if (is_domain_name(domain)) {
      domains_.names.push_back(to_lower(domain));
      domains_.set.add(domain);
    } else {
      complain(place + "'" + domain + "' is not a domain name");
    }
  }

  void add_set(const std::string& specification) {
    const auto set = DataSet::read(specification);
    if (!set) {
      complain(set.error().message);
      return;
    }
    for (const DataEntry& entry : set->entries) {
      const bool is_pattern =
          set->kind == DataSet::Kind::patterns && entry.key != "*" && !is_domain_name(entry.key);
      if (!is_pattern) {
        add(entry.key, entry.place + ": ");
      } else if (auto pattern = NamePattern::compile(entry.key)) {
        domains_.set.add(std::move(*pattern));
      } else {
        complain(entry.place + ": " + pattern.error().message);
      }
    }
  }

  bool is_faulty() const { return faulty_; }
  Domains take() { return std::move(domains_); }

 private:
  void complain(const std::string& text) {
    section_.error("domain", text);
    faulty_ = true;
  }

  Section& section_;
  Domains domains_;
  bool faulty_ = false;
};

bool is_complete(Section& section, const SingleKeySettings& settings) {
  bool complete = true;
  const auto demand = [&](std::string_view key, bool there) {
    if (!there) {
      section.error(key, std::string(key) +
                             " is missing: signing needs domain, selector and key_file, or "
                             "key_table and signing_table; without them use mode = [\"verify\"]");
      complete = false;
    }
  };
  demand("domain", !settings.domains.empty());
  demand("selector", !settings.selector.empty());
  demand("key_file", !settings.key_file.empty());
  return complete;
}

}  // namespace

std::unique_ptr<const Signers> make_single_key_signers(Section& section,
                                                       const SingleKeySettings& settings,
                                                       KeyReader& keys) {
  DomainReader domains(section);
  for (const std::string& item : settings.domains) {
    if (DataSet::is_specification(item)) {
      domains.add_set(item);
    } else {
      domains.add(item, "");
    }
  }
  bool sound = !domains.is_faulty();
  if (!is_complete(section, settings)) {
    return nullptr;
  }
  if (!is_domain_name(settings.selector)) {
    section.error("selector",
                  "'" + settings.selector + "' is not a selector: it is a part of a domain name");
    sound = false;
  }
  auto key = keys.read_file(settings.key_file, {.setting = "key_file", .place = ""});
  if (!sound || key == nullptr) {
    return nullptr;
  }
  Domains read = domains.take();
  if (read.everybody) {
    section.warning("domain",
                    "\"*\" signs for every domain that a client of ours names; the signature of a "
                    "domain that does not publish this key does not verify");
  }
  return std::make_unique<SingleKeySigners>(std::move(read), settings, std::move(key));
}

}  // namespace milterd::dkim
