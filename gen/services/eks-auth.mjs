// EKS Auth, in the form of the SDK's schemas (README.md), because its client is not in every copy of the npm
// registry. https://docs.aws.amazon.com/eks/latest/APIReference/API_auth_AssumeRoleForPodIdentity.html
export const service = {
  package: 'gen/services/eks-auth.mjs',
  id: 'eks-auth',
  endpointPrefix: 'eks-auth',
  version: '2023-11-26',
  xmlNamespace: '',
  target: 'EKSAuthFrontend',
  protocol: 'AwsRestJsonProtocol',
};

const space = 'com.amazonaws.eksauth';
const text = 0, time = 4, label = 1;
const structure = (name, members) =>
  [3, space, name, 0, Object.keys(members), Object.values(members), Object.keys(members).length];
const error = (name, error, httpError) => [-3, space, name, { error, httpError }, ['message'], [text]];

const subject = structure('Subject', { namespace: text, serviceAccount: text });
const association = structure('PodIdentityAssociation', { associationArn: text, associationId: text });
const user = structure('AssumedRoleUser', { arn: text, assumeRoleId: text });
const credentials = structure('Credentials', {
  sessionToken: text, secretAccessKey: text, accessKeyId: text, expiration: time,
});
const request = structure('AssumeRoleForPodIdentityRequest', { clusterName: [text, label], token: text });
const response = structure('AssumeRoleForPodIdentityResponse', {
  subject: () => subject, audience: text, podIdentityAssociation: () => association,
  assumedRoleUser: () => user, credentials: () => credentials,
});

export const schemas = [
  [9, space, 'AssumeRoleForPodIdentity',
    { http: ['POST', '/clusters/{clusterName}/assume-role-for-pod-identity', 200] }, () => request, () => response],
  error('AccessDeniedException', 'client', 400),
  error('ExpiredTokenException', 'client', 400),
  error('InternalServerException', 'server', 500),
  error('InvalidParameterException', 'client', 400),
  error('InvalidRequestException', 'client', 400),
  error('InvalidTokenException', 'client', 400),
  error('ResourceNotFoundException', 'client', 404),
  error('ServiceUnavailableException', 'server', 503),
  error('ThrottlingException', 'client', 429),
];
