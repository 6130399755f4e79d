#include "milterd/log/log_line.hpp"

#include <algorithm>
#include <cstddef>

#include "milterd/util/utf8.hpp"

namespace milterd {
namespace {

constexpr std::size_t most_value_bytes = 200;
constexpr std::string_view cut_mark = "...";
constexpr std::string_view hex_digits = "0123456789abcdef";

std::string_view name_of(LogLevel level) {
  switch (level) {
    case LogLevel::debug: return "debug";
    case LogLevel::info: return "info";
    case LogLevel::warn: return "warn";
    case LogLevel::error: break;
  }
  return "error";
}

void append_number(std::string& out, unsigned number, std::size_t width) {
  const std::string digits = std::to_string(number);
  out.append(width - std::min(width, digits.size()), '0');
  out += digits;
}

void append_hex(std::string& out, unsigned number, unsigned width) {
  for (unsigned digit = width; digit > 0; --digit) {
    out += hex_digits[(number >> (4U * (digit - 1))) & 0x0FU];
  }
}

/// Keys and events are constants of the code; one that is not fit cannot break the line either.
void append_name(std::string& out, std::string_view name) {
  for (const char byte : name) {
    const bool is_fit = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                        (byte >= '0' && byte <= '9') || byte == '_' || byte == '-' || byte == '.';
    out += is_fit ? byte : '_';
  }
}

struct Character {
  std::string_view bytes;
  char32_t value;
  bool is_valid;
  bool is_shown;  ///< Goes out as it is.
};

Character take_character(std::string_view& text) {
  const CodePoint code_point = first_code_point(text);
  const bool is_valid = code_point.size > 0;
  const std::string_view bytes = text.substr(0, is_valid ? code_point.size : 1);
  text.remove_prefix(bytes.size());
  return {bytes, code_point.value, is_valid, is_valid && !acts_on_display(code_point.value)};
}

void append_text_value(std::string& out, std::string_view value) {
  const std::size_t begin = out.size();
  std::string_view rest = cut_utf8(value, most_value_bytes);
  const bool is_cut = rest.size() < value.size();
  bool needs_quotes = value.empty();
  while (!rest.empty()) {
    const Character character = take_character(rest);
    if (!character.is_shown) {
      needs_quotes = true;
      for (const char byte : character.bytes) {
        out += "\\x";
        append_hex(out, static_cast<unsigned char>(byte), 2);
      }
      continue;
    }
    const bool needs_escape = character.bytes == "\"" || character.bytes == "\\";
    needs_quotes |= needs_escape || character.bytes == " " || character.bytes == "=";
    if (needs_escape) {
      out += '\\';
    }
    out += character.bytes;
  }
  if (is_cut) {
    out += cut_mark;
  }
  if (needs_quotes) {
    out.insert(begin, 1, '"');
    out += '"';
  }
}

void append_json_value(std::string& out, std::string_view value) {
  std::string_view rest = cut_utf8(value, most_value_bytes);
  const bool is_cut = rest.size() < value.size();
  out += '"';
  while (!rest.empty()) {
    const Character character = take_character(rest);
    if (!character.is_valid) {
      out += "\\ufffd";
    } else if (!character.is_shown) {
      out += "\\u";
      append_hex(out, character.value, 4);
    } else {
      if (character.bytes == "\"" || character.bytes == "\\") {
        out += '\\';
      }
      out += character.bytes;
    }
  }
  if (is_cut) {
    out += cut_mark;
  }
  out += '"';
}

}  // namespace

void append_log_time(std::string& out, std::chrono::system_clock::time_point time) {
  // Not gmtime_r(): it takes a lock of the whole process.
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::milliseconds>(time - day));
  append_number(out, static_cast<unsigned>(static_cast<int>(date.year())), 4);
  out += '-';
  append_number(out, static_cast<unsigned>(date.month()), 2);
  out += '-';
  append_number(out, static_cast<unsigned>(date.day()), 2);
  out += 'T';
  append_number(out, static_cast<unsigned>(clock.hours().count()), 2);
  out += ':';
  append_number(out, static_cast<unsigned>(clock.minutes().count()), 2);
  out += ':';
  append_number(out, static_cast<unsigned>(clock.seconds().count()), 2);
  out += '.';
  append_number(out, static_cast<unsigned>(clock.subseconds().count()), 3);
  out += 'Z';
}

void append_text_line(std::string& out, LogLevel level, std::string_view event,
                      std::span<const LogField> fields) {
  out += name_of(level);
  out += ' ';
  append_name(out, event);
  for (const LogField& field : fields) {
    out += ' ';
    append_name(out, field.key);
    out += '=';
    append_text_value(out, field.value);
  }
}

void append_json_line(std::string& out, std::chrono::system_clock::time_point time, LogLevel level,
                      std::string_view event, std::span<const LogField> fields) {
  out += R"({"time":")";
  append_log_time(out, time);
  out += R"(","level":")";
  out += name_of(level);
  out += R"(","event":")";
  append_name(out, event);
  out += '"';
  for (const LogField& field : fields) {
    out += ",\"";
    append_name(out, field.key);
    out += "\":";
    append_json_value(out, field.value);
  }
  out += '}';
}

std::size_t expected_line_size(std::string_view event, std::span<const LogField> fields) {
  std::size_t size = event.size() + 64;
  for (const LogField& field : fields) {
    size += field.key.size() + std::min(field.value.size(), most_value_bytes) + 8;
  }
  return size;
}

}  // namespace milterd
