#include "milterd/check/report.hpp"

#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace milterd {
namespace {

using Json = nlohmann::ordered_json;

Json to_json(const Value& value) {
  struct Visitor {
    Json operator()(std::monostate) const { return nullptr; }
    Json operator()(bool v) const { return v; }
    Json operator()(std::int64_t v) const { return v; }
    Json operator()(double v) const { return v; }
    Json operator()(const std::string& v) const { return v; }
    Json operator()(const Value::List& list) const {
      Json array = Json::array();
      for (const Value& item : list) {
        array.push_back(to_json(item));
      }
      return array;
    }
    Json operator()(const Value::Members& members) const {
      Json object = Json::object();
      for (const auto& [key, item] : members) {
        object[key] = to_json(item);
      }
      return object;
    }
  };
  return std::visit(Visitor{}, value.data);
}

/// Milliseconds with three decimals.
double milliseconds(std::chrono::nanoseconds time) {
  return std::round(static_cast<double>(time.count()) / 1e3) / 1e3;
}

const char* action_word(const Outcome& outcome) {
  return outcome.action == Action::proceed ? "accept" : to_string(outcome.action);
}

/// As the MTA gets it: without the space after the colon, folds by LF.
std::string wire_value(const std::string& value) {
  std::string text;
  text.reserve(value.size());
  for (const char c : value) {
    if (c != '\r') {
      text.push_back(c);
    }
  }
  if (!text.empty() && text.front() == ' ') {
    text.erase(0, 1);
  }
  return text;
}

std::string joined(const std::vector<std::string>& lines, const char* separator) {
  std::string text;
  for (const std::string& line : lines) {
    text.append(text.empty() ? "" : separator).append(line);
  }
  return text;
}

Json reply_json(const std::optional<Reply>& reply) {
  if (!reply) {
    return nullptr;
  }
  return {
      {"code", reply->code}, {"enhanced", reply->enhanced}, {"text", joined(reply->lines, "\n")}};
}

/// "the stage's words: a: b, c: d" of a detail, for people.
std::string plain(const Json& detail) {
  if (detail.is_string()) {
    return detail.get<std::string>();
  }
  std::string text;
  if (detail.is_object() || detail.is_array()) {
    for (const auto& [key, item] : detail.items()) {
      if (item.is_null() || (item.is_structured() && item.empty())) {
        continue;
      }
      text.append(text.empty() ? "" : ", ");
      if (detail.is_object()) {
        text.append(key).append(" ");
      }
      text.append(item.is_structured() ? "(" + plain(item) + ")" : plain(item));
    }
    return text;
  }
  return detail.dump();
}

/// Text of a message goes to a terminal: no control bytes.
std::string printable(std::string text) {
  for (char& c : text) {
    if ((c >= '\0' && c < ' ' && c != '\n' && c != '\t') || c == '\x7f') {
      c = '?';
    }
  }
  return text;
}

std::string folded(const std::string& text, const char* indent) {
  std::string out;
  for (const char c : text) {
    out.push_back(c);
    if (c == '\n') {
      out.append(indent);
    }
  }
  return out;
}

}  // namespace

std::string json_report(const Checked& checked) {
  const Outcome& outcome = checked.outcome;
  const auto& slots = checked.session.pipeline().slots();
  Json stages = Json::array();
  for (std::size_t index = 0; index < slots.size(); ++index) {
    const StageOutcome& stage = outcome.stages[index];
    stages.push_back({{"name", slots[index].settings.name},
                      {"plugin", slots[index].settings.plugin},
                      {"verdict", to_string(stage)},
                      {"reason", stage.reason},
                      {"ms", milliseconds(stage.time)},
                      {"detail", to_json(checked.session.describe(index))}});
  }
  Json modifications = Json::array();
  for (const Modification& edit : outcome.modifications) {
    modifications.push_back({{"stage", slots[edit.stage].settings.name},
                             {"op", to_string(edit.op)},
                             {"name", edit.name},
                             {"value", wire_value(edit.value)},
                             {"index", edit.index}});
  }
  const Json decided_by =
      outcome.decided_by ? Json(slots[*outcome.decided_by].settings.name) : Json(nullptr);
  const Json report = {{"file", checked.file},
                       {"size", checked.size},
                       {"action", action_word(outcome)},
                       {"decided_by", decided_by},
                       {"reply", reply_json(outcome.reply)},
                       {"stages", std::move(stages)},
                       {"modifications", std::move(modifications)},
                       {"ms", milliseconds(outcome.time)}};
  return report.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string text_report(const Checked& checked) {
  const Outcome& outcome = checked.outcome;
  const auto& slots = checked.session.pipeline().slots();
  char number[64];
  std::snprintf(number, sizeof number, "%.2f", milliseconds(outcome.time));
  std::string text = checked.file + ": " + action_word(outcome) + " (" +
                     std::to_string(checked.size) + " bytes, " + number + " ms)\n";
  if (outcome.decided_by) {
    text += "  decided by: " + slots[*outcome.decided_by].settings.name + "\n";
  }
  if (outcome.reply) {
    text += "  reply: " + std::to_string(outcome.reply->code) + " " + outcome.reply->enhanced +
            " " + joined(outcome.reply->lines, " | ") + "\n";
  }
  if (!outcome.reason.empty()) {
    text += "  reason: " + outcome.reason + "\n";
  }
  for (std::size_t index = 0; index < slots.size(); ++index) {
    const StageOutcome& stage = outcome.stages[index];
    std::snprintf(number, sizeof number, "%.2f", milliseconds(stage.time));
    text += "  stage " + slots[index].settings.name + ": " + to_string(stage);
    text += stage.reason.empty() ? "" : " (" + stage.reason + ")";
    const std::string detail = plain(to_json(checked.session.describe(index)));
    text += std::string(", ") + number + " ms" + (detail.empty() ? "" : "\n    " + detail) + "\n";
  }
  for (const Modification& edit : outcome.modifications) {
    text += std::string("  ") + to_string(edit.op);
    text += edit.index > 0 || edit.op == Modification::Op::insert_header
                ? " " + std::to_string(edit.index)
                : "";
    text += edit.name.empty() ? "" : " " + edit.name;
    const std::string value = wire_value(edit.value);
    text += value.empty() ? "\n" : ": " + folded(value, "  ") + "\n";
  }
  return printable(std::move(text));
}

}  // namespace milterd
