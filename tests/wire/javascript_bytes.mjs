// The codec against the JavaScript SDK, as test_botocore_bytes.py holds it against botocore: every operation that the
// pinned clients know, random inputs out and random answers back. The clients need Node 20; exits 77 where it is older.
//
//   WIRE_ECHO=… NODE_MODULES=… node javascript_bytes.mjs
import assert from 'node:assert';
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import readline from 'node:readline';
import { Readable } from 'node:stream';

if (Number(process.versions.node.split('.')[0]) < 20) {
  console.log(`skipped: the SDK's clients need Node 20, this is ${process.version}`);
  process.exit(77);
}
const require = createRequire(path.join(process.env.NODE_MODULES, 'x.js'));
const { NormalizedSchema } = require('@smithy/core/schema');
const { HttpResponse, buildQueryString } = require('@smithy/core/protocols');

const CLIENTS = { ec2: 'EC2Client', eks: 'EKSClient', iam: 'IAMClient', s3: 'S3Client', sts: 'STSClient' };
// Told apart by host, not by bytes; streams of events; made into a second, presigned request by the SDK.
const NOT_HERE = new Set(['ListDirectoryBuckets', 'SelectObjectContent', 'WriteGetObjectResponse', 'CopySnapshot']);
// What the SDK computes, encodes or checks itself.
const MADE_BY_SDK = new Set(['SSECustomerKey', 'SSECustomerKeyMD5', 'CopySourceSSECustomerKey', 'CopySourceSSECustomerKeyMD5',
  'ContentMD5', 'ContentLength', 'ContentEncoding', 'Expires', 'ExpiresString', 'ChecksumAlgorithm', 'ChecksumMode',
  'MFA', 'EncodingType', '$unknown']);

// --- wire_echo

const echo = spawn(process.env.WIRE_ECHO, { stdio: ['pipe', 'pipe', 'inherit'] });
const answers = readline.createInterface({ input: echo.stdout })[Symbol.asyncIterator]();
async function ask(job) {
  echo.stdin.write(`${JSON.stringify(job)}\n`);
  return JSON.parse((await answers.next()).value);
}

// --- random values by the SDK's own schemas

let state = 1;
const random = (below) => {
  state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
  return (state >> 8) % below;
};
const pick = (from) => from[random(from.length)];
const text = (alphabet) => `t${Array.from({ length: 1 + random(8) }, () => pick([...alphabet])).join('')}`;

function scalar(schema, traits) {
  if (schema.isBooleanSchema()) return random(2) === 1;
  if (schema.isNumericSchema()) return 1 + random(1000);
  if (schema.isTimestampSchema()) return new Date(random(4_000_000) * 1_000_000);
  if (schema.isBlobSchema()) return Uint8Array.from({ length: 1 + random(20) }, () => random(256));
  if (traits.httpHeader || traits.httpPrefixHeaders) return text('abcXYZ019/=+-;');
  if (traits.httpLabel) return text('abcXYZ019-_. /:+&é');
  return text('abc XYZ019<>&"\'/=+%.,é€😀');
}

function make(schema, depth = 0, traits = schema.getMergedTraits()) {
  if (schema.isStructSchema()) return makeStructure(schema, depth);
  if (schema.isListSchema()) return Array.from({ length: depth < 6 ? 1 + random(2) : 0 }, () => make(schema.getValueSchema(), depth + 1, traits));
  if (schema.isMapSchema()) {
    const key = () => text(traits.httpPrefixHeaders ? 'abcdef' : 'abcDEF -_<&');
    return Object.fromEntries(Array.from({ length: 1 + random(2) }, () => [key(), make(schema.getValueSchema(), depth + 1, traits)]));
  }
  return scalar(schema, traits);
}

function makeStructure(schema, depth) {
  const required = schema.getSchema()[6] ?? 0;
  let members = [...schema.structIterator()].map(([name, member], i) => ({ name, member, required: i < required }));
  if (schema.isUnionSchema()) members = [{ ...pick(members), required: true }];
  const out = {};
  for (const { name, member, required: needed } of members) {
    const wanted = needed || member.getMergedTraits().httpPayload || name === 'Key' || (depth < 6 && random(10) < 6);
    if (!wanted || MADE_BY_SDK.has(name) || (member.isStreaming() && depth === 0)) continue;
    out[name] = name === 'CopySource' ? 'source-bucket/a/key' : make(member, depth + 1);
  }
  // An empty structure cannot be seen in a query string.
  if (depth > 0 && members.length > 0 && empty(plain(out))) out[members[0].name] = make(members[0].member, depth + 1);
  if (depth === 0 && out.Bucket) out.Bucket = `bucket-${random(99)}`;
  return out;
}

// --- comparing

const empty = (v) => v === undefined || v === null || (typeof v === 'object' && Object.keys(v).length === 0);
function plain(v) {
  if (v instanceof Date) return { $time: v.getTime() / 1000 };
  if (v instanceof Uint8Array) return { $bytes: Buffer.from(v).toString('base64') };
  if (Array.isArray(v)) return v.map(plain).filter((x) => !empty(x));
  if (v === null || typeof v !== 'object') return v;
  return Object.fromEntries(Object.entries(v).map(([k, x]) => [k, plain(x)]).filter(([, x]) => !empty(x)));
}

function lacking(given, got, where) {
  if (given && typeof given === 'object' && got && typeof got === 'object' && (!Array.isArray(given) || given.length === got.length)) {
    return Object.keys(given).flatMap((k) => lacking(given[k], got[k], `${where}.${k}`));
  }
  return given === got ? [] : [`${where}: ${JSON.stringify(given)} became ${JSON.stringify(got)}`];
}

// --- the SDK's client over wire_echo

async function bytesOf(body) {
  if (body === undefined || body === null) return Buffer.alloc(0);
  if (typeof body === 'string' || body instanceof Uint8Array) return Buffer.from(body);
  const chunks = [];
  for await (const chunk of body) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

function connect(service) {
  const sdk = require(`@aws-sdk/client-${service}`);
  const seen = { job: null, read: null };
  const requestHandler = {
    async handle(request) {
      const query = buildQueryString(request.query ?? {});
      seen.read = await ask({
        do: 'read', service, method: request.method, target: request.path + (query ? `?${query}` : ''),
        headers: Object.entries(request.headers).map(([k, v]) => [k.toLowerCase(), String(v)]),
        body: (await bytesOf(request.body)).toString('base64'),
      });
      const answer = await ask({ service, ...seen.job });
      assert(!answer.error, JSON.stringify(answer));
      const body = Readable.from([Buffer.from(answer.body, 'base64')]);
      return { response: new HttpResponse({ statusCode: answer.status, headers: Object.fromEntries(answer.headers), body }) };
    },
    destroy() {},
    httpHandlerConfigs: () => ({}),
    updateHttpClientConfig() {},
  };
  const client = new sdk[CLIENTS[service]]({
    requestHandler, region: 'us-east-1', endpoint: 'http://127.0.0.1:9', forcePathStyle: true, maxAttempts: 1,
    requestChecksumCalculation: 'WHEN_REQUIRED', responseChecksumValidation: 'WHEN_REQUIRED',
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
  });
  return { sdk, client, seen };
}

async function requestFaults({ sdk, client, seen }, name, schema) {
  const [input, streamed] = makeInput(schema);
  seen.job = { do: 'fail', operation: name, code: 'Stop', message: 'a <b> & "c"', status: 409 };
  const error = await client.send(new sdk[`${name}Command`](input)).then(() => null, (e) => e);
  if (!seen.read) return [`${name}: not sent: ${error}`];
  if (seen.read.error) return [`${name}: ${JSON.stringify(seen.read.error)}`];
  if (seen.read.operation !== name) return [`${name} was taken for ${seen.read.operation}`];
  if (seen.read.missing) return [`${name}: ${seen.read.missing}`];
  if (schema[3]?.http?.[0] !== 'HEAD' && (error?.name !== 'Stop' || error?.message !== seen.job.message)) {
    return [`${name}: the error became ${error}`];
  }
  const { [streamed]: _, ...expected } = plain(input);
  return lacking(expected, plain(seen.read.input), name);
}

// The input, and the name of its streaming body: that is sent, but is not the codec's to read.
function makeInput(schema) {
  const shape = NormalizedSchema.of(schema[4]);
  if (!shape.isStructSchema()) return [{}, ''];
  const input = make(shape);
  const streamed = [...shape.structIterator()].find(([, m]) => m.isStreaming() && m.isBlobSchema())?.[0] ?? '';
  if (streamed) input[streamed] = Buffer.from('body');
  return [input, streamed];
}

async function answerFaults({ sdk, client, seen }, name, schema) {
  const shape = NormalizedSchema.of(schema[5]);
  if (!shape.isStructSchema()) return [];
  const given = plain(make(shape));
  const [input] = makeInput(schema);
  seen.job = { do: 'write', operation: name, output: given };
  let got;
  try {
    got = await client.send(new sdk[`${name}Command`](input));
  } catch (error) {
    return [`${name}: not read: ${error}`];
  }
  if (got.$metadata.requestId !== 'request-1') return [`${name}: request id ${got.$metadata.requestId}`];
  return lacking(given, plain(got), name);
}

let [calls, faults] = [0, []];
for (const service of Object.keys(CLIENTS)) {
  const connection = connect(service);
  const operations = Object.entries(connection.sdk).filter(([k, v]) => k.endsWith('$') && v[0] === 9 && !NOT_HERE.has(v[2]));
  assert(operations.length > 5, service);
  for (const [, schema] of operations) {
    for (const check of [requestFaults, answerFaults]) {
      connection.seen.read = null;
      faults.push(...(await check(connection, schema[2], schema)));
      calls += 1;
    }
  }
}
echo.stdin.end();
console.log(`${calls} calls, ${faults.length} faults`);
for (const fault of faults.slice(0, 30)) console.log(fault);
process.exit(faults.length ? 1 : 0);
