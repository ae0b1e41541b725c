// Addresses under IpAddress and NotIpAddress.
#include <algorithm>

#include "policy/lint/check.h"

namespace gatehouse::policy::lint {
namespace {

using Family = OperatorParts::Family;

template <typename Fn>
void each_list(const Subject& subject, Fn fn) {
  for (const auto& s : subject.statements) {
    for (const ConditionUse& use : s.conditions) {
      if (use.parts.family == Family::ip) fn(use);
    }
  }
}

void bad_range(const Subject& subject, Report& report) {
  each_list(subject, [&](const ConditionUse& use) {
    for (const Scalar& value : use.values()) {
      if (has_variable(value.text) || has_placeholder(value.text) || Cidr::parse(value.text)) continue;
      report.add(value.offset, quoted(value.text) + " is not an address or a range of addresses.",
                 "Write 203.0.113.0/24 or 2001:db8::/32.");
    }
  });
}

void host_bits(const Subject& subject, Report& report) {
  each_list(subject, [&](const ConditionUse& use) {
    for (const Scalar& value : use.values()) {
      const auto cidr = Cidr::parse(value.text);
      if (!cidr || !cidr->has_host_bits()) continue;
      report.add(value.offset, "The bits of " + quoted(value.text) + " after its mask are ignored.",
                 "Write " + cidr->network() + ".");
    }
  });
}

// What aws:SourceIp holds is the address as AWS sees it, which is public; through a VPC endpoint it is
// absent.
template <bool negated, bool some>
void private_addresses(const Subject& subject, Report& report) {
  each_list(subject, [&](const ConditionUse& use) {
    if (use.lower_key != "aws:sourceip" || use.parts.negated != negated) return;
    std::size_t inside = 0;
    std::uint32_t first = 0;
    for (const Scalar& value : use.values()) {
      const auto cidr = Cidr::parse(value.text);
      if (!cidr || !cidr->is_private()) continue;
      if (inside++ == 0) first = value.offset;
    }
    if (inside == 0 || (inside < use.values().size()) != some) return;
    const std::string which =
        some ? "Some of these addresses are private" : "All these addresses are private";
    report.add(
        first,
        which + ", and aws:SourceIp is never private" +
            (negated ? ": excluding them has no effect." : ": no request comes from there."),
        "For private addresses use aws:VpcSourceIp with aws:SourceVpc, on requests through a VPC endpoint.");
  });
}

constexpr Check kChecks[] = {
    {"TYPE_MISMATCH_IP_RANGE", Severity::error, kAll, bad_range},
    {"IMPROVE_IP_RANGE", Severity::suggestion, kAll, host_bits},
    {"PRIVATE_IP_ADDRESS", Severity::error, kAll, private_addresses<false, false>},
    {"PRIVATE_NOT_IP_ADDRESS", Severity::error, kAll, private_addresses<true, false>},
    {"PRIVATE_IP_ADDRESS_SUBSET", Severity::suggestion, kAll, private_addresses<false, true>},
    {"PRIVATE_NOT_IP_ADDRESS_SUBSET", Severity::suggestion, kAll, private_addresses<true, true>},
};

}  // namespace

std::span<const Check> address_checks() { return kChecks; }

}  // namespace gatehouse::policy::lint
