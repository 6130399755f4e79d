#include "plugins/clamav/scanning/scan.hpp"

#include <array>
#include <clamav.h>
#include <memory>
#include <utility>

#include "plugins/clamav/scanning/scan_context.hpp"

namespace milterd::clamav {
namespace {

using Status = ScanResult::Status;

struct CloseMap {
  void operator()(cl_fmap_t* map) const { cl_fmap_close(map); }
};

cl_scan_options scan_options(bool all_matches) {
  cl_scan_options options = {};
  options.general = CL_SCAN_GENERAL_HEURISTICS | (all_matches ? CL_SCAN_GENERAL_ALLMATCHES : 0U);
  options.parse = CL_SCAN_PARSE_ARCHIVE | CL_SCAN_PARSE_ELF | CL_SCAN_PARSE_PDF |
                  CL_SCAN_PARSE_SWF | CL_SCAN_PARSE_HWP3 | CL_SCAN_PARSE_XMLDOCS |
                  CL_SCAN_PARSE_MAIL | CL_SCAN_PARSE_OLE2 | CL_SCAN_PARSE_HTML | CL_SCAN_PARSE_PE |
                  CL_SCAN_PARSE_ONENOTE | CL_SCAN_PARSE_IMAGE | CL_SCAN_PARSE_IMAGE_FUZZY_HASH;
  options.heuristic = CL_SCAN_HEURISTIC_EXCEEDS_MAX;
  return options;
}

/// In the words of our own keys where there is one, so that the reader knows what to raise.
ScanResult over_limit(std::string_view limit) {
  struct Limit {
    std::string_view name;
    const char* key;
    Unscanned reason;
  };
  constexpr std::array limits = {
      Limit{"MaxFileSize", "max_file_size", Unscanned::size},
      Limit{"MaxScanSize", "max_scan_size", Unscanned::size},
      Limit{"MaxScanTime", "max_scan_time", Unscanned::time},
      Limit{"MaxRecursion", "max_recursion", Unscanned::recursion},
      Limit{"MaxFiles", "max_files", Unscanned::files},
  };
  for (const auto& [name, key, reason] : limits) {
    if (limit == name) {
      return ScanResult::unscanned(reason, std::string(key) + " exceeded");
    }
  }
  return ScanResult::unscanned(Unscanned::size, std::string(limit) + " exceeded");
}

ScanResult parser_error() { return ScanResult::unscanned(Unscanned::parser_error, "parser error"); }

ScanResult failed(const std::string& why) {
  return ScanResult::unscanned(Unscanned::failed, "scan failed: " + why);
}

ScanResult judge(cl_error_t error, const char* name, ScanContext& context) {
  if (error == CL_VIRUS && name != nullptr) {
    context.add_name(name);
  }
  if (!context.signature().empty()) {
    return ScanResult::infected(context.signature());
  }
  // The time ran out for us, not for this message alone: overload is no verdict about a sender.
  if (context.stopped()) {
    return ScanResult::unscanned(Unscanned::busy, "no time left");
  }
  if (!context.limit().empty()) {
    return over_limit(context.limit());
  }
  // libclamav calls a message clean when it could not make its temporary files, or lost a part on
  // the way: only its messages tell, and where it could not even begin, not even they.
  if (!context.begun() || context.lacked_resources()) {
    return failed("temporary files or memory");
  }
  if (context.had_errors()) {
    return parser_error();
  }
  switch (error) {
    case CL_CLEAN:
    case CL_VERIFIED: return ScanResult::clean();
    // A message that is too large as a whole is "infected" without a name.
    case CL_VIRUS:
    case CL_EMAXSIZE: return over_limit("MaxFileSize");
    case CL_EMAXREC: return over_limit("MaxRecursion");
    case CL_EMAXFILES: return over_limit("MaxFiles");
    case CL_ETIMEOUT: return over_limit("MaxScanTime");
    case CL_EFORMAT:
    case CL_EPARSE:
    case CL_EUNPACK:
    case CL_EBYTECODE: return parser_error();
    default: return failed(cl_strerror(error));
  }
}

ScanResult scan_once(const Engine& engine, std::string_view image, bool all_matches,
                     ScanContext& context) {
  const std::unique_ptr<cl_fmap_t, CloseMap> map(cl_fmap_open_memory(image.data(), image.size()));
  if (!map) {
    return failed("no memory");
  }
  cl_scan_options options = scan_options(all_matches);
  const char* name = nullptr;
  unsigned long scanned = 0;
  const cl_error_t error =
      cl_scanmap_callback(map.get(), nullptr, &name, &scanned, engine.handle(), &options, &context);
  context.check_room();
  return judge(error, name, context);
}

}  // namespace

ScanResult scan(const Engine& engine, std::string_view image,
                std::chrono::steady_clock::time_point deadline, Logger& log) {
  if (image.size() > engine.settings().max_file_size) {
    return over_limit("MaxFileSize");
  }
  ScanContext context(deadline, engine.temporary(), log);
  ScanResult result = scan_once(engine, image, false, context);
  // A part that cannot be parsed ends the scan, as a match does, so that it is not remembered as
  // clean. Nobody may hide a virus behind such a part.
  if (result.status == Status::unscanned && context.had_errors() && !context.lacked_resources() &&
      !context.stopped()) {
    result = scan_once(engine, image, true, context);
  }
  return result;
}

}  // namespace milterd::clamav
