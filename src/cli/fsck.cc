// gatehouse fsck: reads everything that S3 keeps again, and says what is not as it was written.
#include <fmt/format.h>
#include <unistd.h>

#include <iostream>

#include "base/log.h"
#include "cli/command.h"
#include "service/s3/check.h"

namespace gatehouse::cli {
namespace {

using service::s3::Finding;

struct Rooms {
  SystemClock clock;
  SystemRandom random;
  store::Embedded store;
  std::unique_ptr<account::Directory> directory;
  std::unique_ptr<account::Organizations> organizations;
  std::unique_ptr<account::Gate> gate;
  std::unique_ptr<service::kms::Kms> kms;
  std::unique_ptr<service::s3::S3> s3;
};

// Those that S3 stands on.
Result<std::unique_ptr<Rooms>> open_rooms(const std::string& data) {
  auto r = std::make_unique<Rooms>();
  TRY(r->store, store::open_embedded(data + "/store"));
  TRY(r->directory, account::Directory::open(*r->store.records, r->clock, r->random));
  TRY(r->organizations, account::Organizations::open(*r->store.records, r->clock));
  r->gate = std::make_unique<account::Gate>(*r->directory, *r->organizations);
  TRY(r->kms, service::kms::Kms::open(*r->store.records, *r->directory, *r->gate, r->clock, r->random));
  TRY(r->s3, service::s3::S3::open(*r->store.records, *r->store.blobs, *r->directory, *r->gate, *r->kms,
                                   r->clock, r->random));
  return r;
}

int fsck(const Common& common) {
  log::set_up(log::Level::error, log::Format::text);
  if (::access((common.data + "/store/FORMAT").c_str(), R_OK) != 0) {
    return complain(
        {"NoSuchDirectory", fmt::format("there is no data directory at {}", common.data), 404, {}}, kUsage);
  }
  auto rooms = open_rooms(common.data);
  if (!rooms) return complain(rooms.error());
  size_t damage = 0, orphans = 0, unchecked = 0;
  json::array findings;
  const auto report = [&](const Finding& finding) {
    if (finding.is_damage()) ++damage;
    if (finding.kind == Finding::Kind::orphan) ++orphans;
    if (finding.kind == Finding::Kind::unchecked) ++unchecked;
    const std::string kind(to_string(finding.kind));
    if (common.json()) {
      findings.push_back(json::object{{"kind", kind}, {"where", finding.where}, {"what", finding.what}});
    } else {
      fmt::print("{:<10}  {}: {}\n", kind, finding.where, finding.what);
    }
  };
  const auto checked = service::s3::check_everything(*(*rooms)->s3, report);
  if (!checked) return complain(checked.error());
  if (common.json()) {
    std::cout << json::dump_pretty(json::object{{"versions", checked->versions},
                                                {"parts", checked->parts},
                                                {"blobs", checked->blobs},
                                                {"bytes", checked->bytes},
                                                {"damage", damage},
                                                {"orphans", orphans},
                                                {"unchecked", unchecked},
                                                {"findings", std::move(findings)}});
  } else {
    fmt::print(
        "{} versions, {} parts, {} blobs, {} bytes: {} damaged, {} not checked, {} blobs without a record\n",
        checked->versions, checked->parts, checked->blobs, checked->bytes, damage, unchecked, orphans);
  }
  return damage == 0 ? kDone : kNo;
}

}  // namespace

void add_fsck(CLI::App& app, Run& run) {
  CLI::App* command =
      app.add_subcommand("fsck", "Read every object again, and say which is not as it was written");
  command->footer(
      "The server must not be running on the directory. Exit codes: 0 all is well, 1 something is damaged.\n"
      "Blobs without a record are what a crash left; the server removes them when it starts.\n"
      "Example:\n  gatehouse fsck --data ./account");
  auto common = std::make_shared<Common>();
  add_data(*command, *common);
  add_output(*command, *common);
  command->callback([common, &run] { run = [common] { return fsck(*common); }; });
}

}  // namespace gatehouse::cli
