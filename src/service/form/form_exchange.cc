#include "service/form/form_exchange.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "service/form/form_tags.h"
#include "service/pipeline/address.h"
#include "service/pipeline/refusals.h"

namespace gatehouse::service {
namespace {

using identity::form_field;

constexpr std::uint64_t kLargestFile = 5ULL << 30;
constexpr std::uint64_t kSlack = 64ULL << 10;  // fields and boundaries

// The fields that say something of the object, and become PutObject's headers of the same name: these, and
// those that begin like this. No other field may: x-amz-copy-source would make another operation of the
// request. https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html
constexpr std::array<std::string_view, 4> kAmazonHeaders = {
    "x-amz-acl", "x-amz-storage-class", "x-amz-website-redirect-location", "x-amz-sdk-checksum-algorithm"};
constexpr std::array<std::string_view, 5> kAmazonPrefixes = {
    "x-amz-meta-", "x-amz-checksum-", "x-amz-grant-", "x-amz-object-lock-", "x-amz-server-side-encryption"};
constexpr std::array<std::string_view, 6> kPlainHeaders = {"cache-control",       "content-type",
                                                           "content-disposition", "content-encoding",
                                                           "content-language",    "expires"};
constexpr std::array<std::string_view, 4> kKeptHeaders = {"host", "origin", "user-agent", "referer"};

// The bucket, where the path names that and nothing else.
std::optional<std::string> bucket_named(const wire::Head& head) {
  std::string path = address_of(head).path;
  if (path.starts_with('/')) path.erase(0, 1);
  if (path.ends_with('/')) path.pop_back();
  if (path.empty() || path.find('/') != std::string::npos) return std::nullopt;
  return percent_decode(path);
}

bool is_header(std::string_view field) {
  return std::ranges::find(kPlainHeaders, field) != kPlainHeaders.end() ||
         std::ranges::find(kAmazonHeaders, field) != kAmazonHeaders.end() ||
         std::ranges::any_of(kAmazonPrefixes, [&](std::string_view p) { return field.starts_with(p); });
}

std::unexpected<Error> invalid_argument(std::string_view message, std::string_view name,
                                        std::string_view value) {
  return fail(Error{"InvalidArgument",
                    std::string(message),
                    400,
                    {{"ArgumentName", std::string(name)}, {"ArgumentValue", std::string(value)}}});
}

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
}

std::string with_parameters(std::string_view url, const std::string& bucket, const std::string& key,
                            const std::string& etag) {
  return fmt::format("{}{}bucket={}&key={}&etag={}", url, url.find('?') == std::string_view::npos ? '?' : '&',
                     percent_encode(bucket), percent_encode(key), percent_encode(etag));
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '"') {
      out += "&quot;";
    } else {
      out += c;
    }
  }
  return out;
}

bool is_url(std::string_view text) { return text.starts_with("http://") || text.starts_with("https://"); }

}  // namespace

bool is_upload_form(const wire::Head& head) {
  if (head.method != "POST" || !head.query().empty()) return false;
  if (!wire::boundary_of(head.headers.get("content-type"))) return false;
  const Address address = address_of(head);
  return (address.service.empty() || address.service == "s3") && bucket_named(head).has_value();
}

FormExchange::FormExchange(const Pipeline& pipeline, const wire::Head& head, std::string vpc_endpoint)
    : pipeline_(pipeline),
      sent_(head),
      head_(head),
      put_(pipeline, head_, std::move(vpc_endpoint)),
      reader_(wire::boundary_of(head.headers.get("content-type")).value_or("")) {
  head_.method = "PUT";
  head_.headers.fields.clear();
  head_.content_length.reset();
  head_.chunked = false;
  for (const std::string_view name : kKeptHeaders) {
    if (const auto* value = head.headers.find(name)) head_.headers.add(name, *value);
  }
  put_.stand_for(sent_, [this](wire::Response stored) { return answer_form(std::move(stored)); });
}

std::variant<wire::BodyPlan, wire::Response> FormExchange::start(const wire::Head&) {
  if (sent_.chunked)
    return put_.refuse({"MissingContentLength", "You must provide the Content-Length HTTP header.", 411, {}});
  return wire::BodyPlan{.limit = kLargestFile + kSlack, .streams = true, .blocking = true};
}

std::optional<wire::Response> FormExchange::data(std::string_view piece) {
  if (auto fed = reader_.feed(piece, *this); !fed) {
    if (early_) return std::move(early_);
    return put_.refuse(std::move(fed).error());
  }
  return std::nullopt;
}

wire::Response FormExchange::finish(std::string) {
  if (auto whole = reader_.finish(); !whole) return put_.refuse(std::move(whole).error());
  if (auto sized = check_size_at_end(); !sized) return put_.refuse(std::move(sized).error());
  return put_.finish("");
}

wire::Response FormExchange::too_large() { return put_.too_large(); }

Result<void> FormExchange::field(std::string name, std::string value) {
  if (!is_valid_utf8(name) || !is_valid_utf8(value))
    return fail("MalformedPOSTRequest",
                "The body of your POST request is not well-formed multipart/form-data.", 400);
  // The first of a name counts, as for headers.
  if (!form_field(fields_, name)) fields_.emplace_back(std::move(name), std::move(value));
  return {};
}

// All that decides comes before the file: nothing of a refused one is kept.
// The part's own Content-Type says nothing of the object: no policy has allowed it.
Result<void> FormExchange::file_begins(std::string filename, std::string) {
  for (auto& [name, value] : fields_) {
    if (name != "policy" && name != "x-amz-signature") replace_all(value, "${filename}", filename);
  }
  if (form_field(fields_, "key").value_or("").empty()) {
    return invalid_argument(
        "Bucket POST must contain a field named 'key'.  If it is specified, please check the order of the "
        "fields.",
        "key", "");
  }
  const std::string bucket = bucket_named(sent_).value_or("");
  CHECK_OK(make_head());
  CHECK_OK(authenticate(bucket));
  auto started = put_.start(head_);
  if (auto* answer = std::get_if<wire::Response>(&started)) {
    early_ = std::move(*answer);
    return fail("Answered", "", 400);
  }
  if (put_.is_upload()) return {};
  return fail("MalformedPOSTRequest", "The body of your POST request is not well-formed multipart/form-data.",
              400);
}

Result<void> FormExchange::file_data(std::string_view piece) {
  size_ += piece.size();
  const std::uint64_t most = std::min(kLargestFile, policy_ ? policy_->most : kLargestFile);
  if (size_ > most) {
    return fail(Error{"EntityTooLarge",
                      "Your proposed upload exceeds the maximum allowed size",
                      400,
                      {{"ProposedSize", std::to_string(size_)}, {"MaxSizeAllowed", std::to_string(most)}}});
  }
  if (auto answer = put_.data(piece)) {
    early_ = std::move(answer);
    return fail("Answered", "", 400);
  }
  return {};
}

Result<void> FormExchange::authenticate(const std::string& bucket) {
  TRY(auto claim, identity::parse_form_claim(fields_));
  const auto encoded = form_field(fields_, "policy");
  if (!claim) {
    put_.signed_by(std::nullopt, {});
    return {};
  }
  TRY(policy_, identity::parse_post_policy(*encoded));
  TRY(auto caller, pipeline_.authenticator().signer_of_form(*claim, *encoded));
  const Service* s3 = pipeline_.service("s3");
  CHECK_OK(check_session_use(caller, s3->model(), s3->model().find("PutObject")));
  if (pipeline_.rooms().gate.is_closed(caller.account)) return closed_account(Family::s3);
  CHECK_OK(identity::check_post_policy(*policy_, fields_, bucket, pipeline_.rooms().clock.now()));
  put_.signed_by(std::move(claim), std::move(caller));
  return {};
}

Result<void> FormExchange::make_head() {
  std::string path(sent_.path());
  if (path.ends_with('/')) path.pop_back();
  head_.target = path + "/" + percent_encode(*form_field(fields_, "key"), true);
  for (const auto& [name, value] : fields_) {
    if (is_header(name)) head_.headers.add(name, value);
  }
  if (const auto acl = form_field(fields_, "acl")) head_.headers.add("x-amz-acl", *acl);
  if (const auto tagging = form_field(fields_, "tagging")) {
    TRY(const auto header, tagging_header(pipeline_.service("s3")->model(), *tagging));
    head_.headers.add("x-amz-tagging", header);
  }
  return {};
}

Result<void> FormExchange::check_size_at_end() const {
  if (!policy_ || size_ >= policy_->least) return {};
  return fail(
      Error{"EntityTooSmall",
            "Your proposed upload is smaller than the minimum allowed size",
            400,
            {{"ProposedSize", std::to_string(size_)}, {"MinSizeAllowed", std::to_string(policy_->least)}}});
}

wire::Response FormExchange::answer_form(wire::Response stored) const {
  const std::string bucket = bucket_named(sent_).value_or("");
  const std::string key(*form_field(fields_, "key"));
  const std::string etag(stored.headers.get("etag"));
  const std::string location =
      fmt::format("{}://{}{}", head_.tls ? "https" : "http", head_.headers.get("host"), head_.target);
  const auto redirect =
      form_field(fields_, "success_action_redirect").value_or(form_field(fields_, "redirect").value_or(""));
  if (is_url(redirect)) {
    stored.status = 303;
    stored.headers.add("location", with_parameters(redirect, bucket, key, etag));
    stored.body = std::string();
    return stored;
  }
  stored.headers.add("location", location);
  const auto status = form_field(fields_, "success_action_status").value_or("");
  stored.status = status == "200" ? 200 : status == "201" ? 201 : 204;
  stored.body = std::string();
  if (stored.status != 201) return stored;
  std::erase_if(stored.headers.fields, [](const auto& f) { return f.first == "content-type"; });
  stored.headers.add("content-type", "application/xml");
  stored.body = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<PostResponse><Location>{}</Location><Bucket>{}</Bucket>"
      "<Key>{}</Key><ETag>{}</ETag></PostResponse>",
      escaped(location), escaped(bucket), escaped(key), escaped(etag));
  return stored;
}

}  // namespace gatehouse::service
