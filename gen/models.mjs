// Makes the model tables (src/wire/model.h) from the schemas inside the pinned @aws-sdk/client-* packages.
//
//   node models.mjs NODE_MODULES OUT SERVICE...
//
// The packages are only read, never run: dist-es/schemas/schemas_0.js is evaluated alone in an empty context,
// its imports replaced by stubs. Its tuples are the SDK's internal form, which may change with any release, so
// everything that knows them is in this file, and whatever it does not know stops the build.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import vm from 'node:vm';
import { writeTables } from './model_tables.mjs';

const fail = (where, what) => {
  throw new Error(`${where}: ${what}; the SDK's schema form has changed, see gen/README.md`);
};

// --- evaluating the schema file

// Made by a constructor, or by for() in clients that were published earlier; only errors are put into it.
class RegistryStub {
  static for() {
    return new RegistryStub();
  }
  registerError() {}
}

function evaluateSchemas(file) {
  const context = { TypeRegistry: RegistryStub };
  const exported = [];
  const source = fs
    .readFileSync(file, 'utf8')
    .replace(/^import\s*\{([^}]*)\}\s*from\s*"[^"]*";?$/gm, (_, names) => {
      for (const name of names.split(',').map((n) => n.trim()).filter(Boolean)) context[name] ??= name;
      return '';
    })
    .replace(/^export (?:var|const) ([\w$]+)/gm, (_, name) => {
      exported.push(name);
      return `var ${name}`;
    });
  if (/^\s*(import|export)\b/m.test(source)) fail(file, 'an import or export of an unknown form');
  vm.runInNewContext(source, context, { filename: file });
  const tuples = exported.map((name) => context[name]).filter((v) => Array.isArray(v) && typeof v[0] === 'number');
  if (tuples.length === 0) fail(file, 'no schemas');
  return tuples;
}

// --- traits

const BITS = ['httpLabel', 'idempotent', 'idempotencyToken', 'sensitive', 'httpPayload', 'httpResponseCode', 'httpQueryParams'];
const MEMBER_TRAITS = new Set([
  ...BITS, 'httpHeader', 'httpQuery', 'httpPrefixHeaders', 'xmlName', 'xmlNamespace', 'xmlAttribute', 'xmlFlattened',
  'jsonName', 'ec2QueryName', 'streaming', 'eventPayload', 'hostLabel',
]);
const SHAPE_TRAITS = new Set(['sensitive', 'streaming', 'xmlName', 'error', 'httpError', 'awsQueryError']);
const OPERATION_TRAITS = new Set(['idempotent', 'http', 'httpChecksum', 'httpChecksumRequired', 'endpoint']);

function readTraits(raw, known, where) {
  let traits = raw;
  if (typeof raw === 'number') {
    if (raw >> BITS.length) fail(where, `trait bits ${raw}`);
    traits = Object.fromEntries(BITS.filter((_, i) => (raw >> i) & 1).map((name) => [name, 1]));
  }
  for (const name of Object.keys(traits)) if (!known.has(name)) fail(where, `trait ${name}`);
  return traits;
}

// --- shapes

const SIMPLE = new Map([
  [0, { kind: 'string' }],
  [1, { kind: 'number' }],
  [2, { kind: 'boolean' }],
  [4, { kind: 'timestamp', time: 'protocol_default' }],
  [5, { kind: 'timestamp', time: 'date_time' }],
  [6, { kind: 'timestamp', time: 'http_date' }],
  [7, { kind: 'timestamp', time: 'epoch_seconds' }],
  [15, { kind: 'document' }],
  [21, { kind: 'blob' }],
  [42, { kind: 'blob', streaming: true }],
]);
const LIST_OF = 64;
const MAP_OF = 128;
const STRUCTURE = 3, UNION = 4, ERROR = -3, LIST = 1, MAP = 2, SIMPLE_WITH_TRAITS = 0, OPERATION = 9;

// Numbers the shapes that it is shown, each once, and keeps them in that order.
class Shapes {
  constructor(service) {
    this.service = service;
    this.list = [];
    this.ids = new Map(); // by tuple, or by the key of an anonymous shape
  }

  // The id of a reference: a number, "unit", a tuple, or a function that gives one of these.
  id(reference, where) {
    const ref = typeof reference === 'function' ? reference() : reference;
    if (typeof ref === 'number' || ref === 'unit') return this.simple(ref, where);
    if (!Array.isArray(ref)) fail(where, `reference ${String(ref)}`);
    if (ref[0] === SIMPLE_WITH_TRAITS) {
      const traits = readTraits(ref[3], SHAPE_TRAITS, ref[2]);
      return this.simple(traits.streaming && ref[4] === 21 ? 42 : ref[4], ref[2]);
    }
    return this.intern(ref, () => this.read(ref));
  }

  intern(key, make) {
    if (!this.ids.has(key)) {
      const id = this.list.length;
      this.ids.set(key, id);
      this.list.push(null); // the place is taken before its members are read: shapes may be recursive
      this.list[id] = make();
    }
    return this.ids.get(key);
  }

  simple(code, where) {
    return this.intern(code, () => {
      if (code === 'unit') return { name: 'Unit', kind: 'unit' };
      if (SIMPLE.has(code)) return { name: '', ...SIMPLE.get(code) };
      if (code >= MAP_OF && SIMPLE.has(code - MAP_OF)) return this.mapOf('', code - MAP_OF, {}, {}, where);
      if (code >= LIST_OF && SIMPLE.has(code - LIST_OF)) return this.listOf('', code - LIST_OF, {}, where);
      return fail(where, `type number ${code}`);
    });
  }

  // A reference, or a pair of a reference and traits.
  unwrap(member, where) {
    const pair = Array.isArray(member) && member.length === 2;
    return pair ? { ref: member[0], traits: readTraits(member[1], MEMBER_TRAITS, where) } : { ref: member, traits: {} };
  }

  listOf(name, ref, traits, where) {
    return { name, kind: 'list', element: this.id(ref, where), elementName: traits.xmlName ?? 'member' };
  }

  mapOf(name, ref, keyTraits, valueTraits, where) {
    const keyName = keyTraits.xmlName ?? 'key';
    return { name, kind: 'map', element: this.id(ref, where), elementName: valueTraits.xmlName ?? 'value', keyName };
  }

  read(tuple) {
    const [form, , name, rawTraits] = tuple;
    const where = `${this.service} ${name}`;
    const traits = readTraits(rawTraits, SHAPE_TRAITS, where);
    if (form === LIST && tuple.length === 5) {
      const element = this.unwrap(tuple[4], where);
      return this.listOf(name, element.ref, element.traits, where);
    }
    if (form === MAP && tuple.length === 6) {
      const [key, value] = [this.unwrap(tuple[4], where), this.unwrap(tuple[5], where)];
      return this.mapOf(name, value.ref, key.traits, value.traits, where);
    }
    if ((form === STRUCTURE || form === UNION || form === ERROR) && (tuple.length === 6 || tuple.length === 7)) {
      return this.structure(tuple, traits, where);
    }
    return fail(where, `tuple ${form} of ${tuple.length}`);
  }

  structure([form, , name, , names, schemas, required = 0], traits, where) {
    if (names.length !== schemas.length || required > names.length) fail(where, 'members that do not match');
    const members = names.map((member, i) => this.member(member, schemas[i], i < required, `${where}.${member}`));
    const shape = { name, kind: 'structure', xmlName: traits.xmlName ?? name, members, streaming: !!traits.streaming };
    if (form === ERROR) {
      const status = traits.httpError ?? { client: 400, server: 500 }[traits.error];
      if (!status) fail(where, 'an error of no status');
      [shape.errorCode, shape.httpError] = traits.awsQueryError ?? [name, status];
    }
    return shape;
  }

  member(name, schema, required, where) {
    const { ref, traits } = this.unwrap(schema, where);
    const shape = this.id(ref, where);
    if (traits.xmlNamespace) this.nameSpace(shape, traits.xmlNamespace, where);
    const [location, wireName] = bind(name, traits);
    return {
      name, required, shape, location, wireName,
      queryName: traits.ec2QueryName ?? capital(traits.xmlName ?? name),
      flattened: !!traits.xmlFlattened,
      attribute: !!traits.xmlAttribute,
      streaming: location === 'payload' && !!this.list[shape]?.streaming,
      idempotencyToken: !!traits.idempotencyToken,
    };
  }

  nameSpace(id, [prefix, uri], where) {
    const shape = this.list[id];
    if (!shape || (shape.xmlNamespace && shape.xmlNamespace !== uri)) fail(where, 'two XML namespaces for one shape');
    [shape.xmlPrefix, shape.xmlNamespace] = [prefix, uri];
  }
}

const capital = (name) => name[0].toUpperCase() + name.slice(1);

// Where a member travels, and its name there.
function bind(name, traits) {
  if (traits.httpLabel) return ['label', name];
  if (traits.httpHeader) return ['header', traits.httpHeader.toLowerCase()];
  if (traits.httpPrefixHeaders !== undefined) return ['prefix_headers', traits.httpPrefixHeaders.toLowerCase()];
  if (traits.httpQuery) return ['query', traits.httpQuery];
  if (traits.httpQueryParams) return ['query_params', ''];
  if (traits.httpPayload) return ['payload', traits.xmlName ?? ''];
  if (traits.httpResponseCode) return ['status_code', ''];
  return ['body', traits.jsonName ?? traits.xmlName ?? name];
}

// --- operations and services

function readOperation(tuple, shapes, service) {
  const [, , name, rawTraits, input, output] = tuple;
  const where = `${service} ${name}`;
  if (tuple.length !== 6) fail(where, `an operation of ${tuple.length}`);
  const traits = readTraits(rawTraits, OPERATION_TRAITS, where);
  const [method, rawUri, status] = traits.http ?? ['POST', '/', 200];
  const operation = { name, method, status, input: shapes.id(input, where), output: shapes.id(output, where) };
  return { ...operation, uri: completeUri(rawUri, shapes.list[operation.input], where) };
}

// The SDK leaves S3's bucket to its endpoint rules; the service's model has it as the path's first label.
function completeUri(uri, input, where) {
  const inUri = new Set([...uri.matchAll(/\{(\w+)\+?\}/g)].map((m) => m[1]));
  const labels = (input.members ?? []).filter((m) => m.location === 'label').map((m) => m.name);
  const missing = labels.filter((name) => !inUri.has(name));
  if (missing.length === 0) return uri;
  if (missing.length > 1 || missing[0] !== 'Bucket') fail(where, `labels ${missing} not in ${uri}`);
  return `/{Bucket}${uri.replace(/^\/(?=\?|$)/, '')}`;
}

// The operation's path and fixed query parameters, and what else tells it from others of the same path. The SDK's
// own x-id parameter tells servers nothing that is not told otherwise, and other SDKs leave it out.
function route(operation, index, shapes) {
  const [pathPart, query = ''] = operation.uri.split('?');
  const members = shapes[operation.input].members ?? [];
  // A label that more follows is one segment, whatever it says: no name of theirs has a slash.
  const segments = pathPart.split('/').filter(Boolean).map((part, at, all) => {
    const label = part.match(/^\{(\w+)(\+?)\}$/);
    if (!label && /[{}]/.test(part)) fail(operation.name, `path segment ${part}`);
    return label ? { member: members.findIndex((m) => m.name === label[1]), greedy: !!label[2] && at + 1 === all.length } : { literal: part };
  });
  if (segments.some((s) => s.member < 0)) fail(operation.name, operation.uri);
  const parameters = query.split('&').filter(Boolean).map((p) => p.split('=')).filter(([name]) => name !== 'x-id');
  const telling = (m) => m.required && (m.location === 'query' || m.location === 'header');
  const required = members.flatMap((m, i) => (telling(m) ? [i] : []));
  const rank = segments.map((s) => (s.literal ? 'a' : s.greedy ? 'c' : 'b')).join('');
  return { index, segments, parameters, required, rank, greedy: segments.some((s) => s.greedy) };
}

const bySpecificity = (a, b) =>
  (a.rank < b.rank ? -1 : a.rank > b.rank ? 1 : 0) ||
  b.parameters.length - a.parameters.length || b.required.length - a.required.length || a.index - b.index;

const PROTOCOLS = {
  AwsQueryProtocol: 'query', AwsEc2QueryProtocol: 'ec2', AwsRestXmlProtocol: 'rest_xml', S3RestXmlProtocol: 'rest_xml',
  AwsRestJsonProtocol: 'rest_json', AwsJson1_0Protocol: 'json10', AwsJson1_1Protocol: 'json11',
};

// Services that sign with another's name have an id of their own, the SDKs' name for them; the first address of their
// endpoint rules is another service's.
const NAMED = { 's3-control': { id: 's3control', endpointPrefix: 's3-control' } };

function one(text, pattern, where, otherwise) {
  const found = text.match(pattern)?.[1] ?? otherwise;
  return found ?? fail(where, `nothing like ${pattern}`);
}

// Out of services/NAME.mjs: what no package of the registry has.
async function readOwn(name) {
  const { service, schemas } = await import(pathToFileURL(own(name)));
  return { ...readSchemas(schemas, name), ...service, name, protocol: PROTOCOLS[service.protocol] };
}

const own = (name) => path.join(path.dirname(fileURLToPath(import.meta.url)), 'services', `${name}.mjs`);

function readSchemas(tuples, name) {
  const shapes = new Shapes(name);
  const byName = (a, b) => (a[2] < b[2] ? -1 : 1);
  const operations = tuples.filter((t) => t[0] === OPERATION).sort(byName).map((t) => readOperation(t, shapes, name));
  const rest = operations.some((o) => o.uri !== '/');
  const routes = rest ? operations.map((o, i) => route(o, i, shapes.list)).sort(bySpecificity) : [];
  const real = (t) => t[0] === ERROR && !t[1].startsWith('smithy.ts.sdk.synthetic.');
  const errors = tuples.filter(real).sort(byName).map((t) => shapes.id(t, name));
  return { operations, errors, routes, shapes: shapes.list };
}

function readService(modules, name) {
  const root = path.join(modules, `@aws-sdk/client-${name}`);
  const text = (file) => fs.readFileSync(path.join(root, file), 'utf8');
  const config = text('dist-es/runtimeConfig.shared.js');
  const auth = text('dist-es/auth/httpAuthSchemeProvider.js');
  const endpoints = text('dist-es/endpoint/bdd.js');
  const protocol = one(config, /protocol: config\?\.protocol \?\? (\w+)/, name);

  const tuples = evaluateSchemas(path.join(root, 'dist-es/schemas/schemas_0.js'));
  return {
    name, ...readSchemas(tuples, name),
    package: `@aws-sdk/client-${name} ${JSON.parse(text('package.json')).version}`,
    id: NAMED[name]?.id ?? one(auth, /name: "([\w-]+)"/, name),
    signingName: one(auth, /name: "([\w-]+)"/, name),
    plainErrors: protocol === 'S3RestXmlProtocol',
    endpointPrefix: NAMED[name]?.endpointPrefix ?? one(endpoints, /"https:\/\/((?!fips)(?![\w.-]*-fips)[a-z0-9.-]+?)\.(?:\{Region\}\.)?(?:amazonaws\.com|\{\w+#dnsSuffix\})"/, name),
    version: one(config, /apiVersion: "([\d-]+)"/, name),
    xmlNamespace: one(config, /xmlNamespace: "([^"]+)"/, name, ''),
    target: one(config, /serviceTarget: "([^"]+)"/, name),
    protocol: PROTOCOLS[protocol] ?? fail(name, `protocol ${protocol}`),
  };
}

const [modules, out, ...names] = process.argv.slice(2);
if (names.length === 0) throw new Error('usage: models.mjs NODE_MODULES OUT SERVICE...');
writeTables(await Promise.all(names.map((name) => (fs.existsSync(own(name)) ? readOwn(name) : readService(modules, name)))), out);
