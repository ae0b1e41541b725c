kubectl get configmap aws-auth -n kube-system -o yaml
