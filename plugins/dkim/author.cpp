#include "plugins/dkim/author.hpp"

#include <algorithm>
#include <utility>

#include "milterd/ascii.hpp"
#include "plugins/dkim/signature_header.hpp"

namespace milterd::dkim {

Author read_sole_address(std::span<const HeaderField> headers, std::string_view name) {
  Author author;
  const auto has_name = [name](const HeaderField& field) {
    return equal_ignoring_case(trimmed_name(field), name);
  };
  const auto field = std::ranges::find_if(headers, has_name);
  if (field == headers.end()) {
    author.fault = "there is no " + std::string(name) + " field";
    return author;
  }
  const auto count = std::ranges::count_if(headers, has_name);
  if (count != 1) {
    author.fault = "there are " + std::to_string(count) + " " + std::string(name) + " fields";
    return author;
  }
  auto addresses = parse_address_list(field->value());
  if (!addresses) {
    author.fault = std::string(name) + " cannot be read: " + addresses.error().message;
  } else if (addresses->size() != 1) {
    author.fault = std::string(name) + " has " + std::to_string(addresses->size()) + " addresses";
  } else {
    author.address = std::move(addresses->front());
  }
  return author;
}

Author read_author(std::span<const HeaderField> headers) {
  return read_sole_address(headers, "From");
}

}  // namespace milterd::dkim
