// A whole S3 over a fresh store, for tests: calls go through the table, the requirements and the gate, as in
// the pipeline.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "account/directory/directory.h"
#include "account/gate.h"
#include "base/random.h"
#include "base/time.h"
#include "service/s3/s3.h"

namespace gatehouse::service::s3 {

class S3Test : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "gatehouse-s3-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    path_ = pattern;
    open();
  }
  void TearDown() override {
    close();
    std::filesystem::remove_all(path_);
  }

  void open() { open_over(store::open_embedded(path_)); }

  // Over a store of the test's own making: on a disk that fails.
  void open_over(Result<store::Embedded> opened) {
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = std::move(*opened);
    auto directory = account::Directory::open(*store_.records, clock_, random_);
    ASSERT_TRUE(directory) << directory.error().message;
    directory_ = std::move(*directory);
    auto organizations = account::Organizations::open(*store_.records, clock_);
    ASSERT_TRUE(organizations) << organizations.error().message;
    organizations_ = std::move(*organizations);
    gate_ = std::make_unique<account::Gate>(*directory_, *organizations_);
    auto kms = kms::Kms::open(*store_.records, *directory_, *gate_, clock_, random_);
    ASSERT_TRUE(kms) << kms.error().message;
    kms_ = std::move(*kms);
    auto s3 = S3::open(*store_.records, *store_.blobs, *directory_, *gate_, *kms_, clock_, random_);
    ASSERT_TRUE(s3) << s3.error().message;
    s3_ = std::move(*s3);
    service_ = std::make_unique<Service>(make_service(*s3_));
  }
  void close() {
    service_.reset();
    s3_.reset();
    kms_.reset();
    gate_.reset();
    organizations_.reset();
    directory_.reset();
    store_ = {};
  }

  account::Caller root() const {
    account::Caller caller;
    caller.type = policy::PrincipalType::root;
    caller.account = directory_->first_account()->id;
    caller.arn = "arn:aws:iam::" + caller.account + ":root";
    return caller;
  }

  // A user of the first account with one inline policy.
  account::Caller user(std::string name, std::string policy) {
    const std::string account = directory_->first_account()->id;
    account::User u;
    u.account = account;
    u.name = name;
    u.path = "/";
    u.arn = "arn:aws:iam::" + account + ":user/" + name;
    u.id = unique_id(random_, id_prefix::kUser);
    auto compiled = policy::compile(policy, policy::Kind::identity);
    EXPECT_TRUE(compiled);
    u.grants.inline_policies["p"] = {std::move(policy), *compiled};
    EXPECT_TRUE(directory_->put(u));
    account::Caller caller;
    caller.type = policy::PrincipalType::user;
    caller.account = account;
    caller.arn = u.arn;
    caller.name = name;
    return caller;
  }

  struct Answered {
    Result<wire::Value> value;
    int status = 0;
    std::string body;
    std::uint64_t length = 0;
    wire::Headers headers;

    const wire::Value& operator*() const { return *value; }
    std::string code() const { return value ? "" : value.error().code; }
  };

  Answered call(std::string_view name, wire::Value in, std::string payload = "", wire::Headers headers = {}) {
    return call_as(root(), name, std::move(in), std::move(payload), std::move(headers));
  }

  Answered call_as(account::Caller caller, std::string_view name, wire::Value in, std::string payload = "",
                   wire::Headers headers = {}) {
    if (clock_moves_) clock_.advance(std::chrono::milliseconds(1));
    wire::Head head;
    head.method = "GET";
    head.headers = std::move(headers);
    head.content_length = payload.size();
    Upload upload(*store_.blobs);
    Call c;
    c.head = &head;
    c.model = &service_->model();
    c.operation = c.model->find(name);
    c.in = std::move(in);
    c.caller = std::move(caller);
    c.account = c.caller.account;
    c.region = "us-east-1";
    c.circumstances.now = clock_.now();
    c.circumstances.source_ip = "127.0.0.1";
    c.upload = &upload;
    c.body = payload;
    Answered out{run(c, name, payload), c.answer.status, "", c.answer.head_length.value_or(0),
                 c.answer.headers};
    read_payload(c, out);
    return out;
  }

  std::string path_;
  std::function<void()> meanwhile_;  // done once, after the next call was allowed and before it runs
  bool clock_moves_ = true;          // by a millisecond a call; not where calls come from several threads
  ManualClock clock_{from_unix_seconds(1'700'000'000)};
  SystemRandom random_;
  store::Embedded store_;
  std::unique_ptr<account::Directory> directory_;
  std::unique_ptr<account::Organizations> organizations_;
  std::unique_ptr<account::Gate> gate_;
  std::unique_ptr<kms::Kms> kms_;
  std::unique_ptr<S3> s3_;
  std::unique_ptr<Service> service_;

 private:
  Result<wire::Value> run(Call& c, std::string_view name, std::string_view payload) {
    const Operation* operation = service_->find(name);
    if (operation == nullptr) return fail("NotImplemented", std::string(name), 501);
    TRY(const auto requirements, operation->requirements(c));
    for (const auto& r : requirements) {
      const auto verdict = gate_->check(c.caller, c.circumstances, r, {.quote_resource = true});
      if (!verdict.decision.allowed()) return fail("AccessDenied", verdict.message, 403);
    }
    if (const auto meanwhile = std::exchange(meanwhile_, nullptr)) meanwhile();
    CHECK_OK(c.upload->append(payload));
    return operation->run(c);
  }
  static void read_payload(Call& c, Answered& out) {
    if (auto* text = std::get_if<std::string>(&c.answer.payload)) out.body = *text;
    auto* source = std::get_if<std::unique_ptr<wire::BodySource>>(&c.answer.payload);
    if (source == nullptr) return;
    std::string piece(1 << 16, '\0');
    while (true) {
      const auto got = (*source)->read(piece);
      ASSERT_TRUE(got);
      if (*got == 0) break;
      out.body.append(piece, 0, *got);
    }
  }
};

}  // namespace gatehouse::service::s3
