// @kubernetes/client-node against a cluster: typed clients, patches, watch and informers.
//
//   KUBECONFIG=FILE node --test suite.test.mjs
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  ApiException,
  AuthenticationV1Api,
  AuthorizationV1Api,
  CoordinationV1Api,
  CoreV1Api,
  CustomObjectsApi,
  ApiextensionsV1Api,
  KubeConfig,
  KubernetesObjectApi,
  ListWatch,
  PatchStrategy,
  RbacAuthorizationV1Api,
  VersionApi,
  Watch,
  makeInformer,
  setHeaderOptions,
} from '@kubernetes/client-node';

const config = new KubeConfig();
config.loadFromFile(process.env.KUBECONFIG);
const core = config.makeApiClient(CoreV1Api);
const namespace = `node-${process.pid}`;

const configMap = (name, data, more = {}) => ({ metadata: { name, ...more }, data });
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function until(condition, what) {
  for (let i = 0; i < 500; i++) {
    if (condition()) return;
    await sleep(20);
  }
  assert.fail(`waited in vain for ${what}`);
}

async function refused(promise, code, reason) {
  await assert.rejects(promise, (error) => {
    assert.ok(error instanceof ApiException, String(error));
    assert.equal(error.code, code);
    assert.equal(JSON.parse(error.body).reason, reason);
    return true;
  });
}

before(async () => {
  const made = await core.createNamespace({ body: { metadata: { name: namespace } } });
  assert.equal(made.status.phase, 'Active');
});
after(async () => {
  await core.deleteNamespace({ name: namespace });
});

test('the version', async () => {
  const version = await config.makeApiClient(VersionApi).getCode();
  assert.equal(version.major, '1');
});

test('objects are made, read, replaced and deleted', async () => {
  await core.createNamespacedConfigMap({ namespace, body: configMap('a', { x: '1' }) });
  const read = await core.readNamespacedConfigMap({ namespace, name: 'a' });
  assert.deepEqual(read.data, { x: '1' });
  assert.ok(read.metadata.creationTimestamp instanceof Date);
  read.data.x = '2';
  const replaced = await core.replaceNamespacedConfigMap({ namespace, name: 'a', body: read });
  assert.equal(replaced.data.x, '2');
  assert.equal(replaced.metadata.uid, read.metadata.uid);
  read.data.x = '3';
  await refused(core.replaceNamespacedConfigMap({ namespace, name: 'a', body: read }), 409, 'Conflict');
  const gone = await core.deleteNamespacedConfigMap({ namespace, name: 'a' });
  assert.equal(gone.status, 'Success');
  await refused(core.readNamespacedConfigMap({ namespace, name: 'a' }), 404, 'NotFound');
});

test('errors are statuses', async () => {
  await core.createNamespacedConfigMap({ namespace, body: configMap('twice', {}) });
  await refused(core.createNamespacedConfigMap({ namespace, body: configMap('twice', {}) }), 409, 'AlreadyExists');
  await refused(core.createNamespacedConfigMap({ namespace, body: configMap('Not A Name', {}) }), 422, 'Invalid');
});

test('each kind of patch', async () => {
  await core.createNamespacedServiceAccount({ namespace, body: { metadata: { name: 'patched', labels: { a: '1' } } } });
  const patch = (body, strategy) =>
    core.patchNamespacedServiceAccount({ namespace, name: 'patched', body }, setHeaderOptions('Content-Type', strategy));
  let now = await patch([{ op: 'add', path: '/metadata/labels/b', value: '2' }], PatchStrategy.JsonPatch);
  assert.deepEqual(now.metadata.labels, { a: '1', b: '2' });
  now = await patch({ metadata: { labels: { a: null } } }, PatchStrategy.MergePatch);
  assert.deepEqual(now.metadata.labels, { b: '2' });
  now = await patch({ imagePullSecrets: [{ name: 'x' }] }, PatchStrategy.StrategicMergePatch);
  now = await patch({ imagePullSecrets: [{ name: 'y' }] }, PatchStrategy.StrategicMergePatch);
  assert.deepEqual(now.imagePullSecrets.map((s) => s.name).sort(), ['x', 'y']);
  await refused(patch([{ op: 'remove', path: '/metadata/labels/none' }], PatchStrategy.JsonPatch), 422, 'Invalid');
});

test('server-side apply, its conflict and its force', async () => {
  const objects = KubernetesObjectApi.makeApiClient(config);
  const apply = (data, manager, force) =>
    objects.patch({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'applied', namespace }, data }, undefined,
                  undefined, manager, force, PatchStrategy.ServerSideApply);
  await apply({ k: '1' }, 'one');
  await refused(apply({ k: '2' }, 'two'), 409, 'Conflict');
  const forced = await apply({ k: '2' }, 'two', true);
  assert.equal(forced.data.k, '2');
  assert.deepEqual(forced.metadata.managedFields.map((m) => m.manager), ['two']);
});

test('lists come in pages of one version', async () => {
  for (let i = 0; i < 5; i++)
    await core.createNamespacedSecret({ namespace, body: { metadata: { name: `s${i}`, labels: { page: 'yes' } } } });
  const seen = [];
  let token;
  let version;
  do {
    const page = await core.listNamespacedSecret({ namespace, limit: 2, _continue: token });
    seen.push(...page.items.map((s) => s.metadata.name));
    version ??= page.metadata.resourceVersion;
    assert.equal(page.metadata.resourceVersion, version);
    if (!token) await core.createNamespacedSecret({ namespace, body: { metadata: { name: 's9' } } });
    token = page.metadata._continue;
  } while (token);
  assert.deepEqual(seen, ['s0', 's1', 's2', 's3', 's4']);
  const selected = await core.listNamespacedSecret({ namespace, labelSelector: 'page=yes' });
  assert.equal(selected.items.length, 5);
  const removed = await core.deleteCollectionNamespacedSecret({ namespace, labelSelector: 'page=yes' });
  assert.equal(removed.items?.length ?? 5, 5);
});

test('a token is a user, and a review says whose', async () => {
  await core.createNamespacedServiceAccount({ namespace, body: { metadata: { name: 'robot' } } });
  const request = await core.createNamespacedServiceAccountToken(
    { namespace, name: 'robot', body: { spec: { audiences: [], expirationSeconds: 600 } } });
  const left = request.status.expirationTimestamp.getTime() - Date.now();
  assert.ok(left > 590_000 && left < 601_000, `${left} ms`);
  const authentication = config.makeApiClient(AuthenticationV1Api);
  const review = await authentication.createTokenReview({ body: { spec: { token: request.status.token } } });
  assert.equal(review.status.user.username, `system:serviceaccount:${namespace}:robot`);
  const bad = await authentication.createTokenReview({ body: { spec: { token: 'no.such.token' } } });
  assert.ok(!bad.status.authenticated && bad.status.error);
});

test('access follows roles', async () => {
  const rbac = config.makeApiClient(RbacAuthorizationV1Api);
  const authorization = config.makeApiClient(AuthorizationV1Api);
  const may = async (verb) => {
    const review = await authorization.createSubjectAccessReview({
      body: { spec: { user: 'ann', resourceAttributes: { namespace, verb, resource: 'secrets' } } } });
    return review.status.allowed;
  };
  assert.equal(await may('list'), false);
  await rbac.createNamespacedRole({
    namespace, body: { metadata: { name: 'r' }, rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['list'] }] } });
  await rbac.createNamespacedRoleBinding({
    namespace,
    body: { metadata: { name: 'b' }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'r' },
            subjects: [{ kind: 'User', name: 'ann' }] } });
  assert.equal(await may('list'), true);
  assert.equal(await may('delete'), false);
});

test('leases keep microseconds', async () => {
  const leases = config.makeApiClient(CoordinationV1Api);
  const renewTime = new Date('2026-01-02T03:04:05.678Z');
  await leases.createNamespacedLease({
    namespace, body: { metadata: { name: 'l' }, spec: { holderIdentity: 'me', renewTime } } });
  const read = await leases.readNamespacedLease({ namespace, name: 'l' });
  assert.equal(new Date(read.spec.renewTime).getTime(), renewTime.getTime());
});

test('a watch tells of every change, in order', async () => {
  const list = await core.listNamespacedConfigMap({ namespace });
  const seen = [];
  const controller = await new Watch(config).watch(
    `/api/v1/namespaces/${namespace}/configmaps`,
    { resourceVersion: list.metadata.resourceVersion, labelSelector: 'watched=yes', allowWatchBookmarks: true },
    (type, object) => { if (type !== 'BOOKMARK') seen.push(`${type} ${object.metadata.name} ${object.data?.n}`); },
    () => {});
  const label = { labels: { watched: 'yes' } };
  await core.createNamespacedConfigMap({ namespace, body: configMap('w', { n: '1' }, label) });
  await core.replaceNamespacedConfigMap({ namespace, name: 'w', body: configMap('w', { n: '2' }, label) });
  await core.replaceNamespacedConfigMap({ namespace, name: 'w', body: configMap('w', { n: '3' }) });
  await core.replaceNamespacedConfigMap({ namespace, name: 'w', body: configMap('w', { n: '4' }, label) });
  await core.deleteNamespacedConfigMap({ namespace, name: 'w' });
  await until(() => seen.length === 5, 'five events');
  controller.abort();
  assert.deepEqual(seen, ['ADDED w 1', 'MODIFIED w 2', 'DELETED w 2', 'ADDED w 4', 'DELETED w 4']);
});

test('a watch of what is yet to come is refused', async () => {
  await new Promise((resolve, reject) => {
    new Watch(config).watch(`/api/v1/namespaces/${namespace}/configmaps`, { resourceVersion: '999999999' },
      (type) => reject(new Error(`an event: ${type}`)),
      (error) => (error ? resolve() : reject(new Error('it ended without an error')))).catch(reject);
  });
});

test('an informer follows a collection', async () => {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts`;
  const informer = makeInformer(config, path, () => core.listNamespacedServiceAccount({ namespace }));
  const events = [];
  for (const verb of ['add', 'update', 'delete'])
    informer.on(verb, (object) => events.push(`${verb} ${object.metadata.name}`));
  const errors = [];
  informer.on('error', (error) => errors.push(error));
  await informer.start();
  await until(() => events.includes('add default'), 'the initial list');
  await core.createNamespacedServiceAccount({ namespace, body: { metadata: { name: 'informed' } } });
  await until(() => events.includes('add informed'), 'the new account');
  await core.patchNamespacedServiceAccount({ namespace, name: 'informed', body: { metadata: { labels: { a: 'b' } } } },
                                           setHeaderOptions('Content-Type', PatchStrategy.MergePatch));
  await until(() => events.includes('update informed'), 'the change');
  assert.equal(informer.get('informed', namespace).metadata.labels.a, 'b');
  await core.deleteNamespacedServiceAccount({ namespace, name: 'informed' });
  await until(() => events.includes('delete informed'), 'its end');
  assert.equal(informer.get('informed', namespace), undefined);
  assert.deepEqual(errors, []);
  await informer.stop();
});

test('two informers with selectors see each its own', async () => {
  const path = `/api/v1/namespaces/${namespace}/secrets`;
  const lists = ['x', 'y'].map((team) => {
    const watch = new Watch(config);
    return new ListWatch(path, watch, () => core.listNamespacedSecret({ namespace, labelSelector: `team=${team}` }),
                         true, `team=${team}`);
  });
  await until(() => lists.every((l) => l.list(namespace) !== undefined), 'both lists');
  for (const team of ['x', 'y'])
    await core.createNamespacedSecret({ namespace, body: { metadata: { name: `of-${team}`, labels: { team } } } });
  await until(() => lists.every((l) => l.list(namespace)?.length === 1), 'one secret each');
  assert.deepEqual(lists.map((l) => l.list(namespace)[0].metadata.name), ['of-x', 'of-y']);
  for (const l of lists) await l.stop();
});

test('custom resources have an informer too', async () => {
  const group = 'node.example.com';
  const extensions = config.makeApiClient(ApiextensionsV1Api);
  const custom = config.makeApiClient(CustomObjectsApi);
  const schema = { type: 'object', properties: { spec: { type: 'object', properties: { n: { type: 'integer' } } } } };
  await extensions.createCustomResourceDefinition({
    body: {
      metadata: { name: `things.${group}` },
      spec: { group, scope: 'Namespaced', names: { plural: 'things', kind: 'Thing', singular: 'thing' },
              versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }] } } });
  const at = { group, version: 'v1', plural: 'things', namespace };
  const informer = makeInformer(config, `/apis/${group}/v1/namespaces/${namespace}/things`,
                                () => custom.listNamespacedCustomObject(at));
  const events = [];
  informer.on('add', (object) => events.push(object.spec.n));
  await informer.start();
  const body = { apiVersion: `${group}/v1`, kind: 'Thing', metadata: { name: 't' }, spec: { n: 7, unknown: true } };
  const made = await custom.createNamespacedCustomObject({ ...at, body });
  assert.deepEqual(made.spec, { n: 7 });
  await until(() => events.length === 1, 'the new thing');
  assert.deepEqual(events, [7]);
  await informer.stop();
  await extensions.deleteCustomResourceDefinition({ name: `things.${group}` });
  await refused(custom.listNamespacedCustomObject(at), 404, 'NotFound');
});
