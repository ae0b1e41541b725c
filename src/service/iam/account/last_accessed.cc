// Which services an entity's policies allow, and when it last used each.
//
// A job remembers what was asked about; the answer is made when it is fetched, of what is known then.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html
#include <map>
#include <set>

#include "policy/document/document.h"
#include "service/iam/account/account.h"
#include "service/iam/principals/principals.h"

namespace gatehouse::service::iam {
namespace {

namespace catalogue = policy::catalogue;

// The entity behind an ARN: its policies, and the principals whose use counts for it.
struct Subject {
  struct Policy {
    std::string name, arn;  // no ARN: inline
    std::string_view text;
    std::string entity_type, entity_name;  // of an inline policy's owner
  };
  std::vector<Policy> policies;
  std::vector<std::string> principals;  // unique ids
  std::vector<std::shared_ptr<const void>> keep;
};

class SubjectReader {
 public:
  SubjectReader(const Iam& iam, std::string_view account) : iam_(iam), account_(account) {}

  // nullopt where there is no such entity.
  std::optional<Subject> read(std::string_view arn) {
    const std::string_view name = arn.substr(arn.rfind('/') + 1);
    if (const auto role = iam_.directory.role(account_, name); role && role->arn == arn) {
      add(role, "ROLE");
      subject_.principals.push_back(role->id);
    } else if (const auto user = iam_.directory.user(account_, name); user && user->arn == arn) {
      add(user, "USER");
      for (const auto& group : groups_of(iam_, *user)) add(group, "GROUP");
      subject_.principals.push_back(user->id);
    } else if (const auto group = iam_.directory.group(account_, name); group && group->arn == arn) {
      add(group, "GROUP");
      iam_.directory.each<account::User>(account_, [&](const account::User& member) {
        if (std::find(member.groups.begin(), member.groups.end(), group->id) != member.groups.end())
          subject_.principals.push_back(member.id);
      });
    } else if (const auto policy = iam_.directory.policy(arn)) {
      add_managed(policy);
      add_holders(arn);
    } else {
      return std::nullopt;
    }
    return std::move(subject_);
  }

 private:
  void add_managed(const std::shared_ptr<const account::ManagedPolicy>& policy) {
    subject_.policies.push_back({policy->name, policy->arn, policy->current().document.text, "", ""});
    subject_.keep.push_back(policy);
  }
  template <typename T>
  void add(const std::shared_ptr<const T>& entity, std::string_view type) {
    subject_.keep.push_back(entity);
    for (const auto& [name, document] : entity->grants.inline_policies)
      subject_.policies.push_back({name, "", document.text, std::string(type), entity->name});
    for (const std::string& arn : entity->grants.attached) {
      if (const auto policy = iam_.directory.policy(arn)) add_managed(policy);
    }
  }
  void add_holders(std::string_view arn) {
    const auto holds = [&](const auto& entity) {
      const auto& attached = entity.grants.attached;
      return std::find(attached.begin(), attached.end(), arn) != attached.end();
    };
    std::set<std::string> groups;
    iam_.directory.each<account::Group>(account_, [&](const auto& g) {
      if (holds(g)) groups.insert(g.id);
    });
    iam_.directory.each<account::Role>(account_, [&](const auto& r) {
      if (holds(r)) subject_.principals.push_back(r.id);
    });
    iam_.directory.each<account::User>(account_, [&](const auto& u) {
      const bool through_group =
          std::any_of(u.groups.begin(), u.groups.end(), [&](const auto& id) { return groups.contains(id); });
      if (holds(u) || through_group) subject_.principals.push_back(u.id);
    });
  }

  const Iam& iam_;
  std::string account_;
  Subject subject_;
};

// The services of which a policy allows anything.
std::set<std::string> services_of(std::string_view text) {
  std::set<std::string> services;
  const policy::Document document = policy::parse_document(text);
  for (const policy::Statement& statement : document.statements()) {
    if (!statement.effect || statement.effect->text != "Allow") continue;
    if (statement.not_action.present) {
      for (size_t i = 0; i < catalogue::service_count(); ++i)
        services.emplace(catalogue::service_at(i).prefix());
    }
    for (const policy::Scalar& action : statement.action.values) {
      catalogue::for_each_action(action.text, [&](catalogue::Action a) {
        services.emplace(a.service().prefix());
        return true;
      });
    }
  }
  return services;
}

Result<Subject> subject_of(const Iam& iam, std::string_view account, std::string_view arn) {
  auto subject = SubjectReader(iam, account).read(arn);
  if (!subject) return error::no_such_entity(fmt::format("ARN {} was not found.", arn));
  return std::move(*subject);
}

Result<std::shared_ptr<const account::Job>> job_of(const Iam& iam, const Call& call) {
  const std::string_view id = call.in[m::JobId].text();
  auto job = iam.directory.find<account::Job>(fmt::format("{}/{}", call.account, id));
  if (job == nullptr || job->id.starts_with("task/"))
    return error::no_such_entity(fmt::format("The job {} cannot be found.", id));
  return job;
}

std::string title_of(std::string_view prefix) {
  const auto service = catalogue::find_service(prefix);
  return std::string(service ? service->title() : prefix);
}

void add_job(wire::Value& out, const account::Job& job) {
  out.set(m::JobStatus, "COMPLETED");
  out.set(m::JobCreationDate, job.created).set(m::JobCompletionDate, job.created);
}

wire::Value service_value(const Iam& iam, const Subject& subject, const std::string& service,
                          bool by_action) {
  std::optional<account::ServiceUse> latest;
  std::map<std::string, Time> actions;
  int used_by = 0;
  for (const std::string& id : subject.principals) {
    const auto services = iam.usage.services(id);
    const auto it = services.find(service);
    if (it == services.end()) continue;
    ++used_by;
    if (!latest || latest->time < it->second.time) latest = it->second;
    for (const auto& [name, time] : it->second.actions) actions[name] = std::max(actions[name], time);
  }
  wire::Value out = wire::structure({{m::ServiceName, title_of(service)},
                                     {m::ServiceNamespace, service},
                                     {m::TotalAuthenticatedEntities, used_by}});
  if (!latest) return out;
  out.set(m::LastAuthenticated, latest->time).set(m::LastAuthenticatedEntity, latest->arn);
  out.set(m::LastAuthenticatedRegion, latest->region);
  if (!by_action) return out;
  wire::Value::List tracked;
  for (const auto& [name, time] : actions) {
    tracked.push_back(wire::structure({{m::ActionName, name},
                                       {m::LastAccessedTime, time},
                                       {m::LastAccessedEntity, latest->arn},
                                       {m::LastAccessedRegion, latest->region}}));
  }
  out.set(m::TrackedActionsLastAccessed, std::move(tracked));
  return out;
}

}  // namespace

Result<Requirements> at_reported_entity(Iam&, Call& call) {
  account::Requirement r;
  r.resource = call.in[m::Arn].text();
  r.resource_account = call.account;
  return Requirements{std::move(r)};
}

Result<wire::Value> generate_service_last_accessed_details(Iam& iam, Call& call) {
  const std::string_view granularity = call.in[m::Granularity].text_or("SERVICE_LEVEL");
  if (granularity != "SERVICE_LEVEL" && granularity != "ACTION_LEVEL")
    return error::not_one_of(granularity, "granularity", "SERVICE_LEVEL, ACTION_LEVEL");
  account::Job job;
  job.account = call.account;
  job.id = iam.random.uuid();
  job.subject = call.in[m::Arn].text();
  job.detail = granularity;
  job.created = call.now();
  CHECK_OK(subject_of(iam, call.account, job.subject));
  TRY(const auto made, iam.directory.put(std::move(job)));
  return wire::structure({{m::JobId, made->id}});
}

Result<wire::Value> get_service_last_accessed_details(Iam& iam, Call& call) {
  TRY(const auto job, job_of(iam, call));
  TRY(const Subject subject, subject_of(iam, call.account, job->subject));
  std::set<std::string> all;
  for (const auto& policy : subject.policies) all.merge(services_of(policy.text));
  const std::vector<std::string> services(all.begin(), all.end());
  TRY(wire::Value out, page(call, services, m::ServicesLastAccessed, [&](const std::string& service) {
        return service_value(iam, subject, service, job->detail == "ACTION_LEVEL");
      }));
  add_job(out, *job);
  out.set(m::JobType, job->detail);
  return out;
}

Result<wire::Value> get_service_last_accessed_details_with_entities(Iam& iam, Call& call) {
  TRY(const auto job, job_of(iam, call));
  TRY(const Subject subject, subject_of(iam, call.account, job->subject));
  const std::string service(call.in[m::ServiceNamespace].text());
  TRY(wire::Value out, page(call, subject.principals, m::EntityDetailsList, [&](const std::string& id) {
        wire::Value info, detail;
        const auto role = iam.directory.by_id<account::Role>(id);
        const auto user = iam.directory.by_id<account::User>(id);
        if (role) {
          info = wire::structure({{m::Arn, role->arn},
                                  {m::Name, role->name},
                                  {m::Type, "ROLE"},
                                  {m::Id, id},
                                  {m::Path, role->path}});
        } else if (user) {
          info = wire::structure({{m::Arn, user->arn},
                                  {m::Name, user->name},
                                  {m::Type, "USER"},
                                  {m::Id, id},
                                  {m::Path, user->path}});
        }
        detail.set(m::EntityInfo, std::move(info));
        const auto used = iam.usage.services(id);
        if (const auto it = used.find(service); it != used.end())
          detail.set(m::LastAuthenticated, it->second.time);
        return detail;
      }));
  add_job(out, *job);
  return out;
}

// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPoliciesGrantingServiceAccess.html
Result<wire::Value> list_policies_granting_service_access(Iam& iam, Call& call) {
  TRY(const Subject subject, subject_of(iam, call.account, call.in[m::Arn].text()));
  wire::Value::List list;
  for (const wire::Value& service : call.in[m::ServiceNamespaces].list()) {
    wire::Value::List policies;
    for (const auto& policy : subject.policies) {
      if (!services_of(policy.text).contains(std::string(service.text()))) continue;
      wire::Value one = wire::structure(
          {{m::PolicyName, policy.name}, {m::PolicyType, policy.arn.empty() ? "INLINE" : "MANAGED"}});
      if (policy.arn.empty()) {
        one.set(m::EntityType, policy.entity_type).set(m::EntityName, policy.entity_name);
      } else {
        one.set(m::PolicyArn, policy.arn);
      }
      policies.push_back(std::move(one));
    }
    list.push_back(wire::structure({{m::ServiceNamespace, service}, {m::Policies, std::move(policies)}}));
  }
  return wire::structure({{m::PoliciesGrantingServiceAccess, std::move(list)}, {m::IsTruncated, false}});
}

}  // namespace gatehouse::service::iam
