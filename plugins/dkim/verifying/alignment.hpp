#pragma once
/// Does a signature speak for the author's domain?

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "milterd/result.hpp"

struct psl_ctx_st;

namespace milterd::dkim {

/// Strict: the domains are the same. Relaxed: they belong to the same organization, whose name is
/// one label more than a public suffix ("org", "co.uk") has (RFC 7489 section 3.2). Thread-safe.
class Alignment {
 public:
  static Alignment strict() { return Alignment(nullptr); }
  /// By the system's public suffix list, or the one that libpsl was built with, whichever is newer.
  /// Error: there is neither.
  static Result<Alignment> relaxed();

  /// Letter case does not matter. A domain in UTF-8 is not aligned with its ASCII form ("xn--").
  bool aligned(std::string_view signer, std::string_view author) const;

 private:
  using List = std::shared_ptr<const psl_ctx_st>;

  explicit Alignment(List list) : list_(std::move(list)) {}

  std::string organization(const std::string& domain) const;

  List list_;  ///< Null: strict.
};

}  // namespace milterd::dkim
