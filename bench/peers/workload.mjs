// What the peers share: a workload as policy_workload.py writes it, and the clock.
//
//   node PEER.mjs --policies P.json --requests R.jsonl --seconds S --decisions OUT
//
// A peer decides the first requests, as many as fit into its time, writes one decision word a line ("-" where the
// workload says what the peer cannot express) and prints one line of JSON with decisions per CPU second.
import { readFileSync, writeFileSync } from 'node:fs';

export function arguments_() {
  const given = {};
  for (let i = 2; i + 1 < process.argv.length; i += 2) given[process.argv[i].slice(2)] = process.argv[i + 1];
  return { ...given, seconds: Number(given.seconds ?? 2) };
}

export function load({ policies, requests }) {
  const workload = JSON.parse(readFileSync(policies, 'utf8'));
  workload.requests = readFileSync(requests, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line));
  return workload;
}

export const list = (value) => (value === undefined ? [] : Array.isArray(value) ? value : [value]);

// arn:aws:sts::A:assumed-role/R/S -> arn:aws:iam::A:role/R
export function roleOf(principal) {
  const session = /^arn:(.*):sts::(\d+):assumed-role\/([^/]+)\//.exec(principal);
  return session ? `arn:${session[1]}:iam::${session[2]}:role/${session[3]}` : principal;
}

function cpuSeconds() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

// Requests are made ready in the peer's own form beforehand, a hundred at a time, which is not counted. The best hundred
// counts: the first ones run before the compiler has warmed up.
export async function measure(workload, { seconds, decisions }, prepare, decide) {
  const words = [];
  let best = 0;
  const started = cpuSeconds();
  for (let from = 0; cpuSeconds() - started < seconds; from += 100) {
    const first = from % workload.requests.length;
    const batch = [];
    for (const request of workload.requests.slice(first, first + 100)) batch.push(await prepare(request));
    const start = cpuSeconds();
    const said = [];
    for (const ready of batch) said.push(await decide(ready));
    const spent = cpuSeconds() - start;
    if (spent > 0) best = Math.max(best, batch.length / spent);
    if (from < workload.requests.length) words.push(...said);
  }
  if (decisions) writeFileSync(decisions, words.map((word) => word + '\n').join(''));
  return { perSecond: best, decided: words.length };
}
