#include "cli/serve/house.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <filesystem>
#include <thread>

#include "base/log.h"
#include "cli/serve/addresses.h"
#include "service/pipeline/address.h"
#include "service/s3/around.h"
#include "service/s3/lifecycle/lifecycle.h"
#include "service/s3/logging/operations.h"

namespace gatehouse::cli {
namespace {

// Enough for as many synced writes to wait together as S3 clients usually send at once.
constexpr unsigned kPoolThreads = 64;
constexpr std::chrono::seconds kGrace{10};
constexpr std::chrono::hours kChores{1};  // between two rounds
constexpr std::chrono::seconds kLogs{1};  // between two looks at what is due

}  // namespace

Result<std::unique_ptr<House>> House::build(HouseOptions options) {
  std::unique_ptr<House> house(new House(std::move(options)));
  CHECK_OK(house->open_rooms());
  return house;
}

House::~House() { stop(); }

Result<void> House::open_rooms() {
  std::error_code error;
  std::filesystem::create_directories(options_.data, error);
  if (error) return fail("IOError", fmt::format("cannot make {}: {}", options_.data, error.message()), 500);
  options_.data = std::filesystem::canonical(options_.data, error).string();
  ::chmod(options_.data.c_str(), 0700);

  TRY(store_, store::open_embedded(options_.data + "/store"));
  TRY(tls_, wire::Tls::open(options_.data, options_.tls_certificate, options_.tls_key, clock_));
  account::ManagedPolicies aws_policies;
  if (!options_.managed_policies.empty()) CHECK_OK(aws_policies.add_directory(options_.managed_policies));
  TRY(directory_, account::Directory::open(*store_.records, clock_, random_, std::move(aws_policies)));
  TRY(usage_, account::Usage::open(*store_.records));
  TRY(sessions_, account::Sessions::open(*store_.records, *directory_, clock_, random_));
  TRY(organizations_, account::Organizations::open(*store_.records, clock_));
  gate_ = std::make_unique<account::Gate>(*directory_, *organizations_);
  TRY(trail_, account::Trail::open({.directory = options_.data + "/trail"}));
  issuers_ = std::make_unique<identity::OutsideIssuers>(options_.issuers, clock_);
  TRY(kube_, KubeRoom::open(*store_.records, clock_, random_, *trail_, *issuers_, tls_->ca_pem()));
  TRY(outside_, OutsideRoom::open(*store_.records, clock_, random_, *trail_, *issuers_, kube_->clusters()));
  TRY(kms_, service::kms::Kms::open(*store_.records, *directory_, *gate_, clock_, random_));
  TRY(s3_,
      service::s3::S3::open(*store_.records, *store_.blobs, *directory_, *gate_, *kms_, clock_, random_));
  iam_ = std::make_unique<service::iam::Iam>(
      service::iam::Iam{*directory_, *usage_, *organizations_, clock_, random_});
  sts_ =
      std::make_unique<service::sts::Sts>(service::sts::Sts{*directory_, *sessions_, kube_->keys(), random_});
  cloudtrail_ = std::make_unique<service::cloudtrail::CloudTrail>(service::cloudtrail::CloudTrail{*trail_});
  ec2_ = std::make_unique<service::ec2::Ec2>(*store_.records, random_);
  CHECK_OK(ec2_->endpoints().load());
  eks_ = std::make_unique<service::eks::Eks>(service::eks::Eks::Rooms{*store_.records, kube_->clusters(),
                                                                      *directory_, *gate_, *ec2_, *kms_,
                                                                      clock_, random_, "", tls_->ca_pem()});
  eks_auth_ = std::make_unique<service::eks_auth::EksAuth>(service::eks_auth::EksAuth{*eks_, *sessions_});
  org_ = std::make_unique<service::organizations::Org>(
      service::organizations::Org{*organizations_, *directory_, clock_, random_});

  pipeline_ = std::make_unique<service::Pipeline>(service::Pipeline::Rooms{
      *directory_, *sessions_, *gate_, *trail_, *usage_, *store_.blobs, metrics_, clock_, random_});
  pipeline_->add(service::iam::make_service(*iam_));
  pipeline_->add(service::sts::make_service(*sts_));
  pipeline_->add(service::kms::make_service(*kms_));
  pipeline_->add(service::s3::make_service(*s3_), service::s3::surroundings(*s3_));
  pipeline_->add(service::s3control::make_service(*s3_));
  pipeline_->add(service::cloudtrail::make_service(*cloudtrail_));
  pipeline_->add(service::ec2::make_service(*ec2_));
  pipeline_->add(service::eks::make_service(*eks_));
  pipeline_->add(service::eks_auth::make_service(*eks_auth_));
  pipeline_->add(service::organizations::make_service(*org_));
  pipeline_->add(health_);
  pipeline_->set_ways_in([this](std::string_view id) -> std::optional<service::WayIn> {
    const auto endpoint = ec2_->endpoints().find(id);
    if (endpoint == nullptr) return std::nullopt;
    return service::WayIn{endpoint->passage, std::string(endpoint->service_id()), endpoint->region};
  });
  metrics_door_ = std::make_unique<MetricsDoor>(metrics_);
  pipeline_->add(*metrics_door_);
  pipeline_->add(kube_->door());
  pipeline_->add(kube_->issuer_door());
  pipeline_->add(*outside_);
  pool_ = std::make_unique<wire::Pool>(kPoolThreads);
  endpoint_listeners_ =
      std::make_unique<EndpointListeners>(ec2_->endpoints(), *pipeline_, *pool_, options_.address);
  admin_ = std::make_unique<Admin>(
      Admin::Rooms{*directory_, *trail_, *pipeline_, *kube_, *outside_, *endpoint_listeners_});
  return {};
}

Result<void> House::start() {
  wire::ServerOptions listen;
  listen.address = options_.address;
  listen.port = options_.port;
  listen.proxied = service::is_amazon_host;
  server_ = std::make_unique<wire::Server>(std::move(listen), *pipeline_, *pool_, tls_.get());
  CHECK_OK(server_->start());
  CHECK_OK(endpoint_listeners_->start());
  metrics_door_->watch(*server_);

  const std::string where = host_and_port(options_.address, server_->port());
  const Endpoints endpoints{"http://" + where, "https://" + where, tls_->ca_file(), tls_->ca_pem()};
  kube_->serve(pipeline_->authenticator(), *gate_, *eks_, {endpoints.http, endpoints.https});
  outside_->serve(kube_->authenticator());
  eks_->serve_at(endpoints.https);
  admin_->set_endpoints(endpoints);

  wire::ServerOptions administration;
  administration.unix_socket = options_.data + "/admin.sock";
  administration.io_threads = 1;
  admin_server_ = std::make_unique<wire::Server>(std::move(administration), *admin_, *pool_, nullptr);
  CHECK_OK(admin_server_->start());
  caretaker_ = std::make_unique<Caretaker>(clock_, chores());
  log::info("listening", {{"address", where}, {"data", options_.data}});
  return {};
}

// What is done beside the calls: at the start, and then by the clock.
std::vector<Chore> House::chores() {
  const auto sweep = [this]() -> Result<void> {
    TRY(const size_t swept, s3_->sweep());
    if (swept > 0) log::info("blobs without a record were removed", {{"blobs", std::to_string(swept)}});
    return {};
  };
  const auto lifecycles = [this]() -> Result<void> {
    CHECK_OK(service::s3::apply_lifecycles(*s3_));
    return {};
  };
  const auto logs = [this]() -> Result<void> {
    CHECK_OK(service::s3::deliver_logs(*s3_, service::s3::AccessLog::Due::by_time));
    return {};
  };
  return {{"sweep", kChores, sweep},
          {"lifecycle", kChores, lifecycles},
          {"kms", kChores, [this] { return kms_->keep(); }},
          {"logs", kLogs, logs}};
}

void House::stop() {
  caretaker_.reset();
  if (admin_server_) admin_server_->stop(kGrace);
  if (endpoint_listeners_) endpoint_listeners_->stop();
  if (server_) {
    server_->stop(kGrace);
    if (s3_ && !service::s3::deliver_logs(*s3_, service::s3::AccessLog::Due::all))
      log::warning("access logs could not be delivered");
  }
  if (trail_) trail_->flush();
  if (usage_) usage_->flush();
}

}  // namespace gatehouse::cli
