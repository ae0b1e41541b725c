#include "account/trail/trail.h"

#include <fstream>

#include "account/testing.h"
#include "base/json.h"

namespace gatehouse::account {
namespace {

using testing::TemporaryDirectory;

Event event(std::string name) {
  Event e;
  e.time = from_unix_seconds(1'800'000'000);
  e.event_id = name;
  e.source = "s3.amazonaws.com";
  e.name = std::move(name);
  e.caller.type = policy::PrincipalType::root;
  e.caller.account = testing::kAccount;
  e.caller.arn = "arn:aws:iam::123456789012:root";
  return e;
}

std::vector<std::string> names_in(const std::string& directory) {
  std::vector<std::string> names;
  EXPECT_TRUE(read_trail(directory, [&](std::string_view line) {
    const auto parsed = json::parse(line);
    EXPECT_TRUE(parsed) << line;
    names.push_back(json::string_or(parsed->as_object(), "eventName", ""));
    return true;
  }));
  return names;
}

TEST(Trail, WhatWasRecordedIsInTheFileAfterAFlush) {
  TemporaryDirectory place;
  auto trail = Trail::open({.directory = place.path()});
  ASSERT_TRUE(trail);
  for (int i = 0; i < 100; ++i) (*trail)->record(event("E" + std::to_string(i)));
  (*trail)->flush();
  const auto names = names_in(place.path());
  ASSERT_EQ(names.size(), 100U);
  EXPECT_EQ(names.front(), "E0");
  EXPECT_EQ(names.back(), "E99");
}

TEST(Trail, GoesOnAfterARestart) {
  TemporaryDirectory place;
  for (const char* name : {"A", "B"}) {
    auto trail = Trail::open({.directory = place.path()});
    (*trail)->record(event(name));
  }
  EXPECT_EQ(names_in(place.path()), (std::vector<std::string>{"A", "B"}));
}

TEST(Trail, IsBoundedAndDropsTheOldest) {
  TemporaryDirectory place;
  auto trail = Trail::open({.directory = place.path(), .file_bytes = 2000, .files = 3});
  for (int i = 0; i < 60; ++i) {
    (*trail)->record(event("E" + std::to_string(i)));
    (*trail)->flush();
  }
  size_t files = 0, bytes = 0;
  for (const auto& file : std::filesystem::directory_iterator(place.path())) {
    ++files;
    bytes += std::filesystem::file_size(file);
  }
  EXPECT_LE(files, 3U);
  EXPECT_LE(bytes, 6000U);
  const auto names = names_in(place.path());
  EXPECT_EQ(names.back(), "E59");
  EXPECT_NE(names.front(), "E0");
}

TEST(Trail, ALineStillBeingWrittenIsNotRead) {
  TemporaryDirectory place;
  {
    auto trail = Trail::open({.directory = place.path()});
    (*trail)->record(event("A"));
  }
  std::ofstream(place.path() + "/trail-00000001.jsonl", std::ios::app) << "{\"eventName\":\"half";
  EXPECT_EQ(names_in(place.path()), std::vector<std::string>{"A"});
}

TEST(Trail, AnEventHasCloudTrailsMembersAndTheDecisions) {
  Event e = event("PutObject");
  e.error_code = "AccessDenied";
  e.error_message = "no";
  e.decisions.push_back({"s3:PutObject", "arn:aws:s3:::b/k", policy::Outcome::implicitly_denied,
                         policy::Layer::identity, "", -1, ""});
  const auto parsed = json::parse(to_json_line(e));
  ASSERT_TRUE(parsed);
  const json::object& o = parsed->as_object();
  EXPECT_EQ(json::string_or(o, "eventTime", ""), "2027-01-15T08:00:00Z");
  EXPECT_EQ(json::string_or(o.at("userIdentity").as_object(), "type", ""), "Root");
  EXPECT_EQ(json::string_or(o, "errorCode", ""), "AccessDenied");
  const json::object& d = o.at("gatehouse").as_object().at("decisions").as_array()[0].as_object();
  EXPECT_EQ(json::string_or(d, "decision", ""), "ImplicitlyDenied");
  EXPECT_EQ(json::string_or(d, "decidedBy", ""), "identity");
  EXPECT_FALSE(d.contains("statement"));
}

TEST(Trail, AReaderGoesOnWhereItStopped) {
  TemporaryDirectory place;
  auto trail = Trail::open({.directory = place.path(), .file_bytes = 2000, .files = 8});
  TrailReader reader(place.path());
  std::vector<std::string> seen, sent;
  for (int round = 0; round < 5; ++round) {
    for (int i = 0; i < 7; ++i) {
      sent.push_back("E" + std::to_string(round) + "." + std::to_string(i));
      (*trail)->record(event(sent.back()));
    }
    (*trail)->flush();
    reader.read([&](std::string_view line) {
      seen.push_back(json::string_or(json::parse(line)->as_object(), "eventName", ""));
      return true;
    });
  }
  EXPECT_EQ(seen, sent);
}

TEST(Trail, ReadsBackwards) {
  TemporaryDirectory place;
  auto trail = Trail::open({.directory = place.path(), .file_bytes = 2000, .files = 8});
  for (int i = 0; i < 30; ++i) {
    (*trail)->record(event("E" + std::to_string(i)));
    (*trail)->flush();
  }
  int next = 29;
  ASSERT_TRUE(read_trail_backwards(place.path(), [&](std::string_view line) {
    EXPECT_EQ(json::string_or(json::parse(line)->as_object(), "eventName", ""), "E" + std::to_string(next));
    return --next >= 5;
  }));
  EXPECT_EQ(next, 4);
}

}  // namespace
}  // namespace gatehouse::account
