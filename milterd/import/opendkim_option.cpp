#include "milterd/import/opendkim_option.hpp"

#include <algorithm>
#include <array>

#include "milterd/ascii.hpp"

namespace milterd {
namespace {

using enum OpendkimOption::Type;
using Fate = OpendkimOption::Fate;

constexpr std::string_view foreground =
    "milterd serves in the foreground; the service manager watches it";
constexpr std::string_view no_ldap = "milterd reads no tables from LDAP";
constexpr std::string_view no_lua =
    "milterd runs no Lua; require_aligned_pass, must_be_signed, on_... and header_checks are for "
    "what such scripts usually do";
constexpr std::string_view no_mail = "milterd sends no mail of its own";
constexpr std::string_view no_rates =
    "milterd limits no rates; use Postfix's smtpd_client_message_rate_limit";
constexpr std::string_view no_reputation =
    "milterd asks no reputation service; give that to a filter behind it";
constexpr std::string_view no_rewriting =
    "milterd signs what it sees; let the sender's host rewrite headers before they are signed, or "
    "set sign_at = \"end\" where a later stage does it";
constexpr std::string_view no_resigning =
    "milterd does not sign mail from others again; let the list server do that";
constexpr std::string_view no_statistics =
    "milterd keeps no statistics file; its log has a line "
    "for each message";
constexpr std::string_view no_vbr = "nobody vouches by reference any more; milterd has no VBR";
constexpr std::string_view no_identity =
    "milterd takes i= from the signing table; put the identities there";

constexpr std::array options = {
    OpendkimOption{"AllowSHA1Only", boolean, Fate::ignored, "SHA-256 is always there"},
    OpendkimOption{"AlwaysAddARHeader", boolean, Fate::boolean, "always_add_ar_header"},
    OpendkimOption{"ATPSDomains", text, Fate::ignored, "nobody uses ATPS; milterd has none"},
    OpendkimOption{"ATPSHashAlgorithm", text, Fate::ignored, "nobody uses ATPS; milterd has none"},
    OpendkimOption{"AuthservID", text, Fate::authserv_id, "milter.authserv_id"},
    OpendkimOption{"AuthservIDWithJobID", boolean, Fate::ignored,
                   "the authserv-id is the name alone; the log has the queue id"},
    OpendkimOption{"AutoRestart", boolean, Fate::ignored, foreground},
    OpendkimOption{"AutoRestartCount", integer, Fate::ignored, foreground},
    OpendkimOption{"AutoRestartRate", text, Fate::ignored, foreground},
    OpendkimOption{"Background", boolean, Fate::ignored, foreground},
    OpendkimOption{"BaseDirectory", text, Fate::base_directory, ""},
    OpendkimOption{"BodyLengthDB", text, Fate::refused,
                   "l= lets anybody append to signed mail; remove it, or set maximum_signed_bytes "
                   "for all mail"},
    OpendkimOption{"BogusKey", text, Fate::text, "bogus_key"},
    OpendkimOption{"Canonicalization", text, Fate::canonicalization, "canonicalization"},
    OpendkimOption{"CaptureUnknownErrors", boolean, Fate::capture, "on_internal_error"},
    OpendkimOption{"ChangeRootDirectory", text, Fate::refused,
                   "milterd changes no root directory; use RootDirectory= of systemd, or write "
                   "every path as seen from outside"},
    OpendkimOption{"ClockDrift", integer, Fate::seconds, "clock_drift"},
    OpendkimOption{"ConditionalSignatures", text, Fate::refused,
                   "milterd makes no conditional signatures; sign for the domain itself"},
    OpendkimOption{"DefaultSender", text, Fate::refused,
                   "milterd signs no mail without a sender; let the MTA add From "
                   "(Postfix: always_add_missing_headers)"},
    OpendkimOption{"Diagnostics", boolean, Fate::ignored, "signatures have no z="},
    OpendkimOption{"DiagnosticDirectory", text, Fate::ignored,
                   "milterd --check-message says why a message does not verify"},
    OpendkimOption{"DisableCryptoInit", boolean, Fate::ignored, "OpenSSL starts by itself today"},
    OpendkimOption{"DNSConnect", boolean, Fate::ignored, "TCP is used where it is needed"},
    OpendkimOption{"DNSTimeout", integer, Fate::seconds, "dns.timeout"},
    OpendkimOption{"Domain", text, Fate::domain_key, "domain"},
    OpendkimOption{"DomainKeysCompat", boolean, Fate::ignored,
                   "DomainKeys is historic; its key records that DKIM can use are used anyway"},
    OpendkimOption{"DontSignMailTo", text, Fate::names, "dont_sign_mail_to"},
    OpendkimOption{"EnableCoredumps", boolean, Fate::ignored, foreground},
    OpendkimOption{"ExemptDomains", text, Fate::names, "exempt_domains"},
    OpendkimOption{"ExternalIgnoreList", text, Fate::names, "external_ignore_list"},
    OpendkimOption{"FinalPolicyScript", text, Fate::refused, no_lua},
    OpendkimOption{"FixCRLF", boolean, Fate::ignored, "Postfix sends CRLF already"},
    OpendkimOption{"FlowData", text, Fate::refused, no_rates},
    OpendkimOption{"FlowDataFactor", integer, Fate::ignored, no_rates},
    OpendkimOption{"FlowDataTTL", integer, Fate::ignored, no_rates},
    OpendkimOption{"IdentityHeader", text, Fate::refused, no_identity},
    OpendkimOption{"IdentityHeaderRemove", boolean, Fate::refused_on, no_identity},
    OpendkimOption{"IgnoreMalformedMail", boolean, Fate::ignored,
                   "on_malformed_from says what such mail gets"},
    OpendkimOption{"Include", text, Fate::include, ""},
    OpendkimOption{"InternalHosts", text, Fate::names, "internal_hosts"},
    OpendkimOption{
        "KeepAuthResults", boolean, Fate::ignored,
        "results that claim to be of this host and came from outside are always removed"},
    OpendkimOption{"KeepTemporaryFiles", boolean, Fate::ignored, "there are none"},
    OpendkimOption{"KeyFile", text, Fate::domain_key, "key_file"},
    OpendkimOption{"KeyTable", text, Fate::data_set, "key_table"},
    OpendkimOption{"LDAPAuthMechanism", text, Fate::ignored, no_ldap},
    OpendkimOption{"LDAPAuthName", text, Fate::ignored, no_ldap},
    OpendkimOption{"LDAPAuthRealm", text, Fate::ignored, no_ldap},
    OpendkimOption{"LDAPAuthUser", text, Fate::ignored, no_ldap},
    OpendkimOption{"LDAPBindPassword", text, Fate::ignored, no_ldap},
    OpendkimOption{"LDAPBindUser", text, Fate::ignored, no_ldap},
    OpendkimOption{"LDAPDisableCache", boolean, Fate::ignored, no_ldap},
    OpendkimOption{"LDAPKeepaliveIdle", text, Fate::ignored, no_ldap},
    OpendkimOption{"LDAPKeepaliveInterval", text, Fate::ignored, no_ldap},
    OpendkimOption{"LDAPKeepaliveProbes", text, Fate::ignored, no_ldap},
    OpendkimOption{"LDAPTimeout", text, Fate::ignored, no_ldap},
    OpendkimOption{"LDAPUseTLS", boolean, Fate::ignored, no_ldap},
    OpendkimOption{"LogResults", boolean, Fate::ignored, "the log line of each message has them"},
    OpendkimOption{"LogWhy", boolean, Fate::ignored,
                   "milterd --check-message says each step of the decision"},
    OpendkimOption{"LuaOnlySigning", boolean, Fate::refused_on, no_lua},
    OpendkimOption{"MacroList", text, Fate::pairs, "macro_list"},
    OpendkimOption{"MaximumHeaders", integer, Fate::header_limit, "limits.header_size"},
    OpendkimOption{"MaximumSignaturesToVerify", integer, Fate::signature_limit,
                   "maximum_signatures_to_verify"},
    OpendkimOption{"MaximumSignedBytes", integer, Fate::size, "maximum_signed_bytes"},
    OpendkimOption{"MilterDebug", integer, Fate::ignored, "[log] level = \"debug\" says more"},
    OpendkimOption{"Minimum", text, Fate::text, "minimum"},
    OpendkimOption{"MinimumKeyBits", integer, Fate::key_bits, "minimum_key_bits"},
    OpendkimOption{"Mode", text, Fate::mode, "mode"},
    OpendkimOption{"MTA", text, Fate::names, "mta"},
    OpendkimOption{"MTACommand", text, Fate::ignored, no_mail},
    OpendkimOption{"MultipleSignatures", boolean, Fate::boolean, "multiple_signatures"},
    OpendkimOption{"MustBeSigned", text, Fate::plain_names, "must_be_signed"},
    OpendkimOption{"Nameservers", text, Fate::nameservers, "dns.nameservers"},
    OpendkimOption{"NoHeaderB", boolean, Fate::ignored, "header.b is always written"},
    OpendkimOption{"OmitHeaders", text, Fate::names, "omit_headers"},
    OpendkimOption{"On-BadSignature", text, Fate::action, "on_bad_signature"},
    OpendkimOption{"On-Default", text, Fate::default_action, ""},
    OpendkimOption{"On-DNSError", text, Fate::action, "on_dns_error"},
    OpendkimOption{"On-InternalError", text, Fate::action, "on_internal_error"},
    OpendkimOption{"On-KeyNotFound", text, Fate::action, "on_key_not_found"},
    OpendkimOption{"On-NoSignature", text, Fate::action, "on_no_signature"},
    OpendkimOption{"On-ReputationError", text, Fate::ignored, no_reputation},
    OpendkimOption{"On-Security", text, Fate::action, "on_security"},
    OpendkimOption{"On-SignatureError", text, Fate::action, "on_signature_error"},
    OpendkimOption{"OverSignHeaders", text, Fate::names, "oversign_headers"},
    OpendkimOption{"PeerList", text, Fate::names, "peer_list"},
    OpendkimOption{"PidFile", text, Fate::ignored, foreground},
    OpendkimOption{"POPDBFile", text, Fate::refused,
                   "milterd knows no POP before SMTP; let clients authenticate (SASL)"},
    OpendkimOption{"Quarantine", boolean, Fate::ignored,
                   "opendkim does not look at it either; on_bad_signature = \"quarantine\" does "
                   "what it says"},
    OpendkimOption{"QueryCache", boolean, Fate::ignored, "answers are always kept for their TTL"},
    OpendkimOption{"RateLimits", text, Fate::refused, no_rates},
    OpendkimOption{"RedirectFailuresTo", text, Fate::refused,
                   "milterd redirects no mail; use on_bad_signature = \"quarantine\""},
    OpendkimOption{"RemoveARAll", boolean, Fate::ignored,
                   "every field that claims to be of this host is removed, whatever it is about"},
    OpendkimOption{"RemoveARFrom", text, Fate::refused,
                   "only results that claim to be of authserv_id are removed; give all hosts "
                   "that share the work the same authserv_id"},
    OpendkimOption{"RemoveOldSignatures", boolean, Fate::boolean, "remove_old_signatures"},
    OpendkimOption{"ReplaceHeaders", text, Fate::ignored, no_rewriting},
    OpendkimOption{"ReplaceRules", text, Fate::refused, no_rewriting},
    OpendkimOption{"ReportAddress", text, Fate::ignored, no_mail},
    OpendkimOption{"ReportBccAddress", text, Fate::ignored, no_mail},
    OpendkimOption{"ReputationCache", text, Fate::ignored, no_reputation},
    OpendkimOption{"ReputationCacheTTL", integer, Fate::ignored, no_reputation},
    OpendkimOption{"ReputationDuplicates", text, Fate::ignored, no_reputation},
    OpendkimOption{"ReputationLimits", text, Fate::refused, no_reputation},
    OpendkimOption{"ReputationLowTime", text, Fate::ignored, no_reputation},
    OpendkimOption{"ReputationMinimum", integer, Fate::ignored, no_reputation},
    OpendkimOption{"ReputationLimitModifiers", text, Fate::ignored, no_reputation},
    OpendkimOption{"ReputationRatios", text, Fate::refused, no_reputation},
    OpendkimOption{"ReputationRRDHashDepth", integer, Fate::ignored, no_reputation},
    OpendkimOption{"ReputationRRDRoot", text, Fate::refused, no_reputation},
    OpendkimOption{"ReputationSpamCheck", text, Fate::refused, no_reputation},
    OpendkimOption{"ReputationTest", boolean, Fate::ignored, no_reputation},
    OpendkimOption{"ReputationTimeFactor", integer, Fate::ignored, no_reputation},
    OpendkimOption{"ReputationTimeout", integer, Fate::ignored, no_reputation},
    OpendkimOption{"ReputationVerbose", boolean, Fate::ignored, no_reputation},
    OpendkimOption{"RequestReports", boolean, Fate::ignored, "signatures have no r=y"},
    OpendkimOption{"RequiredHeaders", boolean, Fate::refused_on,
                   "milterd counts the From fields only; on_malformed_from = \"reject\" is for "
                   "those, and Postfix's header_checks for the others"},
    OpendkimOption{"RequireSafeKeys", boolean, Fate::boolean, "require_safe_keys"},
    OpendkimOption{"ResignAll", boolean, Fate::refused_on, no_resigning},
    OpendkimOption{"ResignMailTo", text, Fate::refused, no_resigning},
    OpendkimOption{"ResolverConfiguration", text, Fate::refused,
                   "milterd reads no unbound.conf; name the servers with [dns] nameservers and the "
                   "trust anchor with trust_anchor_file"},
    OpendkimOption{"ResolverTracing", boolean, Fate::ignored, "[log] level = \"debug\" says more"},
    OpendkimOption{"ScreenPolicyScript", text, Fate::refused, no_lua},
    OpendkimOption{"Selector", text, Fate::domain_key, "selector"},
    OpendkimOption{"SelectCanonicalizationHeader", text, Fate::ignored,
                   "no message chooses how it is signed"},
    OpendkimOption{"SenderHeaders", text, Fate::plain_names, "sender_headers"},
    OpendkimOption{"SenderMacro", text, Fate::refused,
                   "the sender is in the header; use sender_headers"},
    OpendkimOption{"SendReports", boolean, Fate::ignored, no_mail},
    OpendkimOption{"SetupPolicyScript", text, Fate::refused, no_lua},
    OpendkimOption{"SignatureAlgorithm", text, Fate::algorithm, ""},
    OpendkimOption{"SignatureTTL", integer, Fate::seconds, "signature_ttl"},
    OpendkimOption{"SignHeaders", text, Fate::names, "sign_headers"},
    OpendkimOption{"SigningTable", text, Fate::data_set, "signing_table"},
    OpendkimOption{"SMTPURI", text, Fate::ignored, no_mail},
    OpendkimOption{"Socket", text, Fate::socket, "milter.socket"},
    OpendkimOption{"SoftStart", boolean, Fate::ignored, "there are no databases to wait for"},
    OpendkimOption{"SoftwareHeader", boolean, Fate::boolean, "software_header"},
    OpendkimOption{"Statistics", text, Fate::ignored, no_statistics},
    OpendkimOption{"StatisticsName", text, Fate::ignored, no_statistics},
    OpendkimOption{"StatisticsPolicyScript", text, Fate::ignored, no_statistics},
    OpendkimOption{"StatisticsPrefix", text, Fate::ignored, no_statistics},
    OpendkimOption{"StrictHeaders", boolean, Fate::refused_on,
                   "milterd counts the From fields only; on_malformed_from says what mail with "
                   "none or several gets"},
    OpendkimOption{"StrictTestMode", boolean, Fate::ignored,
                   "milterd --check-message takes LF and CRLF"},
    OpendkimOption{"SubDomains", boolean, Fate::domain_key, "sub_domains"},
    OpendkimOption{"Syslog", boolean, Fate::syslog, "log.target"},
    OpendkimOption{"SyslogFacility", text, Fate::ignored, "the facility is always mail"},
    OpendkimOption{"SyslogName", text, Fate::ignored, "the name is always milterd"},
    OpendkimOption{"SyslogSuccess", boolean, Fate::ignored,
                   "the log has a line for each message anyway"},
    OpendkimOption{"TemporaryDirectory", text, Fate::ignored,
                   "large messages go to [limits] spool_directory, without a name"},
    OpendkimOption{"TestDNSData", text, Fate::test_records, "test_public_keys"},
    OpendkimOption{"TestPublicKeys", text, Fate::path, "test_public_keys"},
    OpendkimOption{"TrustAnchorFile", text, Fate::path, "dns.trust_anchor_file"},
    OpendkimOption{"TrustSignaturesFrom", text, Fate::refused,
                   "every signature is reported as it is; set require_aligned_pass where only the "
                   "author's own may count"},
    OpendkimOption{"UMask", integer, Fate::socket_mask, "milter.socket_mode"},
    OpendkimOption{"UnprotectedKey", text, Fate::text, "unprotected_key"},
    OpendkimOption{"UserID", text, Fate::user, "milter.user"},
    OpendkimOption{"VBR-Certifiers", text, Fate::ignored, no_vbr},
    OpendkimOption{"VBR-PurgeFields", boolean, Fate::ignored, no_vbr},
    OpendkimOption{"VBR-TrustedCertifiers", text, Fate::ignored, no_vbr},
    OpendkimOption{"VBR-TrustedCertifiersOnly", boolean, Fate::ignored, no_vbr},
    OpendkimOption{"VBR-Type", text, Fate::ignored, no_vbr},
    OpendkimOption{"WeakSyntaxChecks", boolean, Fate::ignored,
                   "a malformed field never hides a good signature"},
    OpendkimOption{"X-Header", boolean, Fate::boolean, "software_header"},
};

}  // namespace

std::span<const OpendkimOption> opendkim_options() { return options; }

const OpendkimOption* find_opendkim_option(std::string_view name) {
  const auto found = std::ranges::find_if(options, [name](const OpendkimOption& option) {
    return equal_ignoring_case(option.name, name);
  });
  return found == options.end() ? nullptr : &*found;
}

}  // namespace milterd
