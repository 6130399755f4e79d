#pragma once
/// What the pipeline did to one message, for people or as JSON (interface section 2).

#include <cstdint>
#include <string>

#include "milterd/pipeline/pipeline_session.hpp"

namespace milterd {

struct Checked {
  std::string file;  ///< As given; of a mailbox, with the message's number.
  std::uint64_t size = 0;
  const PipelineSession& session;
  const Outcome& outcome;
};

/// One line, newline included. Bytes that are not UTF-8 become U+FFFD.
std::string json_report(const Checked& checked);
/// Several lines.
std::string text_report(const Checked& checked);

}  // namespace milterd
