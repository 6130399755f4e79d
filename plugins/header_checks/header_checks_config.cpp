#include "plugins/header_checks/header_checks_config.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace milterd::header_checks {
namespace {

constexpr std::uint64_t mebibyte = 1024 * 1024;

/// As one string of Postfix's syntax, so that the default of a key that says what header_checks
/// says can be printed.
std::string joined(const std::vector<std::string>& elements) {
  std::string text;
  for (const std::string& element : elements) {
    text.append(text.empty() ? "" : ", ").append(element);
  }
  return text;
}

std::vector<std::string> like(Section& section, Check check, const std::string& header_checks) {
  return header_checks.empty() ? section.strings(to_string(check), {})
                               : section.strings(to_string(check), {header_checks});
}

MimeLimits read_limits(Section& section) {
  MimeLimits limits;
  limits.lines.header_size_limit =
      section.size("header_size_limit", limits.lines.header_size_limit, 1, 64 * mebibyte);
  limits.lines.line_length_limit =
      section.size("line_length_limit", limits.lines.line_length_limit, 16, mebibyte);
  limits.mime_nesting_limit = static_cast<std::size_t>(section.integer(
      "mime_nesting_limit", static_cast<std::int64_t>(limits.mime_nesting_limit), 1, 10'000));
  limits.mime_boundary_length_limit =
      section.size("mime_boundary_length_limit", limits.mime_boundary_length_limit, 1, mebibyte);
  limits.body_checks_size_limit =
      section.size("body_checks_size_limit", limits.body_checks_size_limit, 0, 1024 * mebibyte);
  return limits;
}

}  // namespace

HeaderChecksConfig read_config(Section& section, Load load) {
  const std::vector<std::string> header = section.strings(to_string(Check::header), {});
  const std::string as_header = joined(header);
  const std::vector<std::string> mime = like(section, Check::mime_header, as_header);
  const std::vector<std::string> nested = like(section, Check::nested_header, as_header);
  const std::vector<std::string> body = section.strings(to_string(Check::body), {});
  const std::vector<std::string> milter = section.strings(to_string(Check::milter_header), {});
  const bool strict = section.boolean("strict", false);
  Table::Options options;
  options.match_limit = static_cast<std::uint32_t>(
      section.integer("match_limit", options.match_limit, 1'000, 100'000'000));

  HeaderChecksConfig config;
  config.checks.limits = read_limits(section);
  TableReader reader(section, options, strict, load);
  Checks& checks = config.checks;
  checks.header = reader.read(Check::header, header, config.field_actions);
  // Fields of both kinds stand in the message's own header as well as in its parts'.
  ActionSet mime_actions;
  checks.mime_header = reader.read(Check::mime_header, mime, mime_actions);
  config.field_actions |= mime_actions;
  config.body_actions |= mime_actions;
  checks.nested_header = reader.read(Check::nested_header, nested, config.body_actions);
  checks.body = reader.read(Check::body, body, config.body_actions);
  checks.milter_header = reader.read(Check::milter_header, milter, config.edit_actions);
  return config;
}

}  // namespace milterd::header_checks
