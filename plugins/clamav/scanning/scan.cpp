#include "plugins/clamav/scanning/scan.hpp"

#include <array>
#include <clamav.h>
#include <memory>
#include <utility>

#include "plugins/clamav/database/engine_options.hpp"
#include "plugins/clamav/scanning/excess.hpp"
#include "plugins/clamav/scanning/scan_context.hpp"

namespace milterd::clamav {
namespace {

struct CloseMap {
  void operator()(cl_fmap_t* map) const { cl_fmap_close(map); }
};

/// In the words of our own keys where there is one, so that the reader knows what to raise.
ScanResult over_limit(std::string_view limit) {
  struct Limit {
    std::string_view name;
    const char* text;
    Unscanned reason;
  };
  // The ones of mail are fixed in libclamav.
  constexpr std::array limits = {
      Limit{"MaxFileSize", "max_file_size exceeded", Unscanned::size},
      Limit{"MaxScanSize", "max_scan_size exceeded", Unscanned::size},
      Limit{"MaxScanTime", "max_scan_time exceeded", Unscanned::time},
      Limit{"MaxRecursion", "max_recursion exceeded", Unscanned::recursion},
      Limit{"MaxFiles", "max_files exceeded", Unscanned::files},
      Limit{"EmailHeaderBytes", "header too long", Unscanned::size},
      Limit{"EmailHeaders", "too many header fields", Unscanned::size},
      Limit{"EmailLineFoldCnt", "header field of too many lines", Unscanned::size},
      Limit{"EmailMIMEArguments", "too many MIME parameters", Unscanned::size},
      Limit{"EmailMIMEPartsPerMessage", "too many MIME parts", Unscanned::files},
  };
  for (const auto& [name, text, reason] : limits) {
    if (limit == name) {
      return ScanResult::unscanned(reason, text);
    }
  }
  return ScanResult::unscanned(Unscanned::size, std::string(limit) + " exceeded");
}

const char* shortage_text(Shortage shortage) {
  switch (shortage) {
    case Shortage::space: return "no space for temporary files";
    case Shortage::files: return "no room for more temporary files";
    case Shortage::descriptors: return "no file descriptors";
    case Shortage::none: break;
  }
  return "temporary files or memory";
}

ScanResult parser_error() { return ScanResult::unscanned(Unscanned::parser_error, "parser error"); }

ScanResult failed(const std::string& why) {
  return ScanResult::unscanned(Unscanned::failed, "scan failed: " + why);
}

/// Where libclamav has found nothing.
ScanResult judge_nothing_found(cl_error_t error, const ScanContext& context) {
  switch (error) {
    case CL_CLEAN:
    case CL_VERIFIED:
    case CL_VIRUS:
      if (context.names().encrypted()) {
        return ScanResult::unscanned(Unscanned::encrypted, "encrypted part");
      }
      // A message that is too large as a whole is "infected" without a name.
      return error == CL_VIRUS ? over_limit("MaxFileSize") : ScanResult::clean();
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

ScanResult judge(cl_error_t error, const ScanContext& context) {
  const FoundNames& names = context.names();
  if (!names.infected().empty()) {
    return ScanResult::infected(names.infected());
  }
  if (context.cancelled() != CancelReason::none) {
    return cancelled_scan(context.cancelled());
  }
  // The time ran out for us, not for this message alone: overload is no verdict about a sender.
  if (context.stopped()) {
    return ScanResult::unscanned(Unscanned::busy, "no time left");
  }
  if (!names.limit().empty()) {
    return over_limit(names.limit());
  }
  // libclamav calls a message clean when it could not make its temporary files, or lost a part on
  // the way: only its messages tell, and where it could not even begin, not even they.
  if (!context.begun() || context.lacked_resources()) {
    return failed(shortage_text(context.shortage()));
  }
  if (context.excess() != Excess::none) {
    return over_limit(context.excess() == Excess::encoded_files ? "MaxFiles" : "EmailLineFoldCnt");
  }
  if (context.cut_short()) {
    return over_limit("MaxFileSize");
  }
  if (context.had_errors()) {
    return parser_error();
  }
  if (context.unknown_method()) {
    return ScanResult::unscanned(Unscanned::parser_error, "unknown kind of compression");
  }
  return judge_nothing_found(error, context);
}

}  // namespace

ScanResult scan(const Engine& engine, std::string_view image,
                std::chrono::steady_clock::time_point deadline, Logger& log) {
  const Cancellation never;
  return scan(engine, image, deadline, log, never);
}

ScanResult cancelled_scan(CancelReason reason) {
  return reason == CancelReason::shut_down
             ? ScanResult::unscanned(Unscanned::shut_down, "shut down")
             : ScanResult::unscanned(Unscanned::client_gone, "client gone");
}

ScanResult scan(const Engine& engine, std::string_view image,
                std::chrono::steady_clock::time_point deadline, Logger& log,
                const Cancellation& cancellation) {
  if (image.size() > engine.settings().max_file_size) {
    return over_limit("MaxFileSize");
  }
  std::string shortened;
  const std::uint32_t max_files = engine.settings().max_files;
  const Excess excess = find_excess(image, max_files);
  if (excess != Excess::none) {
    shortened = without_excess(image, max_files);
    image = shortened;
  }
  const std::unique_ptr<cl_fmap_t, CloseMap> map(cl_fmap_open_memory(image.data(), image.size()));
  if (!map) {
    return failed("no memory");
  }
  ScanContext context(engine.settings(), deadline, engine.temporary(), log, cancellation);
  context.note_excess(excess);
  // All matches: else a limit that was reached, or a part that was refused, would hide a virus.
  cl_scan_options options = scan_options(engine.settings());
  options.general |= CL_SCAN_GENERAL_ALLMATCHES;
  const char* name = nullptr;
  unsigned long scanned = 0;
  const cl_error_t error =
      cl_scanmap_callback(map.get(), nullptr, &name, &scanned, engine.handle(), &options, &context);
  context.check_room();
  engine.shortage_notice().note(context.shortage(), engine.temporary().path(), log);
  return judge(error, context);
}

}  // namespace milterd::clamav
