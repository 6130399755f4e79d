#include "plugins/dkim/verifying/public_key_file.hpp"

#include <cstddef>
#include <utility>

#include "milterd/ascii.hpp"
#include "plugins/common/text_file.hpp"

namespace milterd::dkim {

namespace {

constexpr std::size_t largest_file = 16 * 1024 * 1024;

class KnownAnswer final : public TxtLookup {
 public:
  explicit KnownAnswer(TxtAnswer answer) : answer_(std::move(answer)) {}
  TxtAnswer wait(std::chrono::steady_clock::time_point /*deadline*/) override { return answer_; }

 private:
  TxtAnswer answer_;
};

std::string_view trim(std::string_view text) {
  constexpr std::string_view blanks = " \t\r";
  const std::size_t begin = text.find_first_not_of(blanks);
  return begin == std::string_view::npos
             ? std::string_view{}
             : text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

}  // namespace

Result<std::unique_ptr<PublicKeyFile>> PublicKeyFile::read(const std::string& path) {
  auto text = read_text_file(path, largest_file);
  if (!text) {
    return std::unexpected(std::move(text.error()));
  }
  auto keys = std::make_unique<PublicKeyFile>();
  std::string_view rest = *text;
  for (std::size_t number = 1; !rest.empty(); ++number) {
    const std::size_t end = rest.find('\n');
    const std::string_view line = trim(rest.substr(0, end));
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    if (line.empty() || line.starts_with('#')) {
      continue;
    }
    const std::size_t blank = line.find_first_of(" \t");
    const std::string_view record =
        blank == std::string_view::npos ? std::string_view{} : trim(line.substr(blank));
    if (record.empty()) {
      return fail("'" + path + "' line " + std::to_string(number) +
                  " has no record: write 'selector._domainkey.domain v=DKIM1; p=...'");
    }
    TxtAnswer& answer = keys->answers_[to_lower(line.substr(0, blank))];
    answer.status = TxtAnswer::Status::found;
    answer.records.emplace_back(record);
  }
  return keys;
}

std::unique_ptr<TxtLookup> PublicKeyFile::lookup_txt(std::string_view name) {
  TxtAnswer answer;
  answer.status = TxtAnswer::Status::none;
  if (const auto found = answers_.find(to_lower(name)); found != answers_.end()) {
    answer = found->second;
  }
  return std::make_unique<KnownAnswer>(std::move(answer));
}

}  // namespace milterd::dkim
