// @cedar-policy/cedar-wasm on a workload, translated. See workload.mjs for the arguments.
//
// Every IAM statement becomes Cedar policies: permit for Allow, forbid for Deny. The policies that one caller's request
// meets (its identity policies; the resource's policy) are one preparsed policy set each, as IAM too looks only at
// those. Actions without wildcards are entities; wildcards, which Cedar's actions do not have, are compared with the
// action's text in lower case. Resources are compared with the ARN's text.
//
// Not exact:
//   * Cedar's `like` lets a star run over the colons of an ARN; IAM's stays within its part.
//   * Policy variables have no counterpart: `like` takes no pattern made at run time. A statement with one is left out,
//     and requests of its caller for its actions are not compared ("-").
//   * That a KMS key's own policy must allow is AWS's rule: requests for keys are not compared.
//   * Cedar does not know whose account a resource is in. Where a resource policy is in play the two answers are put
//     together here as AWS does across accounts: both must allow.
import { createRequire } from 'node:module';
import { arguments_, list, load, measure, roleOf } from './workload.mjs';

const cedar = createRequire(import.meta.url)('@cedar-policy/cedar-wasm/nodejs');
const given = arguments_();
const workload = load(given);

const text = (s) => JSON.stringify(s);
const like = (pattern) => text(pattern).slice(1, -1);
const any = (tests) => (tests.length === 1 ? tests[0] : `(${tests.join(' || ')})`);

function actionTest(actions) {
  const plain = actions.filter((a) => !a.includes('*')).map((a) => `Action::${text(a.toLowerCase())}`);
  const tests = actions.filter((a) => a.includes('*')).map((a) => `context.action like "${like(a.toLowerCase())}"`);
  if (plain.length > 0) tests.unshift(`action in [${plain.join(', ')}]`);
  return any(tests);
}

function resourceTest(resources) {
  if (resources.includes('*')) return 'true';
  return any(resources.map((r) => (r.includes('*') ? `context.resource like "${like(r)}"` : `context.resource == ${text(r)}`)));
}

function conditionTest(operator, key, values) {
  const value = `context.keys[${text(key)}]`;
  const tests = {
    StringEquals: () => `[${values.map(text).join(', ')}].contains(${value})`,
    Bool: () => `[${values.map((v) => text(v.toLowerCase())).join(', ')}].contains(${value})`,
    StringLike: () => any(values.map((v) => `${value} like "${like(v)}"`)),
  };
  if (!(operator in tests)) throw new Error(`no translation of ${operator}`);
  return `(context.keys has ${text(key)} && ${tests[operator]()})`;
}

function principalTests(principal) {
  if (principal === undefined || principal === '*') return ['principal'];
  return list(principal.AWS).map((arn) => (arn === '*' ? 'principal' : `principal == Principal::${text(arn)}`));
}

// [Cedar text, …], or undefined where there is no translation.
function translate(statement) {
  const resources = list(statement.Resource);
  if (resources.some((r) => r.includes('${'))) return undefined;
  const tests = [actionTest(list(statement.Action)), resourceTest(resources)];
  for (const [operator, keys] of Object.entries(statement.Condition ?? {})) {
    for (const [key, values] of Object.entries(keys)) tests.push(conditionTest(operator, key, list(values)));
  }
  const effect = statement.Effect === 'Allow' ? 'permit' : 'forbid';
  const when = tests.filter((t) => t !== 'true').join(' && ') || 'true';
  return principalTests(statement.Principal).map((p) => `${effect} (${p}, action, resource) when { ${when} };`);
}

const sets = new Map(); // name -> { actions left out }
function prepared(ids) {
  const name = ids.join(' ');
  if (sets.has(name)) return name;
  const policies = [];
  const leftOut = [];
  for (const statement of ids.flatMap((id) => list(workload.policies[id].Statement))) {
    const translated = translate(statement);
    if (translated) policies.push(...translated);
    else leftOut.push(...list(statement.Action));
  }
  const parsed = cedar.preparsePolicySet(name, { staticPolicies: policies.join('\n') });
  if (parsed.type !== 'success') throw new Error(JSON.stringify(parsed.errors));
  const patterns = leftOut.map((a) => new RegExp(`^${a.replaceAll('*', '.*')}$`, 'i'));
  sets.set(name, (action) => patterns.some((p) => p.test(action)));
  return name;
}

const prepare = (request) => {
  const action = request.action.toLowerCase();
  const call = {
    principal: { type: 'Principal', id: roleOf(request.principal) },
    action: { type: 'Action', id: action },
    resource: { type: 'Resource', id: 'resource' },
    context: { action, resource: request.resource, keys: request.context },
    entities: [],
  };
  const asked = [workload.principals[request.principal] ?? []];
  if (request.resourcePolicy) asked.push([request.resourcePolicy]);
  const names = asked.map(prepared);
  return {
    calls: names.map((preparsedPolicySetId) => ({ ...call, preparsedPolicySetId })),
    untranslated: /^arn:[^:]*:kms:/.test(request.resource) || names.some((name) => sets.get(name)(request.action)),
  };
};

function word(call) {
  const said = cedar.statefulIsAuthorized(call);
  if (said.type !== 'success') throw new Error(JSON.stringify(said.errors));
  if (said.response.decision === 'allow') return 'Allowed';
  return said.response.diagnostics.reason.length > 0 ? 'ExplicitlyDenied' : 'ImplicitlyDenied';
}

const decide = ({ calls, untranslated }) => {
  const words = calls.map(word);
  if (words.includes('ExplicitlyDenied')) return 'ExplicitlyDenied';
  if (untranslated) return '-';
  return words.includes('ImplicitlyDenied') ? 'ImplicitlyDenied' : 'Allowed';
};

console.log(JSON.stringify(await measure(workload, given, prepare, decide)));
