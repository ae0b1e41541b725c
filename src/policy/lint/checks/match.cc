// Actions against resources and keys: pairs that no request can ever match.
#include <algorithm>

#include "policy/lint/check.h"
#include "policy/lint/types.h"

namespace gatehouse::policy::lint {
namespace {

using Support = catalogue::Action::Support;

// Comparing each with each is for statements of the size that fits a policy.
constexpr std::size_t kMostPairs = 20'000;

bool takes_part(const StatementView& s) {
  return !s.not_action && !s.not_resource && !s.resources.empty() && !s.everything_as_resource() &&
         s.actions.size() * s.resources.size() <= kMostPairs;
}

// "arn:aws:s3:::*": everything of a service, which actions without a resource type also accept.
bool is_whole_service(const ResourceUse& use) { return use.arn && use.arn->resource == "*"; }

std::string types_of(catalogue::Action action) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < action.resource_count() && names.size() < 4; ++i)
    names.emplace_back(action.resource(i).arn_formats());
  return joined(names);
}

std::string fix_for(const StatementView& s, catalogue::Action action) {
  for (const ResourceUse& use : s.resources) {
    if (!use.arn || use.arn->service != "s3") continue;
    if (use.text.ends_with('/'))
      return "Drop the slash: a bucket's ARN ends with its name, arn:aws:s3:::NAME.";
    if (use.text.ends_with("/*"))
      return "It acts on the bucket: use " + quoted(use.text.substr(0, use.text.size() - 2)) + ".";
    if (use.text.find('/') == std::string_view::npos)
      return "It acts on objects: use " + quoted(std::string(use.text) + "/*") + ".";
  }
  return "It acts on " + types_of(action) + ".";
}

bool is_some_type(const ResourceUse& use, catalogue::Service service, TypeMatcher& matcher) {
  for (std::size_t i = 0; i < service.resource_count(); ++i) {
    if (matcher.fits(use, service.resource(i)) == Fit::yes) return true;
  }
  return false;
}

// Certain where the ARNs are well formed for other types. An S3 ARN that fits nothing, as bucket/, is as
// certain.
bool is_sure(const StatementView& s, catalogue::Service service, TypeMatcher& matcher) {
  if (service.prefix() == "s3") return true;
  return is_well_documented(service.prefix()) && std::ranges::all_of(s.resources, [&](const ResourceUse& r) {
           return is_some_type(r, service, matcher);
         });
}

template <bool sure>
void never_matches(const Subject& subject, Report& report) {
  TypeMatcher matcher;
  for (const auto& s : subject.statements) {
    if (!takes_part(s)) continue;
    for (const ActionUse& use : s.actions) {
      if (report.full()) return;
      if (!use.action || use.action->resource_count() == 0 || is_sure(s, *use.service, matcher) != sure)
        continue;
      const bool dead = std::ranges::all_of(
          s.resources, [&](const ResourceUse& r) { return matcher.fits(r, *use.action) == Fit::no; });
      if (!dead) continue;
      report.add(use.scalar->offset,
                 quoted(use.text) + " never acts on " +
                     (s.resources.size() == 1 ? quoted(s.resources.front().text)
                                              : std::string("any of the resources here")) +
                     ", so nothing is " + (s.deny ? "denied" : "allowed") + ".",
                 fix_for(s, *use.action));
    }
  }
}

// The actions that are spelt out and have resource types; empty if any action here is otherwise.
std::vector<const ActionUse*> known_actions(const StatementView& s) {
  std::vector<const ActionUse*> known;
  for (const ActionUse& use : s.actions) {
    if (use.wildcard || !use.action) {
      if (use.wildcard) return {};
      continue;
    }
    if (use.action->resource_count() == 0) continue;
    known.push_back(&use);
  }
  return known;
}

void dead_resource(const Subject& subject, Report& report) {
  TypeMatcher matcher;
  for (const auto& s : subject.statements) {
    const auto actions = known_actions(s);
    if (!takes_part(s) || actions.empty() || s.resources.size() < 2) continue;
    for (const ResourceUse& r : s.resources) {
      if (report.full()) return;
      const bool dead = std::ranges::all_of(
          actions, [&](const ActionUse* a) { return matcher.fits(r, *a->action) == Fit::no; });
      if (!dead) continue;
      report.add(r.scalar->offset, "None of the statement's actions acts on " + quoted(r.text) + ".",
                 "Remove it, or move it to the actions it belongs to: " + std::string(actions.front()->text) +
                     " acts on " + types_of(*actions.front()->action) + ".");
    }
  }
}

std::vector<catalogue::Action> expanded(const ActionUse& use) {
  std::vector<catalogue::Action> actions;
  if (use.action) {
    actions.push_back(*use.action);
  } else if (use.service && use.wildcard && use.name.size() > 2) {
    catalogue::for_each_action(use.text, [&](catalogue::Action a) {
      actions.push_back(a);
      return actions.size() < 64;
    });
  }
  return actions;
}

bool serves_another(const StatementView& s, const ResourceUse& r, TypeMatcher& matcher) {
  return std::ranges::any_of(s.actions, [&](const ActionUse& other) {
    return std::ranges::any_of(expanded(other),
                               [&](catalogue::Action a) { return matcher.fits(r, a) == Fit::yes; });
  });
}

void mixed_types(const Subject& subject, Report& report) {
  TypeMatcher matcher;
  for (const auto& s : subject.statements) {
    // Of S3 alone, where one name serves for the bucket and its objects; elsewhere one call takes several
    // resources.
    const bool of_s3 = std::ranges::all_of(
        s.resources, [](const ResourceUse& r) { return r.arn && r.arn->service == "s3"; });
    if (!takes_part(s) || s.resources.size() < 2 || !of_s3) continue;
    std::string pair;
    std::uint32_t place = 0;
    for (const ActionUse& use : s.actions) {
      const auto actions = expanded(use);
      if (actions.empty() || !pair.empty()) continue;
      bool live = false;
      const ResourceUse* dead = nullptr;
      for (const ResourceUse& r : s.resources) {
        const bool none =
            std::ranges::all_of(actions, [&](catalogue::Action a) { return matcher.fits(r, a) == Fit::no; });
        if (none && !dead && serves_another(s, r, matcher)) dead = &r;
        live = live || !none;
      }
      if (!live || !dead) continue;
      pair = quoted(use.text) + " with " + quoted(dead->text);
      place = use.scalar->offset;
    }
    if (pair.empty()) continue;
    report.add(place,
               "The statement mixes actions and resources of different types; pairs such as " + pair +
                   " match nothing.",
               "Harmless, but clearer as two statements: the bucket's ARN with actions on buckets, its "
               "objects' ARN with actions on objects.");
  }
}

void needs_star(const Subject& subject, Report& report) {
  for (const auto& s : subject.statements) {
    if (!takes_part(s) || std::ranges::any_of(s.resources, is_whole_service)) continue;
    for (const ActionUse& use : s.actions) {
      if (!use.action || use.action->resource_count() > 0 || subject.kind == Kind::trust) continue;
      report.add(
          use.scalar->offset,
          quoted(use.text) +
              " acts on no resource of its own, so a statement about ARNs most likely does not cover it.",
          "Move it to a statement with \"Resource\": \"*\"; if AWS nevertheless takes the ARN, only a trial "
          "in a real account shows it.");
    }
  }
}

// nodegroup/<NODEGROUP_NAME>/*/*, where the format is nodegroup/${ClusterName}/${NodegroupName}/${UUID}.
void wrong_slot(const Subject& subject, Report& report) {
  auto segments = [](std::string_view text) {
    std::vector<std::string_view> parts;
    for (std::size_t at = 0; at <= text.size();) {
      const auto end = std::min(text.find('/', at), text.size());
      parts.push_back(text.substr(at, end - at));
      at = end + 1;
    }
    return parts;
  };
  auto is_hole = [](std::string_view part) { return part.starts_with("${") && part.ends_with('}'); };
  for (const auto& s : subject.statements) {
    for (const ResourceUse& use : s.resources) {
      const auto service =
          use.arn && !is_open(use.arn->service) ? catalogue::find_service(use.arn->service) : std::nullopt;
      if (!service || !has_placeholder(use.text)) continue;
      const auto mine = segments(use.arn->resource);
      for (std::size_t t = 0; t < service->resource_count(); ++t) {
        const auto format = ArnPattern::parse(service->resource(t).arn_formats());
        const auto theirs = segments(format ? format->resource : std::string_view());
        if (!format || mine.size() != theirs.size() || mine.front() != theirs.front() ||
            is_hole(theirs.front()))
          continue;
        for (std::size_t i = 1; i < mine.size(); ++i) {
          if (!has_placeholder(mine[i]) || !is_hole(theirs[i])) continue;
          const std::string words = plain_name(mine[i]);
          if (words.find(plain_name(theirs[i])) != std::string::npos) continue;
          for (std::size_t other = 1; other < theirs.size(); ++other) {
            if (other == i || !is_hole(theirs[other]) ||
                words.find(plain_name(theirs[other])) == std::string::npos)
              continue;
            report.add(use.scalar->offset,
                       quoted(mine[i]) + " stands where the ARN has " + std::string(theirs[i]) +
                           ", so this matches nothing.",
                       "The form is " + std::string(service->resource(t).arn_formats()) + ".");
          }
        }
      }
    }
  }
}

bool is_resource_tag(const ConditionUse& use) {
  if (!use.key || use.key->name() != "aws:ResourceTag/${TagKey}" || use.parts.negated || use.parts.if_exists)
    return false;
  return use.parts.family != OperatorParts::Family::null ||
         std::ranges::any_of(use.values(), [](const Scalar& v) { return v.text == "false"; });
}

// One finding for each condition, which lists the actions that `chosen` picks.
template <typename Chosen>
void by_resource_tag(const Subject& subject, Report& report, Chosen chosen, std::string_view message,
                     std::string_view help) {
  for (const auto& s : subject.statements) {
    if (!s.allow || s.not_action) continue;
    for (const ConditionUse& condition : s.conditions) {
      if (!is_resource_tag(condition)) continue;
      std::vector<std::string> names;
      std::uint32_t place = condition.entry->key_offset;
      for (const ActionUse& use : s.actions) {
        if (!use.action || !chosen(*use.action, use.action->supports(*condition.key))) continue;
        if (names.empty()) place = use.scalar->offset;
        names.emplace_back(use.text);
      }
      if (names.empty()) continue;
      report.add(place, joined(names) + std::string(message), std::string(help));
      break;
    }
  }
}

bool creates(catalogue::Action a) { return a.name().starts_with("Create"); }

// CreateIPSet makes an ipset; CreateGrant makes nothing that has tags, on a key that may have some.
bool creates_what_it_names(catalogue::Action a) {
  if (!creates(a)) return false;
  const std::string made = plain_name(a.name().substr(6));
  for (std::size_t i = 0; i < a.resource_count(); ++i) {
    if (plain_name(a.resource(i).name()) == made) return true;
  }
  return false;
}

void tag_of_unborn(const Subject& subject, Report& report) {
  by_resource_tag(
      subject, report,
      [](catalogue::Action a, Support s) { return creates_what_it_names(a) && s != Support::by_action; },
      ": what is only being created has no tags yet, so aws:ResourceTag is absent and the statement never "
      "matches.",
      "For creating, use aws:RequestTag; keep aws:ResourceTag for what exists.");
}

void tag_unsupported(const Subject& subject, Report& report) {
  by_resource_tag(
      subject, report,
      [](catalogue::Action a, Support s) {
        return !creates(a) && s == Support::none && a.service().keys().size() > 0;
      },
      ": requests for this carry no aws:ResourceTag, so the statement never matches.",
      "Move it to a statement without this condition.");
}

void tag_by_type(const Subject& subject, Report& report) {
  by_resource_tag(
      subject, report,
      [](catalogue::Action a, Support s) { return !creates(a) && s == Support::by_resource_type; },
      ": the reference lists aws:ResourceTag with the resource type alone, not with the action.",
      "It is taken into account; where several resources are involved, each must have the tag.");
}

void other_case(const Subject& subject, Report& report) {
  for (const auto& s : subject.statements) {
    for (const ActionUse& use : s.actions) {
      if (!use.action || (use.name == use.action->name() && use.prefix == use.action->service().prefix()))
        continue;
      report.add(use.scalar->offset,
                 "AWS writes " + std::string(use.action->service().prefix()) + ":" +
                     std::string(use.action->name()) + ".",
                 "Case makes no difference to IAM, only to those who search.");
    }
  }
}

constexpr Check kChecks[] = {
    {"ACTION_CASE", Severity::suggestion, kAll, other_case},
    {"ACTION_NEVER_MATCHES_RESOURCE", Severity::error, static_cast<Kinds>(kAll & ~kTrust),
     never_matches<true>},
    {"ACTION_NEVER_MATCHES_RESOURCE", Severity::warning, static_cast<Kinds>(kAll & ~kTrust),
     never_matches<false>},
    {"RESOURCE_OF_OTHER_TYPE", Severity::warning, static_cast<Kinds>(kAll & ~kTrust), dead_resource},
    {"MIXED_RESOURCE_TYPES", Severity::warning, static_cast<Kinds>(kAll & ~kTrust), mixed_types},
    {"ACTION_NEEDS_STAR", Severity::warning, static_cast<Kinds>(kAll & ~kTrust), needs_star},
    {"PLACEHOLDER_IN_WRONG_PLACE", Severity::error, kAll, wrong_slot},
    {"RESOURCE_TAG_ON_CREATION", Severity::warning, kAll, tag_of_unborn},
    {"RESOURCE_TAG_NOT_SUPPORTED", Severity::warning, kAll, tag_unsupported},
    {"RESOURCE_TAG_BY_TYPE", Severity::suggestion, kAll, tag_by_type},
};

}  // namespace

std::span<const Check> match_checks() { return kChecks; }

}  // namespace gatehouse::policy::lint
