#include "kube/access/user.h"

namespace gatehouse::kube {

json::object user_info(const User& user) {
  json::object out{{"username", user.name}};
  if (!user.uid.empty()) out["uid"] = user.uid;
  if (!user.groups.empty()) out["groups"] = json::array(user.groups.begin(), user.groups.end());
  if (!user.extra.empty()) {
    json::object extra;
    for (const auto& [key, values] : user.extra) extra[key] = json::array(values.begin(), values.end());
    out["extra"] = std::move(extra);
  }
  return out;
}

User user_of(std::string_view name, std::string_view uid, const json::array* groups,
             const json::object* extra) {
  User out{std::string(name), std::string(uid), {}, {}};
  const auto texts = [](const json::array& list) {
    std::vector<std::string> words;
    for (const json::value& v : list)
      if (v.is_string()) words.emplace_back(v.get_string());
    return words;
  };
  if (groups != nullptr) out.groups = texts(*groups);
  if (extra != nullptr) {
    for (const auto& [key, values] : *extra)
      if (values.is_array()) out.extra[std::string(key)] = texts(values.get_array());
  }
  return out;
}

}  // namespace gatehouse::kube
