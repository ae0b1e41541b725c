// @cloud-copilot/iam-simulate on a workload, for comparison only: it is AGPL, a program of its own, and nothing of ours
// links or ships it. See workload.mjs for the arguments.
import { runSimulation } from '@cloud-copilot/iam-simulate';
import { arguments_, load, measure, roleOf } from './workload.mjs';

const given = arguments_();
const workload = load(given);
const named = (id) => ({ name: id, policy: workload.policies[id] });

const prepare = (request) => {
  const account = /^arn:[^:]*:[^:]*:[^:]*:(\d{12}):/.exec(request.resource)?.[1];
  return {
    request: {
      principal: request.principal,
      action: request.action,
      resource: { resource: request.resource, accountId: account ?? workload.account },
      contextVariables: { ...request.context, 'aws:PrincipalArn': roleOf(request.principal) },
    },
    identityPolicies: (workload.principals[request.principal] ?? []).map(named),
    serviceControlPolicies: [],
    resourceControlPolicies: [],
    resourcePolicy: request.resourcePolicy && workload.policies[request.resourcePolicy],
  };
};

// What it refuses to simulate (an action it does not know on this kind of resource, say) cannot be compared.
const decide = async (simulation) => {
  const said = await runSimulation(simulation, {});
  return said.resultType === 'error' ? '-' : said.overallResult;
};

console.log(JSON.stringify(await measure(workload, given, prepare, decide)));
process.exit(0);
