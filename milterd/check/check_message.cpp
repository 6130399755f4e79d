#include "milterd/check/check_message.hpp"

#include <algorithm>
#include <cstdio>
#include <map>
#include <sysexits.h>
#include <unistd.h>

#include "milterd/ascii.hpp"
#include "milterd/check/message_reader.hpp"
#include "milterd/check/message_source.hpp"
#include "milterd/check/message_writer.hpp"
#include "milterd/check/report.hpp"
#include "milterd/pipeline/pipeline_session.hpp"

namespace milterd {
namespace {

/// The macros that Postfix would have sent, and those of --macro over them.
class CheckMacros final : public MacroSource {
 public:
  explicit CheckMacros(const CheckOptions& options) {
    set("i", "check");
    set("client_addr", options.client_address);
    set("client_name", options.client_name);
    set("client_ptr", options.client_name);
    if (options.auth_user) {
      set("auth_authen", *options.auth_user);
      set("auth_type", "PLAIN");
    }
  }
  /// Postfix writes names of more than one letter in braces; both are understood.
  void set(std::string_view name, const std::string& value) {
    if (name.size() > 1 && name.front() != '{') {
      values_["{" + std::string(name) + "}"] = value;
    } else {
      values_[std::string(name)] = value;
    }
  }
  std::string_view macro(const char* name) const override {
    const auto found = values_.find(name);
    return found == values_.end() ? std::string_view() : found->second;
  }

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

std::string field_address(const ReadMessage& message, std::string_view name) {
  const auto found = std::ranges::find_if(
      message.fields, [&](const auto& field) { return equal_ignoring_case(field.first, name); });
  return found == message.fields.end() ? std::string() : first_address(found->second);
}

class Check {
 public:
  Check(const CheckOptions& options, std::shared_ptr<const Pipeline> pipeline, Logger& log)
      : options_(options), pipeline_(std::move(pipeline)), log_(log) {}

  void say_fault(const std::string& text) {
    std::fprintf(stderr, "milterd: %s\n", text.c_str());
    unreadable_ = true;
  }

  void run(const std::string& name, std::string_view bytes, MessageWriter* writer) {
    const ReadMessage message = read_message(bytes);
    CheckMacros macros(options_);
    const std::string sender =
        options_.mail_from ? *options_.mail_from : field_address(message, "From");
    std::vector<std::string> recipients = options_.recipients;
    if (recipients.empty()) {
      recipients.push_back(field_address(message, "To"));
    }
    macros.set("mail_addr", sender);
    for (const auto& [key, value] : options_.macros) {
      macros.set(key, value);
    }
    PipelineSession session({.pipeline = pipeline_,
                             .facts = {.id = name,
                                       .client_name = options_.client_name,
                                       .client_address = options_.client_address,
                                       .helo = {}},
                             .macros = macros,
                             .log = log_,
                             .granted = {},
                             .fixed_time = options_.time,
                             .only_stages = options_.stages});
    const Outcome& outcome = drive(session, sender, recipients, message);
    const Checked checked{name, bytes.size(), session, outcome};
    const std::string report = options_.json ? json_report(checked) : text_report(checked);
    // The message itself has standard output for itself where it is written there.
    std::fputs(report.c_str(), options_.write_message == "-" ? stderr : stdout);
    if (outcome.action == Action::tempfail) {
      deferred_ = true;
    } else if (outcome.action != Action::proceed) {
      refused_ = true;
    }
    if (writer != nullptr && !ends_the_run(outcome.action) && session.in_transaction()) {
      if (auto written = writer->write(name, written_message(session.transaction(), message.crlf));
          !written) {
        say_fault(written.error().message);
      }
    }
  }

  int status() const {
    if (unreadable_) {
      return EX_NOINPUT;
    }
    if (refused_) {
      return 1;
    }
    return deferred_ ? EX_TEMPFAIL : EX_OK;
  }

 private:
  /// The events of one SMTP session. Refused recipients drop out; a message without any is refused.
  const Outcome& drive(PipelineSession& session, const std::string& sender,
                       const std::vector<std::string>& recipients, const ReadMessage& message) {
    const auto refused = [](const Answer& answer) { return answer.action != Action::proceed; };
    if (refused(session.connect()) || refused(session.helo(options_.helo)) ||
        refused(session.mail({sender, {}}))) {
      return session.outcome();
    }
    bool taken = false;
    for (const std::string& recipient : recipients) {
      const Answer answer = session.rcpt({recipient, {}});
      if (answer.action == Action::discard) {
        return session.outcome();
      }
      taken = taken || !refused(answer);
    }
    if (!taken || refused(session.data())) {
      return session.outcome();
    }
    for (const auto& [name, value] : message.fields) {
      session.header(name, value);
    }
    session.header_complete();
    session.body(message.body);
    return session.message();
  }

  const CheckOptions& options_;
  std::shared_ptr<const Pipeline> pipeline_;
  Logger& log_;
  bool refused_ = false;
  bool deferred_ = false;
  bool unreadable_ = false;
};

void show_progress(std::size_t done, std::size_t all) {
  constexpr std::size_t a_few = 10;
  if (all > a_few && ::isatty(STDERR_FILENO) == 1) {
    std::fprintf(stderr, "\r%zu of %zu%s", done, all, done == all ? "\n" : "");
  }
}

}  // namespace

int check_messages(const CheckOptions& options, const std::shared_ptr<const Pipeline>& pipeline,
                   Logger& log) {
  for (const std::string& name : options.stages) {
    if (std::ranges::none_of(pipeline->slots(), [&](const Pipeline::Slot& slot) {
          return slot.settings.name == name;
        })) {
      std::fprintf(stderr, "milterd: --stage: there is no stage '%s' in the configuration\n",
                   name.c_str());
      return EX_USAGE;
    }
  }
  Check check(options, pipeline, log);
  std::vector<std::string> files;
  bool many = options.mbox;
  for (const std::string& input : options.inputs) {
    auto listed = list_files(input);
    if (!listed) {
      check.say_fault(listed.error().message);
      continue;
    }
    many = many || listed->size() != 1 || listed->front() != input;
    files.insert(files.end(), listed->begin(), listed->end());
  }
  std::optional<MessageWriter> writer;
  if (!options.write_message.empty()) {
    auto opened = MessageWriter::open(options.write_message, many || options.inputs.size() > 1);
    if (!opened) {
      std::fprintf(stderr, "milterd: --write-message: %s\n", opened.error().message.c_str());
      return EX_CANTCREAT;
    }
    writer = *std::move(opened);
  }
  for (std::size_t index = 0; index < files.size(); ++index) {
    const auto bytes = read_file(files[index]);
    if (!bytes) {
      check.say_fault(bytes.error().message);
    } else if (!options.mbox) {
      check.run(files[index], *bytes, writer ? &*writer : nullptr);
    } else {
      std::size_t number = 0;
      for (const std::string& message : split_mbox(*bytes)) {
        check.run(files[index] + ":" + std::to_string(++number), message,
                  writer ? &*writer : nullptr);
      }
    }
    show_progress(index + 1, files.size());
  }
  return check.status();
}

}  // namespace milterd
