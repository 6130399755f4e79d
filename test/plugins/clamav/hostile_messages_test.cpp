/// Messages that are made to keep a scanner busy, to fill its memory, or to look like something
/// else: each gets an answer in time.

#include <chrono>
#include <doctest/doctest.h>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <vector>

#include "milterd/plugin.hpp"
#include "plugins/clamav/scanning/excess.hpp"
#include "sample_files.hpp"
#include "scanner.hpp"

namespace milterd::clamav {
namespace {

using test::attachment_mail;
using test::base64;
using test::eicar;
using test::parts_mail;
using test::Scanner;
using test::text_mail;
using test::zip;

const std::string found = "infected " + std::string(test::eicar_name);
const std::string boundary_fields =
    "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b0\r\n";
const std::string binary_fields =
    "Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n";

std::string repeated(const std::string& text, int times) {
  std::string result;
  for (int i = 0; i < times; ++i) {
    result += text;
  }
  return result;
}

/// EICAR in `depth` multiparts, one in the other.
std::string nested_parts(int depth) {
  std::string mail = boundary_fields + "\r\n";
  for (int i = 0; i < depth; ++i) {
    const std::string inner = std::to_string(i + 1);
    mail += "--b" + std::to_string(i) + "\r\nContent-Type: multipart/mixed; boundary=b" + inner +
            "\r\n\r\n";
  }
  mail += "--b" + std::to_string(depth) + "\r\n" + binary_fields + "\r\n" + base64(eicar());
  for (int i = depth; i >= 0; --i) {
    mail += "--b" + std::to_string(i) + "--\r\n";
  }
  return mail;
}

std::string nested_messages(int depth) {
  return repeated("Content-Type: message/rfc822\r\n\r\nFrom: <a@example.org>\r\n", depth) +
         binary_fields + "\r\n" + base64(eicar());
}

/// A part whose header has one field of `lines` lines.
std::string folded_part_header(int lines, const std::string& content = "harmless") {
  return boundary_fields + "\r\n--b0\r\nX-Long: a\r\n" + repeated(" a=b;\r\n", lines) +
         binary_fields + "\r\n" + base64(content) + "--b0--\r\n";
}

/// EICAR in the only part of a message whose Content-Type has `parameters` before the boundary.
std::string many_parameters(const std::string& parameters) {
  return "MIME-Version: 1.0\r\nContent-Type: multipart/mixed;" + parameters +
         " boundary=b0\r\n\r\n--b0\r\n" + binary_fields + "\r\n" + base64(eicar()) + "--b0--\r\n";
}

struct Case {
  std::string name;
  std::string mail;
  std::string expected;
};

std::vector<Case> messages() {
  const std::string folded = "unscanned header field of too many lines";
  std::vector<std::string> many;
  for (int i = 0; i < 1'200; ++i) {
    many.push_back("part " + std::to_string(i));
  }
  many.push_back(eicar());
  const std::string encoded = repeated("begin 644 a\r\n#86)C\r\n`\r\nend\r\n", 100'000);
  return {
      {"a few nested parts", nested_parts(10), found},
      {"10,000 nested parts", nested_parts(10'000), "unscanned max_recursion exceeded"},
      {"10,000 nested messages", nested_messages(10'000), "unscanned max_recursion exceeded"},
      {"more parts than max_files", parts_mail(many), "unscanned max_files exceeded"},
      {"a part header of many lines", folded_part_header(5'000, eicar()), found},
      {"of so many that libclamav would not come back", folded_part_header(300'000), folded},
      {"the same, infected", folded_part_header(300'000, eicar()), found},
      {"the same, attached, harmless",
       attachment_mail("a.eml", "From: <a@example.org>\r\nTo: <b@example.net>\r\n" +
                                    folded_part_header(200'000)),
       folded},
      {"100,000 uuencoded files", text_mail(encoded), "unscanned max_files exceeded"},
      {"the same, attached", attachment_mail("a.eml", text_mail(encoded)),
       "unscanned max_files exceeded"},
      {"the same, infected", attachment_mail("a.com", eicar()) + encoded, found},
      {"Content-Type of many lines", many_parameters("\r\n" + repeated(" a=b;\r\n", 900)),
       "unscanned too many MIME parameters"},
      {"hundreds of thousands of opening angles",
       attachment_mail("a.html", std::string(300'000, '<')), "clean"},
      {"of beginnings of programs", attachment_mail("a", repeated("MZ", 300'000)), "clean"},
  };
}

/// Of this process, in MiB.
long most_memory() {
  rusage usage = {};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss / 1024;
}

TEST_CASE("a hostile message gets its answer in seconds, twice, and takes little memory") {
  EngineSettings settings;
  settings.max_scan_time = std::chrono::seconds(10);
  settings.max_files = 1'000;
  Scanner scanner(settings);
  const std::vector<Case> cases = messages();
  const long memory_before = most_memory();
  for (const auto& [name, mail, expected] : cases) {
    CAPTURE(name);
    const auto begin = std::chrono::steady_clock::now();
    CHECK(scanner(mail) == expected);
    CHECK(scanner(mail) == expected);
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(20));
  }
  // A sanitizer keeps what was freed for a while: 750 MiB, where 20 are usual.
  const bool is_sanitized = !std::string_view(MILTERD_SANITIZER_).ends_with("no sanitizer");
  CHECK(most_memory() - memory_before < (is_sanitized ? 1500 : 150));
}

TEST_CASE("a bomb of many small archives ends at max_scan_size") {
  EngineSettings settings;
  settings.disable_cache = true;  // else the second is known from the first
  settings.max_scan_size = 5'000'000;
  Scanner scanner(settings);
  const std::vector<std::string> archives(100, test::zip_of_zeros());
  CHECK(scanner(parts_mail(archives)) == "unscanned max_scan_size exceeded");
  std::vector<std::string> infected = {eicar()};
  infected.insert(infected.end(), archives.begin(), archives.end());
  CHECK(scanner(parts_mail(infected)) == found);
}

constexpr std::uint32_t most = 10'000;

TEST_CASE("only a folded field of a part's header counts as such") {
  const std::string lines = repeated(
      " 76 characters of text that is indented, as in a list or a "
      "program ..........\r\n",
      20'000);
  CHECK(find_excess("--b0\r\nX: y\r\n" + lines, most) == Excess::folded_lines);
  CHECK(find_excess("X: y\r\n" + lines, most) == Excess::none);
  CHECK(find_excess("--b0\r\nX: y\r\n\r\n" + lines, most) == Excess::none);
  CHECK(find_excess("--b0\r\n" + repeated("X: y\r\n z\r\n", 100'000), most) == Excess::none);
  const std::string rest = without_excess("--b0\r\nX: y\r\n" + lines + "Z: z\r\n\r\nbody", most);
  CHECK(rest.size() < 70'000);
  CHECK(rest.ends_with("Z: z\r\n\r\nbody"));
}

TEST_CASE("files that begin with a line count up to max_files") {
  const std::string files = repeated("begin 644 a\r\n#86)C\r\n`\r\nend\r\n", 10'001);
  CHECK(find_excess(files, most) == Excess::encoded_files);
  CHECK(find_excess(files, most + 1) == Excess::none);
  CHECK(find_excess(repeated("begin of a text\r\nbegin 64 a\r\n begin 644 a\r\n", 10'001), most) ==
        Excess::none);
  const std::string rest = without_excess(files + "body", most);
  CHECK(find_excess(rest, most) == Excess::none);
  CHECK(rest.ends_with("body"));
}

TEST_CASE("no first bytes of the sender's choice hide an attachment, nor what it is") {
  Scanner scanner;
  for (const std::string& first :
       {zip("a", "b"), test::pdf_file("x"), test::windows_program("x"), std::string("{\\rtf1 x"),
        std::string("From a@example.org Mon\n"), std::string("#!/bin/sh\n"), std::string(600, '\0'),
        std::string("\xFF\xFE\x46\x00", 4), test::png_image(), std::string("GIF89a"),
        std::string("BZh91AY&SY"), std::string("\x1F\x8B\x08\x00", 4)}) {
    CAPTURE(first.substr(0, 8));
    CHECK(scanner(first + ": x\r\n" + attachment_mail("a.com", eicar())) != "clean");
    // In one line, as it may come in a real header.
    std::string line;
    for (const char c : first) {
      line += c == '\r' || c == '\n' || c == '\0' ? ' ' : c;
    }
    CHECK(scanner(line + ": x\r\n" + attachment_mail("a.com", eicar())) == found);
  }
}

TEST_CASE("max_scan_time is kept where libclamav looks at the time, and called so") {
  EngineSettings settings;
  settings.max_scan_time = std::chrono::milliseconds(10);
  Scanner scanner(settings);
  std::vector<std::string> archives;
  for (int i = 0; i < 20; ++i) {
    archives.push_back(zip("a", std::to_string(i) + std::string(200'000, static_cast<char>(i))));
  }
  const std::string mail = parts_mail(archives);
  for (int again = 0; again < 2; ++again) {
    const auto begin = std::chrono::steady_clock::now();
    const ScanResult result = scanner.result(mail);
    CHECK(result.reason == Unscanned::time);
    CHECK(result.text == "max_scan_time exceeded");
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(20));
  }
}

}  // namespace
}  // namespace milterd::clamav
