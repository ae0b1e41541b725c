// data/aws-managed-policies/*.json -> a table in the program; src/account/directory/managed_policies.h reads it.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [folder, out] = process.argv.slice(2);
const policies = readdirSync(folder)
  .filter((name) => name.endsWith(".json"))
  .map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")))
  .sort((a, b) => (a.Arn < b.Arn ? -1 : 1));

const rows = policies.map((p) => `    {"${p.Arn}", R"__(${JSON.stringify(p)})__"sv},`);
writeFileSync(out, `#include "account/directory/managed_policies.h"

namespace gatehouse::account {
namespace {

// A literal knows its length; clang does not count that far at compile time.
using namespace std::string_view_literals;

constexpr ManagedPolicyFile kFiles[] = {
${rows.join("\n")}
};

}  // namespace

std::span<const ManagedPolicyFile> built_in_managed_policies() { return kFiles; }

}  // namespace gatehouse::account
`);
