#include "plugins/dkim/verifying/body_hash.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <memory>
#include <openssl/evp.h>

#include "milterd/ascii.hpp"

namespace milterd::dkim {

namespace {

constexpr std::string_view line_end = "\r\n";

struct FreeDigest {
  void operator()(EVP_MD_CTX* digest) const { EVP_MD_CTX_free(digest); }
};

/// Takes text up to a limit; more does not count.
class Digest {
 public:
  explicit Digest(const BodyHashing& how)
      : digest_(EVP_MD_CTX_new()),
        rest_(how.length.value_or(std::numeric_limits<std::uint64_t>::max())),
        sound_(digest_ && EVP_DigestInit_ex(digest_.get(), how.sha1 ? EVP_sha1() : EVP_sha256(),
                                            nullptr) == 1) {}

  void add(std::string_view text) {
    text = text.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(rest_, text.size())));
    rest_ -= text.size();
    sound_ = sound_ && EVP_DigestUpdate(digest_.get(), text.data(), text.size()) == 1;
  }

  Result<std::string> finish() {
    std::string hash(EVP_MAX_MD_SIZE, '\0');
    unsigned int size = 0;
    if (!sound_ || EVP_DigestFinal_ex(digest_.get(), reinterpret_cast<unsigned char*>(hash.data()),
                                      &size) != 1) {
      return fail("cannot hash the body: OpenSSL has no memory");
    }
    hash.resize(size);
    return hash;
  }

 private:
  std::unique_ptr<EVP_MD_CTX, FreeDigest> digest_;
  std::uint64_t rest_;
  bool sound_;
};

/// Without blanks at the end, and with one for each run of them.
std::string relaxed_line(std::string_view line) {
  std::string text;
  bool in_blanks = false;
  for (const char c : line) {
    if (is_space(c)) {
      in_blanks = true;
      continue;
    }
    if (in_blanks) {
      text += ' ';
    }
    in_blanks = false;
    text += c;
  }
  return text;
}

}  // namespace

bool has_stray_line_end(std::string_view text) {
  std::size_t pairs = 0;
  for (std::size_t at = text.find('\n'); at != std::string_view::npos;
       at = text.find('\n', at + 1)) {
    if (at == 0 || text[at - 1] != '\r') {
      return true;
    }
    ++pairs;
  }
  return static_cast<std::size_t>(std::ranges::count(text, '\r')) != pairs;
}

Result<std::string> hash_canonical_body(std::string_view body, const BodyHashing& how,
                                        std::chrono::steady_clock::time_point deadline) {
  constexpr std::size_t lines_between_looks_at_the_clock = 4096;
  Digest digest(how);
  std::size_t empty_lines = 0;
  bool any = false;
  for (std::size_t line_number = 1; !body.empty(); ++line_number) {
    if (line_number % lines_between_looks_at_the_clock == 0 &&
        std::chrono::steady_clock::now() >= deadline) {
      return fail("cannot hash the body: the time for this message is over");
    }
    const std::size_t end = body.find(line_end);
    const std::string_view line = body.substr(0, end);
    body = end == std::string_view::npos ? std::string_view{} : body.substr(end + line_end.size());
    const std::string text = how.relaxed ? relaxed_line(line) : std::string(line);
    if (text.empty()) {
      ++empty_lines;
      continue;
    }
    for (; empty_lines > 0; --empty_lines) {
      digest.add(line_end);
    }
    digest.add(text);
    digest.add(line_end);
    any = true;
  }
  if (!any && !how.relaxed) {
    digest.add(line_end);
  }
  return digest.finish();
}

}  // namespace milterd::dkim
