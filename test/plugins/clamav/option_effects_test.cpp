/// What each key of the engine changes in what is found.

#include <doctest/doctest.h>
#include <string>
#include <string_view>
#include <vector>

#include "sample_files.hpp"
#include "scanner.hpp"

namespace milterd::clamav {
namespace {

using test::attachment_mail;
using test::compound_file;
using test::disk_image;
using test::eicar;
using test::hex;
using test::Scanner;
using test::settings_of;
using test::text_mail;
using test::zip;

Scanner::Files signatures() {
  return {
      {"kinds.ndb", "Test.Html:3:*:" + hex("<b>evil markup") + "\nTest.NoTags:3:*:" +
                        hex("evil untagged") + "\nTest.Script:7:*:" + hex("evil script here") +
                        "\nTest.Program:1:*:" + hex("evil program") +
                        "\nHTML.Phishing.Test:0:*:" + hex("a text to fish") + "\n"},
      {"kinds.ldb", "Test.Pattern;Engine:81-255,Target:0;0&1;" + hex("trigger") +
                        ";0/evil(a+)+b[0-9]{3}x/\n" +
                        "Test.Image;Engine:150-255,Target:5;0;fuzzy_img#8000000000000000\n"},
      {"kinds.ndu", "PUA.Tool.Test:0:*:" + hex("a handy tool") + "\n"},
      {"domains.pdb", "H:bank.example\n"},
  };
}

std::string file_mail(std::string_view content) { return attachment_mail("a.bin", content); }

std::string link_mail(const std::string& shown, const std::string& target) {
  return text_mail("<html><body><a href=\"" + target + "\">" + shown + "</a></body></html>",
                   "MIME-Version: 1.0\r\nContent-Type: text/html\r\n");
}

struct Case {
  std::string key;     ///< As the configuration has it.
  std::string others;  ///< Which keys are set in both scans.
  std::string mail;
  std::string without;
  std::string with;
};

std::vector<Case> limits() {
  return {
      {"max_html_normalize = '10B'", "",
       file_mail("<html><body><B>EVIL   MARKUP</B></body></html>"), "infected Test.Html.UNOFFICIAL",
       "clean"},
      {"max_html_no_tags = '5B'", "", file_mail("<html><body>EVIL <i></i>UNTAGGED</body></html>"),
       "infected Test.NoTags.UNOFFICIAL", "clean"},
      {"max_script_normalize = '10B'", "", file_mail("some text\nEVIL    SCRIPT\tHERE\n"),
       "infected Test.Script.UNOFFICIAL", "clean"},
      {"pcre_match_limit = 1", "", file_mail("trigger evil" + std::string(30, 'a') + "b123x"),
       "infected Test.Pattern.UNOFFICIAL", "clean"},
      {"pcre_max_file_size = '10B'", "", file_mail("trigger evil" + std::string(30, 'a') + "b123x"),
       "infected Test.Pattern.UNOFFICIAL", "clean"},
  };
}

std::vector<Case> parsers() {
  const std::string found = "infected " + std::string(test::eicar_name);
  const std::string broken_program = test::windows_program("x").substr(0, 400);
  const std::string elf = "\177ELF\x01\x01\x01" + std::string(9, '\0') + std::string(36, '\x01');
  const std::string macros = compound_file("Workbook", test::workbook_with_macros());
  return {
      {"scan_mail = false", "", file_mail(eicar()), found, "clean"},
      {"scan_archive = false", "", file_mail(zip("a.pdf", test::pdf_file(eicar()))), found,
       "clean"},
      {"scan_pe = false", "alert_broken_executables = true", file_mail(broken_program),
       "infected Heuristics.Broken.Executable", "clean"},
      {"scan_elf = false", "alert_broken_executables = true", file_mail(elf),
       "infected Heuristics.Broken.Executable", "clean"},
      {"scan_ole2 = false", "alert_ole2_macros = true", file_mail(macros),
       "infected Heuristics.OLE2.ContainsMacros.XLM", "clean"},
      {"scan_pdf = false", "", file_mail(test::pdf_file(eicar())), found, "clean"},
      {"scan_html = false", "", file_mail("<html><body><B>EVIL   MARKUP</B></body></html>"),
       "infected Test.Html.UNOFFICIAL", "clean"},
      {"scan_swf = false", "", file_mail(test::compressed_flash_with_eicar()), found, "clean"},
      {"scan_image = false", "alert_broken_media = true",
       file_mail(test::png_image().substr(0, 40)),
       "infected Heuristics.Broken.Media.PNG.EOFReadingChunkType", "clean"},
      {"scan_image_fuzzy_hash = false", "", file_mail(test::png_image()),
       "infected Test.Image.UNOFFICIAL", "clean"},
  };
}

std::vector<Case> alerts() {
  const std::string macros = compound_file("Workbook", test::workbook_with_macros());
  const std::string elf = "\177ELF\x01\x01\x01" + std::string(9, '\0') + std::string(36, '\x01');
  const std::string spoofed = link_mail("http://www.bank.example/", "http://evil.example.com/");
  const std::string nested = file_mail(test::nested_zip(20, "x"));
  const std::string cards =
      file_mail("cards: 4111111111111111 5500005555555559 4012888888881881 5105105105105100\n");
  const std::string dashed = file_mail("ssn: 123-45-6789 219-09-9999 457-55-5462 078-05-1120\n");
  const std::string plain = file_mail("ssn: 123456789 219099999 457555462 078051120 end\n");
  const std::string dlp = "structured_data_detection = true";
  const std::string card_name = "infected Heuristics.Structured.CreditCardNumber";
  const std::string ssn_name = "infected Heuristics.Structured.SSN";
  return {
      {"alert_exceeds_max = true", "", nested, "unscanned max_recursion exceeded",
       "infected Heuristics.Limits.Exceeded.MaxRecursion"},
      {"alert_encrypted = true", "", file_mail(test::encrypted_pdf()), "unscanned encrypted part",
       "infected Heuristics.Encrypted.PDF"},
      {"alert_encrypted_archive = true", "", file_mail(test::encrypted_zip("a", "b")),
       "unscanned encrypted part", "infected Heuristics.Encrypted.Zip"},
      {"alert_encrypted_doc = true", "", file_mail(test::encrypted_pdf()),
       "unscanned encrypted part", "infected Heuristics.Encrypted.PDF"},
      {"alert_broken_executables = true", "", file_mail(elf), "clean",
       "infected Heuristics.Broken.Executable"},
      {"alert_broken_media = true", "", file_mail(test::png_image().substr(0, 40)), "clean",
       "infected Heuristics.Broken.Media.PNG.EOFReadingChunkType"},
      {"alert_ole2_macros = true", "", file_mail(macros), "clean",
       "infected Heuristics.OLE2.ContainsMacros.XLM"},
      {"alert_partition_intersection = true", "", file_mail(disk_image({{1, 6}, {3, 6}})), "clean",
       "infected Heuristics.MBRPartitionnIntersect"},
      {"alert_phishing_ssl_mismatch = true", "",
       link_mail("https://www.shop.example/", "http://evil.example.com/"), "clean",
       "infected Heuristics.Phishing.Email.SSL-Spoof"},
      {"alert_phishing_cloak = true", "",
       link_mail("http://www.shop.example/", "http://www.shop.example%00@evil.example.com/"),
       "clean", "infected Heuristics.Phishing.Email.Cloaked.Null"},
      {"phishing_scan_urls = false", "", spoofed,
       "infected Heuristics.Phishing.Email.SpoofedDomain", "clean"},
      {"structured_data_detection = true", "", cards, "clean", card_name},
      {"structured_min_credit_card_count = 5", dlp, cards, card_name, "clean"},
      {"structured_ssn_format_normal = false", dlp, dashed, ssn_name, "clean"},
      {"structured_ssn_format_stripped = true", dlp, plain, "clean", ssn_name},
      {"structured_min_ssn_count = 5", dlp, dashed, ssn_name, "clean"},
  };
}

std::vector<Case> chosen_signatures() {
  const std::string tool = file_mail("a handy tool");
  const std::string name = "infected PUA.Tool.Test.UNOFFICIAL";
  const std::string pua = "detect_pua = true";
  return {
      {"phishing_signatures = false", "", file_mail("a text to fish"),
       "infected HTML.Phishing.Test.UNOFFICIAL", "clean"},
      {"detect_pua = true", "", tool, "clean", name},
      {"exclude_pua = 'Tool'", pua, tool, name, "clean"},
      {"exclude_pua = 'Packed'", pua, tool, name, name},
      {"include_pua = 'Packed'", pua, tool, name, "clean"},
      {"include_pua = ['Packed', 'Tool']", pua, tool, name, name},
      {"exclude_pua = ['Packed', 'Tool']", pua, tool, name, "clean"},
  };
}

TEST_CASE("each key changes what libclamav finds") {
  for (const std::vector<Case>& cases : {limits(), parsers(), alerts(), chosen_signatures()}) {
    for (const auto& [key, others, mail, without, with] : cases) {
      CAPTURE(key);
      Scanner scanner_without(settings_of(others + "\n"), signatures());
      CHECK(scanner_without(mail) == without);
      Scanner scanner_with(settings_of(others + "\n" + key + "\n"), signatures());
      CHECK(scanner_with(mail) == with);
    }
  }
}

}  // namespace
}  // namespace milterd::clamav
