#include "plugins/clamav/policy/virus_headers.hpp"

#include <algorithm>
#include <array>

#include "milterd/ascii.hpp"

namespace milterd::clamav {
namespace {

constexpr std::string_view scanned_name = "X-Virus-Scanned";
constexpr std::string_view status_name = "X-Virus-Status";

/// White space before the colon belongs to no name (RFC 5322 section 4.5): readers skip it, so a
/// forged field must not hide behind it.
bool is_named(std::string_view field_name, std::string_view name) {
  while (field_name.ends_with(' ') || field_name.ends_with('\t')) {
    field_name.remove_suffix(1);
  }
  return equal_ignoring_case(field_name, name);
}

Result<> delete_forged(Transaction& transaction) {
  for (std::size_t i = transaction.headers().size(); i-- > 0;) {
    const std::string_view name = transaction.headers()[i].name();
    if (is_named(name, scanned_name) || is_named(name, status_name)) {
      if (Result<> deleted = transaction.delete_header(i); !deleted) {
        return deleted;
      }
    }
  }
  return {};
}

}  // namespace

AddHeader read_add_header(Section& section) {
  return std::array{AddHeader::replace, AddHeader::add, AddHeader::no}.at(
      section.choice("add_header", 0, {"replace", "add", "no"}));
}

std::string read_report_hostname(Section& section) {
  constexpr std::size_t longest = 255;
  std::string name = section.string("report_hostname", "");
  if (name.size() > longest ||
      !std::ranges::all_of(name, [](char c) { return c > ' ' && c <= '~'; })) {
    section.error("report_hostname", "'report_hostname' must be a host's name, in ASCII");
  }
  return name;
}

std::string virus_status(const ScanResult& result) {
  switch (result.status) {
    case ScanResult::Status::clean: return "Clean";
    case ScanResult::Status::infected: return "Infected (" + result.text + ")";
    case ScanResult::Status::unscanned: break;
  }
  return "Unscanned (" + result.text + ")";
}

Result<> write_virus_headers(Transaction& transaction, AddHeader how, std::string_view scanned_by,
                             const ScanResult& result) {
  const std::string status = virus_status(result);
  switch (how) {
    case AddHeader::no: return {};
    case AddHeader::add:
      if (Result<> inserted = transaction.insert_header(1, scanned_name, scanned_by); !inserted) {
        return inserted;
      }
      return transaction.insert_header(2, status_name, status);
    case AddHeader::replace: break;
  }
  if (Result<> deleted = delete_forged(transaction); !deleted) {
    return deleted;
  }
  if (Result<> added = transaction.add_header(scanned_name, scanned_by); !added) {
    return added;
  }
  return transaction.add_header(status_name, status);
}

Result<> remove_virus_headers(Transaction& transaction, AddHeader how) {
  return how == AddHeader::replace ? delete_forged(transaction) : Result<>();
}

}  // namespace milterd::clamav
